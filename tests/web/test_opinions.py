"""The judge's opinions beside those of people, over HTTP."""

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from app.accounts.types import Role
from app.conversations.tables import TurnRow
from app.database import now
from app.insight.judged import Opinion
from app.insight.opinions import OpinionStore
from app.llm.money.tables import ModelCallRow
from app.wiring import Application
from tests.web.conftest import SignIn
from tests.web.customer import Talk

PATH = "/api/admin/evaluations/opinions"
QUESTIONS = ("How do I track a parcel?", "Where do refunds go?", "When is a refund paid after the parcel has arrived?")


@pytest.fixture
async def admin(sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def answered(application: Application, talk: Talk) -> list[str]:
    """The turns of three plain answers."""
    turns = []
    await application.judgement.policies.change(application.workspace_id, {"max_wrong": 0.5}, "Admin", None)
    for question in QUESTIONS:
        said = await talk.ask(question)
        done = next(event for event in said if event.name == "answer.completed")
        assert done.data["decision"] in {"answer", "caveat"}, question
        turns.append(str(done.data["turn_id"]))
    return turns


async def test_what_the_judge_said_stands_beside_what_people_said(
    admin: httpx.AsyncClient, application: Application, talk: Talk
) -> None:
    turns = await answered(application, talk)
    store, workspace_id = OpinionStore(application.database), application.workspace_id
    await store.keep(workspace_id, turns[0], Opinion(True, True, "It is all there."), "sonnet")
    await store.keep(workspace_id, turns[1], Opinion(True, False, "It speaks of another price."), "sonnet")
    for turn, right in zip(turns, (True, True, False), strict=True):
        (await admin.put(f"/api/inbox/turns/{turn}/verdict", json={"right": right})).raise_for_status()
    call = ModelCallRow(
        workspace_id=workspace_id, purpose="judge", model="sonnet", dialect="anthropic", cost_micro_usd=1_234
    )
    await application.database.write(lambda session: session.add(call))
    told = (await admin.get(PATH)).json()
    assert (told["answers"], told["judged"], told["models"]) == (3, 2, {"sonnet": 2})
    assert (told["follows"]["value"], told["answers_question"]["value"]) == (1.0, 0.5)
    assert 0 <= told["answers_question"]["low"] <= 0.5 <= told["answers_question"]["high"] <= 1
    assert (told["calls"], told["cost_micro_usd"]) == (1, 1_234)
    agreement = told["agreement"]
    assert (agreement["both"], agreement["same"]["value"]) == (2, 0.5)
    assert (agreement["missed"], agreement["strict"]) == (0, 1)
    assert {row["question"] for row in told["data"]} == set(QUESTIONS[:2])
    [disputed] = (await admin.get(PATH, params={"kind": "disputed"})).json()["data"]
    assert (disputed["turn_id"], disputed["people"], disputed["right"]) == (turns[1], True, False)
    assert disputed["conversation_id"] == talk.id
    assert [row["turn_id"] for row in (await admin.get(PATH, params={"kind": "wrong"})).json()["data"]] == [turns[1]]


async def test_old_answers_and_those_of_other_workspaces_are_left_out(
    admin: httpx.AsyncClient, application: Application, talk: Talk
) -> None:
    first, second, _ = await answered(application, talk)
    store = OpinionStore(application.database)
    await store.keep(application.workspace_id, first, Opinion(True, True, ""), "sonnet")
    await store.keep("another", second, Opinion(True, True, ""), "sonnet")
    aged = update(TurnRow).where(col(TurnRow.id) == first).values(started_at=now().replace(year=2020))
    await application.database.write(lambda session: session.execute(aged))
    told = (await admin.get(PATH)).json()
    assert (told["answers"], told["judged"], told["data"]) == (2, 0, [])


async def test_without_opinions_nothing_is_claimed(admin: httpx.AsyncClient) -> None:
    told = (await admin.get(PATH)).json()
    assert (told["judged"], told["follows"], told["agreement"]["same"], told["calls"]) == (0, None, None, 0)


@pytest.mark.parametrize("asked", [{"kind": "odd"}, {"limit": 0}, {"limit": 1000}, {"days": 0}])
async def test_bad_input_is_refused(admin: httpx.AsyncClient, asked: dict[str, str]) -> None:
    assert (await admin.get(PATH, params=asked)).status_code == 422
