"""The help centre: found while typing, asked for again, judged by its readers, and read by search engines."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from app.knowledge.articles import articles_of
from app.knowledge.types import Article, DocumentVersion
from app.web.pages import suggestions
from app.web.structured import questions, structured
from tests.web.conftest import SignIn

ARTICLE = "/help/track-a-parcel"


def version(
    name: str, locale: str = "en", audience: str = "public", text: str = "Text.", **front: str
) -> DocumentVersion:
    return DocumentVersion(name, 1, name.title(), "", text, locale, audience, dict(front), datetime.now(UTC))


async def test_articles_are_suggested_while_somebody_types(client: httpx.AsyncClient) -> None:
    unfinished = (await client.get("/help/suggestions.json", params={"q": "track a par"})).json()["data"]
    assert unfinished[0]["title"] == "Track a parcel"
    assert unfinished[0]["address"] == ARTICLE
    by_meaning = (await client.get("/help/suggestions.json", params={"q": "where is my parcel now"})).json()["data"]
    assert "Track a parcel" in [one["title"] for one in by_meaning]
    assert (await client.get("/help/suggestions.json", params={"q": " "})).json()["data"] == []
    assert "Compensate a lost parcel" not in str((await client.get("/help/suggestions.json?q=compensate")).json())


async def test_letters_without_sense_find_nothing(client: httpx.AsyncClient) -> None:
    assert "Nothing found for “xyzzyqwv”" in (await client.get("/help", params={"q": "xyzzyqwv"})).text
    assert "Nothing found" not in (await client.get("/help", params={"q": "parcel"})).text


def test_the_chat_begins_with_what_customers_would_ask() -> None:
    titles = (("Roles", "Admins"), ("How roles work", "Admins"), ("Invoices", "Money"), ("Can I pay?", "Money"))
    articles = [Article(title, title, "", "", shelf, "d", 1) for title, shelf in titles]
    assert suggestions(articles) == ["Can I pay?", "How roles work", "Invoices", "Roles"]


@pytest.mark.parametrize("path", ["/help", ARTICLE, f"{ARTICLE}.md", "/llms.txt", "/llms-full.txt", "/sitemap.xml"])
async def test_what_did_not_change_is_not_sent_again(client: httpx.AsyncClient, path: str) -> None:
    first = await client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get(path, headers={"if-none-match": f'W/"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200


async def test_a_crawler_may_ask_by_date(client: httpx.AsyncClient) -> None:
    modified = (await client.get(ARTICLE)).headers["last-modified"]
    assert (await client.get(ARTICLE, headers={"if-modified-since": modified})).status_code == 304
    before = format_datetime(datetime.now(UTC) - timedelta(days=400), usegmt=True)
    assert (await client.get(ARTICLE, headers={"if-modified-since": before})).status_code == 200
    assert (await client.get(ARTICLE, headers={"if-modified-since": "yesterday"})).status_code == 200


async def test_a_page_that_shows_who_is_signed_in_is_another_page(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    tag = (await client.get("/help")).headers["etag"]
    browser = await sign_in(Role.ADMIN)
    seen = await browser.get("/help", headers={"if-none-match": tag})
    assert (seen.status_code, "cookie" in seen.headers["vary"]) == (200, True)


async def test_readers_say_whether_an_article_helped_and_admins_see_it(
    client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    for helped in ("yes", "no", "no"):
        voted = await client.post(f"{ARTICLE}/feedback", data={"helped": helped})
        assert (voted.status_code, voted.headers["location"]) == (303, f"{ARTICLE}?thanks={helped}#helpful")
    admin = await sign_in(Role.ADMIN)
    (row,) = (await admin.get("/api/admin/help-feedback")).json()["data"]
    assert (row["title"], row["helped"], row["not_helped"]) == ("Track a parcel", 1, 2)


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        (f"{ARTICLE}/feedback", {"helped": "perhaps"}, 422),
        (f"{ARTICLE}/feedback", {}, 422),
        ("/help/no-such-article/feedback", {"helped": "yes"}, 404),
    ],
)
async def test_a_vote_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, path: str, data: dict[str, str], status: int
) -> None:
    assert (await client.post(path, data=data)).status_code == status


async def test_votes_are_not_taken_without_end_or_from_other_sites(client: httpx.AsyncClient) -> None:
    foreign = await client.post(f"{ARTICLE}/feedback", data={"helped": "yes"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    statuses = [(await client.post(f"{ARTICLE}/feedback", data={"helped": "yes"})).status_code for _ in range(21)]
    assert statuses == [303] * 20 + [429]


async def test_an_article_tells_search_engines_what_it_is(client: httpx.AsyncClient) -> None:
    page = (await client.get(ARTICLE)).text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    kinds = {one["@type"]: one for one in json.loads(found[1])["@graph"]}
    assert kinds["TechArticle"]["headline"] == "Track a parcel"
    assert kinds["BreadcrumbList"]["itemListElement"][0]["name"] == "Help centre"
    assert re.search(
        r"<loc>[^<]*/help/track-a-parcel</loc><lastmod>\d{4}-\d\d-\d\d</lastmod>",
        (await client.get("/sitemap.xml")).text,
    )


def test_sections_that_ask_are_an_faq_and_a_single_one_is_not() -> None:
    text = "Intro.\n\n## How long?\n\n- Two **days**.\n\n## Why?\n\nBecause [so](/help/x).\n\n## Notes\n\nNone.\n"
    assert questions(text) == [("How long?", "Two days."), ("Why?", "Because so.")]
    assert questions("## Why?\n\nBecause.\n") == []
    (article,) = articles_of([version("a", text=text)])
    graph: list[dict[str, Any]] = structured(article, version("a", text=text), "https://x.example", "X")["@graph"]
    assert [one["@type"] for one in graph] == ["TechArticle", "BreadcrumbList", "FAQPage"]


@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "<!--", "\u2028"])
def test_structured_data_cannot_leave_its_script(hostile: str) -> None:
    from app.web.templates import _templates  # noqa: PLC0415  # the very filter that the page uses

    render: Callable[..., str] = _templates().from_string("{{ value | tojson }}").render
    said = render(value={"headline": hostile})
    assert "<" not in said
    assert json.loads(said) == {"headline": hostile}


def test_an_article_is_one_family_in_all_its_languages_and_only_what_is_public_is_shown() -> None:
    shown = articles_of(
        [
            version("a", slug="returns"),
            version("b", "de", slug="returns"),
            version("c", "de", slug="returns"),
            version("d", audience="customers"),
            version("e", audience="internal"),
        ]
    )
    assert {one.slug: one.locale for one in shown} == {"returns": "de", "returns-en": "en", "returns-de": "de"}
    assert {one.family for one in shown} == {"returns"}
