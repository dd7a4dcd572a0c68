"""Looking into decisions: which there were, all that one was made from, and who may look."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import Update, update
from sqlmodel import Session, col

from app.accounts.types import SYSTEM, Role, Scope
from app.conversations.tables import TurnRow
from app.wiring import Application
from tests.web.conftest import SignIn
from tests.web.customer import Talk

QUESTIONS = ("How do I track a parcel?", "What does express delivery cost?", "Who painted the Mona Lisa?", "Hello!")
LIST = "/api/admin/decisions"


@pytest.fixture
async def admin(sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def listed(admin: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await admin.get(f"{LIST}?{query}")).raise_for_status().json()["data"]
    return rows


async def whole(admin: httpx.AsyncClient, turn_id: str) -> dict[str, Any]:
    told: dict[str, Any] = (await admin.get(f"{LIST}/{turn_id}")).raise_for_status().json()
    return told


async def change(application: Application, statement: Update) -> None:
    def operation(session: Session) -> None:
        session.execute(statement)

    await application.database.write(operation)


async def test_each_question_is_listed_with_what_became_of_it(admin: httpx.AsyncClient, talk: Talk) -> None:
    for question in QUESTIONS:
        await (await Talk.open(talk.client)).ask(question)
    rows = await listed(admin)
    assert [row["question"] for row in rows] == list(QUESTIONS[::-1])
    greeted = rows[0]
    assert (greeted["outcome"], greeted["reason"], greeted["by_rule"]) == ("answer", "greeting", True)
    assert all(0 <= row["low"] <= row["probability"] <= row["high"] <= 1 for row in rows)
    assert all(row["thresholds"]["caveat_from"] <= row["thresholds"]["answer_from"] for row in rows)
    assert [row["question"] for row in await listed(admin, "words=EXPRESS")] == [QUESTIONS[1]]
    assert [row["question"] for row in await listed(admin, "reason=greeting&outcome=answer")] == ["Hello!"]


async def test_pages_follow_each_other(admin: httpx.AsyncClient, talk: Talk) -> None:
    for question in QUESTIONS[:3]:
        await talk.ask(question)
    first = (await admin.get(f"{LIST}?limit=2")).json()
    second = (await admin.get(f"{LIST}?limit=2&after={first['next']}")).json()
    assert (len(first["data"]), len(second["data"]), second["next"]) == (2, 1, None)
    assert second["data"][0]["question"] == QUESTIONS[0]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("outcome=maybe", "“outcome” must be one of 'answer', 'caveat', 'clarify', 'offer' or 'escalate'."),
        ("reason=because", "“reason” must be one of 'confident', "),
        ("least=much", "“least” must be a number."),
        ("least=-0.1", "“least” must be at least 0.0."),
        ("most=1.5", "“most” may be at most 1.0."),
        ("most=nan", "“most” must be a number that is not infinite."),
        ("least=0.9&most=0.1", "The lowest probability, “least”, is above the highest, “most”."),
        ("days=0", "“days” must be at least 1."),
        ("days=many", "“days” must be a whole number."),
        ("limit=1000", "“limit” may be at most 200."),
        ("after=yesterday", "“after” is not the id of a decision. Take it from “next” of the page before."),
        (f"words={'x' * 101}", "“words” may have at most 100 characters; yours has 101."),
        ("surprise=1", "“surprise” is not known here. Please leave it out."),
    ],
)
async def test_a_search_with_a_mistake_is_refused_in_one_sentence(
    admin: httpx.AsyncClient, query: str, sentence: str
) -> None:
    refused = await admin.get(f"{LIST}?{query}")
    assert (refused.status_code, refused.json()["detail"].startswith(sentence)) == (422, True), refused.text


async def test_a_decision_is_told_with_all_that_it_was_made_from(admin: httpx.AsyncClient, talk: Talk) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    told = await whole(admin, row["turn_id"])
    assert (told["question"], told["searched"], told["conversation_id"]) == (QUESTIONS[0], None, talk.id)
    assert (told["same"], told["differences"], told["trouble"]) == (True, {}, None)
    best = told["passages"][0]
    assert (best["number"], best["read"], best["cited"]) == (1, True, True)
    assert best["score"] > 0 < best["cosine"]
    assert best["lexical"] > 0
    for one in (passage for passage in told["passages"] if passage["cited"]):
        text, start = one["passage"]["text"], one["passage"]["start"]
        assert all(text[quote["start"] - start : quote["end"] - start] == quote["quote"] for quote in one["quotes"])
    assert {one["reason"] for one in told["sentences"] if one["kept"]} <= {"verbatim", "supported", "courtesy"}
    assert all(one["text"] and one["counts"] for one in told["sentences"])
    assert 0 <= told["steps"]["found_ms"] <= told["steps"]["sentence_ms"] <= told["steps"]["answered_ms"]
    assert (told["work"]["models"], told["work"]["cost_micro_usd"]) == (["extractive"], 0)
    assert told["standing"]["policy"].items() >= {"version": 1, "now": 1, "by": "settings"}.items()
    assert told["standing"]["calibration"]["version"] == told["standing"]["calibration"]["now"]
    assert told["shown"]


async def test_the_calls_of_its_models_stand_by_it(admin: httpx.AsyncClient, talk: Talk) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    calls: list[dict[str, Any]] = []
    while not calls:  # a call is booked a moment after its end
        calls = (await whole(admin, row["turn_id"]))["work"]["calls"]
        await asyncio.sleep(0.02)
    assert [(call["purpose"], call["error"]) for call in calls] == [("answer", None)]
    assert 0 <= calls[0]["after_ms"] < 60_000
    assert not {"customer_id", "workspace_id"} & calls[0].keys()


async def test_what_people_said_stands_by_it(admin: httpx.AsyncClient, talk: Talk) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    await admin.put(f"/api/inbox/turns/{row['turn_id']}/verdict", json={"right": False})
    await admin.patch("/api/admin/policy", json={"max_wrong": 0.3})
    told = await whole(admin, row["turn_id"])
    assert (told["verdict"], told["standing"]["policy"]["version"], told["standing"]["policy"]["now"]) == (False, 1, 2)


async def test_personal_data_of_a_question_is_replaced(admin: httpx.AsyncClient, talk: Talk) -> None:
    await talk.ask("How do I track a parcel? Write to ada.lovelace@example.com or call +49 30 901820.")
    [row] = await listed(admin)
    shown = (await admin.get(f"{LIST}/{row['turn_id']}")).text
    assert "⟦EMAIL_1⟧" in row["question"]
    assert "lovelace" not in shown
    assert "901820" not in shown
    assert await listed(admin, "words=lovelace") == []


async def test_passages_that_are_gone_and_records_of_old_are_told_as_far_as_they_go(
    admin: httpx.AsyncClient, talk: Talk, application: Application
) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    [(turn_id, record)] = await application.judgement.deeds.records(application.workspace_id, 1)
    record["hits"] = [{"passage_id": "gone", "score": 0.5}]
    record["verdicts"] = [{"kept": True, "score": 1.0, "reason": "verbatim"}]
    old = update(TurnRow).where(col(TurnRow.id) == turn_id).values(record=record)
    await change(application, old)
    told = await whole(admin, row["turn_id"])
    assert (told["passages"][0]["passage"], told["passages"][0]["cosine"]) == (None, None)
    assert (told["sentences"][0]["text"], told["same"]) == (None, True)


async def test_agents_and_other_keys_may_not_look(
    sign_in: SignIn, talk: Talk, application: Application, admin: httpx.AsyncClient
) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    agent = await sign_in(Role.AGENT)
    _, inbox = await application.keys.add(application.workspace_id, "inbox", SYSTEM, [Scope.INBOX])
    _, admins = await application.keys.add(application.workspace_id, "admin", SYSTEM, [Scope.ADMIN])
    for path in (LIST, f"{LIST}/{row['turn_id']}"):
        assert (await talk.client.get(path)).status_code == 401
        assert (await agent.get(path)).status_code == 403
        assert (await talk.client.get(path, headers={"Authorization": f"Bearer {inbox}"})).status_code == 403
        assert (await talk.client.get(path, headers={"Authorization": f"Bearer {admins}"})).status_code == 200
    assert (await agent.get(f"/console/decisions/{row['turn_id']}")).status_code in {303, 403}


async def test_another_workspaces_decision_looks_like_none_at_all(
    admin: httpx.AsyncClient, talk: Talk, application: Application
) -> None:
    await talk.ask(QUESTIONS[0])
    [row] = await listed(admin)
    await change(application, update(TurnRow).values(workspace_id="another"))
    assert await listed(admin) == []
    refused = await admin.get(f"{LIST}/{row['turn_id']}")
    assert (refused.status_code, refused.json()["detail"]) == (404, "There is no decided answer of this id.")
