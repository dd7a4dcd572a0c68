"""What is wrong is said in one plain sentence, and nothing is lost."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import update
from sqlmodel import col

from app.accounts.types import Role
from app.conversations.tables import ConversationRow
from app.database import now
from app.settings import LimitSettings, Settings
from app.wiring import Application
from tests.web.conftest import SignIn, settings_of
from tests.web.customer import Talk

JSON = {"Content-Type": "application/json"}


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem, whose shape is checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    return problem


async def test_the_type_of_a_problem_is_an_address_that_explains_it(talk: Talk) -> None:
    refused = problem_of(await talk.post("messages", {"text": " "}), 422)
    unknown = problem_of(await talk.client.get("/api/nothing"), 404)
    assert (refused["type"], unknown["type"]) == ("/problems/invalid", "about:blank")
    explained = await talk.client.get(refused["type"])
    assert (explained.status_code, "Something in this request is not right." in explained.text) == (200, True)
    assert (await talk.client.get("/problems/none-such")).status_code == 404


@pytest.mark.parametrize("text", ["", " \n\t ", "\u2003"])
async def test_an_empty_question_is_refused(talk: Talk, text: str) -> None:
    assert "needs some text" in problem_of(await talk.post("messages", {"text": text}), 422)["detail"]


async def test_too_long_a_question_is_refused_with_the_limit_named(talk: Talk) -> None:
    problem = problem_of(await talk.post("messages", {"text": "x" * 5000}), 422)
    assert problem["detail"].startswith("A question may have at most 4,000 characters; yours has 5,000.")
    assert (await talk.view())["messages"] == []


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"\xff\xfe{", 400, "valid JSON in UTF-8"),
        (b'{"text": "\xff"}', 400, "valid JSON in UTF-8"),
        (b'{"text": ', 422, "not valid JSON"),
        (b'{"text": "a\\u0000b"}', 422, "NUL"),
        (b'{"text": "\\ud800"}', 422, "valid Unicode"),
        (b'{"text": 5}', 422, "must be text"),
        (b'{"text": null}', 422, "must be text"),
        (b"{}", 422, "“text” is missing"),
        (b"[]", 422, "JSON object"),
        (b"", 422, "missing"),
        (b'{"text": "Hi", "workspace_id": "other"}', 422, "“workspace_id” is not known here"),
        (b'{"text": "Hi", "client_message_id": ""}', 422, "at least 1 character"),
        (b"[" * 100_000, 400, "valid JSON"),
    ],
)
async def test_a_body_that_is_not_right_is_told_so(talk: Talk, body: bytes, status: int, said: str) -> None:
    response = await talk.client.post(f"{talk.path}/messages", content=body, headers=talk.headers | JSON)
    assert said in problem_of(response, status)["detail"]


async def test_a_field_that_is_not_right_is_pointed_at(client: httpx.AsyncClient) -> None:
    body = {"customer": {"name": "x" * 501}}
    problem = problem_of(await client.post("/api/conversations", json=body), 422)
    assert problem["errors"] == [
        {"pointer": "/customer/name", "detail": "“customer.name” may have at most 500 characters; yours has 501."}
    ]


@pytest.mark.parametrize("number", ["1180591620717411303424", "1e300", "Infinity", "NaN"])
async def test_a_number_that_not_every_language_can_read_is_refused(client: httpx.AsyncClient, number: str) -> None:
    body = f'{{"customer": {{"attributes": {{"age": {number}}}}}}}'.encode()
    problem_of(await client.post("/api/conversations", content=body, headers=JSON), 422)


async def test_a_form_is_no_question(talk: Talk) -> None:
    response = await talk.client.post(f"{talk.path}/messages", data={"text": "Hi"}, headers=talk.headers)
    assert "application/json" in problem_of(response, 422)["detail"]


async def test_a_body_of_a_megabyte_is_refused_whether_or_not_it_says_its_length(talk: Talk) -> None:
    body = json.dumps({"text": "x" * 1_000_000}).encode()
    where, headers = f"{talk.path}/messages", talk.headers | JSON
    assert "256 KB" in problem_of(await talk.client.post(where, content=body, headers=headers), 413)["detail"]

    async def piece_by_piece() -> Any:  # noqa: ANN401  # an iterator that httpx reads
        for at in range(0, len(body), 65536):
            yield body[at : at + 65536]

    problem_of(await talk.client.post(where, content=piece_by_piece(), headers=headers), 413)


async def test_unknown_and_foreign_conversations_look_the_same(talk: Talk) -> None:
    other = await Talk.open(talk.client)
    unknown = "00000000-0000-7000-8000-000000000000"
    for where, headers in (
        (other.path, talk.headers),
        (f"/api/conversations/{unknown}", talk.headers),
        (talk.path, {"Authorization": f"Bearer {talk.id}.guessed"}),
        (f"/api/conversations/{unknown}", {"Authorization": f"Bearer {unknown}.guessed"}),
    ):
        problem_of(await talk.client.get(where, headers=headers), 404)
        problem_of(await talk.client.get(f"{where}/events", headers=headers), 404)
        problem_of(await talk.client.post(f"{where}/stop", headers=headers), 404)
        problem_of(await talk.client.post(f"{where}/messages", json={"text": "Hi"}, headers=headers), 404)


async def test_anothers_answer_cannot_be_rated(talk: Talk) -> None:
    other = await Talk.open(talk.client)
    message = (await other.ask("How do I track a parcel?"))[-1].data["message"]["id"]
    where = f"/api/messages/{message}/rating"
    problem_of(await talk.client.put(where, json={"value": "down"}, headers=talk.headers), 404)


async def test_an_expired_token_is_told_so(talk: Talk, application: Application) -> None:
    mine, expired = col(ConversationRow.id) == talk.id, {"token_expires_at": now().replace(year=2020)}
    await application.database.write(lambda s: s.execute(update(ConversationRow).where(mine).values(expired)).close())
    response = await talk.client.get(talk.path, headers=talk.headers)
    assert "expired" in problem_of(response, 401)["detail"]
    assert response.headers["www-authenticate"] == "Bearer"


class TestTooFast:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings_of(settings.data_dir, LimitSettings(questions_per_minute=2, conversations_per_minute=2))

    async def test_the_third_question_of_two_is_told_how_long_to_wait(self, talk: Talk) -> None:
        for _ in range(2):
            await talk.ask("How do I track a parcel?")
        response = await talk.post("messages", {"text": "And again?"})
        assert "Please wait" in problem_of(response, 429)["detail"]
        assert 0 < int(response.headers["retry-after"]) <= 60

    async def test_every_question_is_told_how_many_are_left(self, talk: Talk) -> None:
        told = [(await talk.post("messages", {"text": " "})).headers for _ in range(3)]
        assert {one["ratelimit-policy"] for one in told} == {'"questions";q=2;w=60'}
        assert [one["ratelimit"].partition(";t=")[0] for one in told] == [f'"questions";r={left}' for left in (1, 0, 0)]

    async def test_conversations_are_counted_by_address(self, client: httpx.AsyncClient) -> None:
        statuses = [(await client.post("/api/conversations", json={})).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]

    async def test_another_conversation_is_not_counted_along(self, client: httpx.AsyncClient) -> None:
        for talk in [await Talk.open(client), await Talk.open(client)]:
            for _ in range(2):
                await talk.ask("How do I track a parcel?")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/v2/models", 404),
        ("DELETE", "/api/conversations", 405),
        ("GET", "/api/conversations/%00", 400),
        ("GET", "/api/search?q=%00", 400),
        ("GET", "/api/documents/x/versions/99999999999999999999", 401),
    ],
)
async def test_an_address_that_is_not_right_is_told_so(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    problem_of(await client.request(method, path), status)


@pytest.mark.parametrize("query", ["after=-1", "after=99999999999999999999", "after=abc"])
async def test_a_cursor_that_is_not_right_is_told_so(talk: Talk, query: str) -> None:
    problem_of(await talk.client.get(f"{talk.path}/events?{query}", headers=talk.headers), 422)


async def test_an_offset_beyond_the_text_gives_nothing(talk: Talk) -> None:
    citation = (await talk.ask("How do I track a parcel?"))[-1].data["citations"][0]
    where = f"/api/documents/{citation['document_id']}/versions/{citation['version']}"
    assert (await talk.client.get(f"{where}?start=100000", headers=talk.headers)).json()["text"] == ""
    problem_of(await talk.client.get(f"{where}?start=-1", headers=talk.headers), 422)
    problem_of(await talk.client.get(where.replace("/versions/", "/versions/9"), headers=talk.headers), 404)
    too_large = where.rpartition("/")[0] + "/99999999999999999999"
    problem_of(await talk.client.get(too_large, headers=talk.headers), 422)


async def test_a_browser_that_errs_sees_a_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/nowhere", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")


TEXTS = strategies.text(max_size=30) | strategies.sampled_from(["\x00", "' OR 1=1 --", "../../etc/passwd", "{{7*7}}"])
SCALARS = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | TEXTS
BODIES = strategies.recursive(
    SCALARS, lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(TEXTS, inner, max_size=3)
)
FIELDS = strategies.sampled_from(
    [
        "text",
        "email",
        "password",
        "name",
        "role",
        "scopes",
        "value",
        "customer",
        "locale",
        "version",
        "messages",
        "model",
    ]
)
CUSTOMER_POSTS = ("/api/conversations", "{}/messages", "{}/contact", "{}/handoff", "{}/stop")
STAFF_POSTS = (
    "/api/session",
    "/api/invitations/x",
    "/api/admin/people",
    "/api/admin/keys",
    "/api/admin/sources",
    "/api/admin/uploads",
    "/api/inbox{}/replies",
    "/api/inbox{}/notes",
    "/api/inbox{}/draft/edit",
    "/api/admin/snapshots/x/publish",
)


@pytest.mark.slow
async def test_no_body_whatever_gives_a_server_error(talk: Talk, sign_in: SignIn, application: Application) -> None:
    owner = await sign_in(Role.OWNER)
    _, key = await application.keys.add(application.workspace_id, "k", (await _owner(application)).actor)
    tried: list[tuple[str, Any]] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(BODIES | strategies.dictionaries(FIELDS, BODIES, max_size=4), strategies.integers(0, 100))
    def collect(body: Any, which: int) -> None:  # noqa: ANN401  # any JSON there is
        paths = (*CUSTOMER_POSTS, *STAFF_POSTS, "/v1/chat/completions")
        tried.append((paths[which % len(paths)], body))

    collect()
    for path, body in tried:
        content = json.dumps(body).encode()
        if path.startswith("/v1"):
            response = await talk.client.post(path, content=content, headers=JSON | {"Authorization": f"Bearer {key}"})
        elif path in CUSTOMER_POSTS:
            response = await talk.client.post(path.format(talk.path), content=content, headers=JSON | talk.headers)
        else:
            where = path.format(talk.path.removeprefix("/api"))
            response = await owner.post(where, content=content, headers=JSON)
        assert response.status_code < 500, (path, body, response.text)


async def _owner(application: Application) -> Any:  # noqa: ANN401  # a person
    return (await application.people.all(application.workspace_id))[0]
