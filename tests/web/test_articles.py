"""Articles written in the console, from the first draft to the answer that cites them."""

from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from app.database import now
from app.wiring import Application
from tests.web.conftest import SignIn
from tests.web.customer import Talk
from tests.web.test_bad_input import problem_of
from tests.web.test_pushed import ended

ARTICLES = "/api/admin/articles"
BODY = {
    "title": "Drone delivery",
    "category": "Delivery",
    "text": "Delivery by drone costs nine euros for each parcel.\n",
}
QUESTION = "What does delivery by drone cost?"


async def begun(admin: httpx.AsyncClient, **changes: str) -> tuple[str, str]:
    response = await admin.post(ARTICLES, json=BODY | changes)
    assert response.status_code == 201, response.text
    return f"{ARTICLES}/{response.json()['id']}", response.headers["etag"]


async def test_an_article_is_cited_and_shown_once_published_and_gone_when_taken_back(
    talk: Talk, sign_in: SignIn
) -> None:
    admin = await sign_in(Role.ADMIN)
    place, etag = await begun(admin)
    assert "nine euros" not in str(await talk.ask(QUESTION))
    published = await admin.post(f"{place}/publish", headers={"If-Match": etag})
    assert (published.status_code, published.json()["state"]) == (202, "published")
    assert (await ended(admin, published.json()["run_id"]))["counts"]["added"] == 1
    answer = (await (await Talk.open(talk.client)).ask(QUESTION))[-1].data
    assert "nine euros" in answer["message"]["text"]
    assert (answer["citations"][0]["title"], answer["citations"][0]["url"]) == (
        "Drone delivery",
        "/help/drone-delivery",
    )
    assert "nine euros" in (await talk.client.get("/help/drone-delivery")).text
    back = (await admin.post(f"{place}/unpublish")).json()
    assert back["state"] == "draft"
    await ended(admin, back["run_id"])
    assert (await talk.client.get("/help/drone-delivery")).status_code == 404
    assert (await admin.delete(place)).status_code == 204
    problem_of(await admin.get(place), 404)
    actions = [entry["action"] for entry in (await admin.get("/api/admin/audit")).json()["data"]]
    assert actions[:4] == ["article.deleted", "article.unpublished", "article.published", "article.created"]


async def test_two_who_edit_do_not_overwrite_each_other(sign_in: SignIn) -> None:
    maya, sam = await sign_in(Role.ADMIN), await sign_in(Role.OWNER)
    place, etag = await begun(maya)
    mine = await maya.put(place, json=BODY | {"text": "Mine."}, headers={"If-Match": etag})
    assert mine.status_code == 200
    refused = problem_of(await sam.put(place, json=BODY | {"text": "Theirs."}, headers={"If-Match": etag}), 412)
    assert refused["detail"] == "Admin saved this article in the meantime. Compare, then keep one or the other."
    assert (await sam.get(place)).json()["text"] == "Mine."
    kept = await sam.put(place, json=BODY | {"text": "Theirs."}, headers={"If-Match": mine.headers["etag"]})
    assert kept.status_code == 200
    states = (await maya.get(f"{place}/revisions")).json()["data"]
    assert [(one["number"], one["changed_by"]) for one in states] == [(2, "Owner"), (1, "Admin")]
    first = (await maya.get(f"{place}/revisions/1")).json()
    assert first["said"]["text"] == "Mine."
    restored = await maya.put(place, json=first["said"], headers={"If-Match": kept.headers["etag"]})
    assert (restored.json()["text"], restored.json()["sitting"]) == ("Mine.", 3)


async def test_saves_of_one_sitting_are_one_state_until_it_is_published(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place, _ = await begun(admin)
    for number in range(2):
        await admin.put(place, json=BODY | {"text": f"Draft {number}."})
    saved = (await admin.put(place, json=BODY | {"text": "Last draft."})).json()
    assert (saved["revision"], saved["sitting"], saved["state"]) == (4, 1, "draft")
    await admin.post(f"{place}/publish")
    changed = (await admin.put(place, json=BODY | {"text": "Better."})).json()
    assert (changed["sitting"], changed["state"]) == (2, "changed")
    assert (await admin.put(place, json=BODY | {"text": "Better."})).json()["revision"] == changed["revision"]


async def test_addresses_are_told_apart_and_articles_are_found_by_their_words(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    await begun(admin)
    place, _ = await begun(admin, text="Another text about balloons.")
    assert (await admin.get(place)).json()["slug"] == "drone-delivery-2"
    taken = await admin.put(place, json=BODY | {"slug": "drone-delivery"})
    assert "Another article has the address" in problem_of(taken, 409)["detail"]
    found = (await admin.get(ARTICLES, params={"q": "balloons drone"})).json()["data"]
    assert [one["slug"] for one in found] == ["drone-delivery-2"]


async def test_articles_are_overdue_the_day_after_their_review(sign_in: SignIn, application: Application) -> None:
    admin = await sign_in(Role.ADMIN)
    place, _ = await begun(admin, review_on="2020-01-31", owner="Maya")
    today = now().date()
    assert await application.articles.overdue(application.workspace_id, today) == []
    await admin.post(f"{place}/publish")
    (late,) = await application.articles.overdue(application.workspace_id, today)
    assert (late.writing.owner, str(late.writing.review_on)) == ("Maya", "2020-01-31")
    assert len((await admin.get(ARTICLES, params={"overdue": True})).json()["data"]) == 1


async def test_the_preview_is_what_the_help_centre_shows(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    text = "# T\n\n**Bold** <script>alert(1)</script> [bad](javascript:alert(1))\n"
    shown = (await admin.post(f"{ARTICLES}/preview", json={"title": "T", "text": text})).json()["html"]
    assert "<strong>Bold</strong>" in shown
    assert "<script" not in shown
    assert "<h1" not in shown
    assert "javascript:" not in shown.replace("[bad](javascript:alert(1))", "")


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"audience": "all"}, {"review_on": "soon"}, {"text": "x" * 100_001}, {"extra": 1}]
)
async def test_an_article_that_is_not_right_is_refused(sign_in: SignIn, changes: dict[str, Any]) -> None:
    admin = await sign_in(Role.ADMIN)
    problem_of(await admin.post(ARTICLES, json=BODY | changes), 422)


async def test_an_empty_article_is_not_published_and_a_published_one_not_deleted(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    place, _ = await begun(admin, text=" ")
    assert "nothing to publish" in problem_of(await admin.post(f"{place}/publish"), 422)["detail"]
    problem_of(await admin.post(f"{place}/unpublish"), 409)
    await admin.put(place, json=BODY)
    await admin.post(f"{place}/publish")
    assert "Take it back first" in problem_of(await admin.delete(place), 409)["detail"]
    problem_of(await admin.put(place, json=BODY, headers={"If-Match": '"x"'}), 422)
