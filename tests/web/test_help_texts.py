"""The help centre for machines: articles as plain Markdown, and what kinds of problems mean."""

import httpx
import pytest

from app.web.problems import kinds


async def test_an_article_is_there_as_markdown(client: httpx.AsyncClient) -> None:
    response = await client.get("/help/track-a-parcel.md")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert response.text.startswith("# Track a parcel\n\nSource: http")
    assert (await client.get("/help/no-such-article.md")).status_code == 404


async def test_the_whole_help_centre_is_one_text_without_what_is_internal(client: httpx.AsyncClient) -> None:
    titles = [line for line in (await client.get("/llms-full.txt")).text.splitlines() if line.startswith("# ")]
    assert "# Track a parcel" in titles
    assert "# Compensate a lost parcel" not in titles


async def test_the_whole_text_is_not_given_without_end(client: httpx.AsyncClient) -> None:
    statuses = [(await client.get("/llms-full.txt")).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


@pytest.mark.parametrize("address", ["/chat", "/help", "/llms.txt", "/healthz", "/help/track-a-parcel.md"])
async def test_who_only_asks_whether_a_page_is_there_is_told(client: httpx.AsyncClient, address: str) -> None:
    response = await client.head(address)
    assert (response.status_code, response.content) == (200, b"")
    assert (await client.head("/help/no-such-article")).status_code == 404
    assert (await client.head("/api/session")).status_code == 405


@pytest.mark.parametrize("address", sorted(kinds()))
async def test_every_kind_of_problem_is_explained(client: httpx.AsyncClient, address: str) -> None:
    response = await client.get(address)
    assert response.status_code == 200
    assert (kinds()[address].__doc__ or "").strip() in response.text
