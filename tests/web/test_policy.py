"""The policy under an admin's hands: seen, tried out, changed, and never left for a worse one."""

import asyncio
from typing import Any

import httpx
import pytest

from app.accounts.types import Role
from app.answering.deciding.again import decided_again
from app.answering.deciding.store import DecisionStore
from app.insight.calibration import Recalibration
from app.insight.verdicts import Deeds
from app.wiring import Application
from tests.web.conftest import SignIn
from tests.web.customer import Talk

QUESTIONS = ("How do I track a parcel?", "What does express delivery cost?", "Who painted the Mona Lisa?", "Hello!")


@pytest.fixture
async def admin(sign_in: SignIn) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def policy(admin: httpx.AsyncClient) -> dict[str, Any]:
    told: dict[str, Any] = (await admin.get("/api/admin/policy")).json()
    return told


async def test_the_settings_are_the_first_version_and_the_shipped_calibration_stands(admin: httpx.AsyncClient) -> None:
    told = await policy(admin)
    assert (told["version"], told["max_wrong"], told["office_hours"]) == (1, 0.1, None)
    assert not told["calibration"]["own"]
    assert not told["promise"]["kept"]
    assert 0 < told["thresholds"]["caveat_from"] <= told["thresholds"]["answer_from"] <= 1.01
    assert told["verdicts"] == {"right": 0, "all": 0, "needed": 100, "sources": {}}


async def test_a_change_stands_at_once_and_is_kept_with_who_made_it(
    admin: httpx.AsyncClient, application: Application
) -> None:
    before = await policy(admin)
    hours = {"zone": "Europe/Berlin", "monday": ["09:00-12:00", "13:00-17:00"]}
    wanted = {"max_wrong": 0.3, "never_auto": ["chargeback"], "office_hours": hours, "version": before["version"]}
    changed = (await admin.patch("/api/admin/policy", json=wanted)).json()
    assert (changed["version"], changed["max_wrong"], changed["office_hours"]) == (2, 0.3, hours)
    assert changed["thresholds"]["answer_from"] < before["thresholds"]["answer_from"]
    assert application.judgement.policies.rules(application.workspace_id).never_auto == ("chargeback",)
    versions = (await admin.get("/api/admin/policy/versions")).json()["data"]
    assert [one["by"] for one in versions] == ["Admin", "settings"]
    [entry, *_] = (await admin.get("/api/admin/audit?action=policy")).json()["data"]
    assert (entry["before"]["max_wrong"], entry["after"]["max_wrong"]) == (0.1, 0.3)


async def test_a_whole_policy_is_put_and_what_is_left_out_is_the_default(admin: httpx.AsyncClient) -> None:
    await admin.patch("/api/admin/policy", json={"never_auto": ["chargeback"], "max_wrong": 0.2})
    told = (await admin.put("/api/admin/policy", json={"max_wrong": 0.1})).json()
    assert (told["max_wrong"], told["never_auto"]) == (0.1, [])


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        ({"max_wrong": 0}, 422, "must be a number from 0.005 to 0.5"),
        ({"max_wrong": None}, 422, "must be a number"),
        ({"caveat_from": 2}, 422, "must be a number from 0 to 1"),
        ({"never_auto": ["  "]}, 422, "topics"),
        ({"office_hours": {"zone": "Europe/Atlantis", "monday": ["09:00-17:00"]}}, 422, "is no time zone"),
        ({"office_hours": {"monday": ["17:00-09:00"]}}, 422, "cannot be read"),
        ({"office_hours": {"monday": ["09:00-12:00", "11:00-17:00"]}}, 422, "overlap"),
        ({"office_hours": {"someday": ["09:00-12:00"]}}, 422, "is no day of the week"),
        ({"office_hours": {"zone": "UTC"}}, 422, "at least one open day"),
        ({"max_wrong": 0.1, "version": 7}, 409, "version 1 now"),
        ({}, 422, "Nothing was changed"),
        ({"surprise": 1}, 422, "surprise"),
    ],
)
async def test_a_bad_policy_changes_nothing(
    admin: httpx.AsyncClient, wanted: dict[str, Any], status: int, words: str
) -> None:
    before = await policy(admin)
    for send in (admin.patch, admin.put):
        refused = await send("/api/admin/policy", json=wanted)
        if wanted or send == admin.patch:
            assert (refused.status_code, words in refused.text) == (status, True), refused.text
            assert await policy(admin) == before


async def test_a_preview_counts_what_the_last_answers_would_have_been(admin: httpx.AsyncClient, talk: Talk) -> None:
    for question in QUESTIONS:
        await (await Talk.open(talk.client)).ask(question)
    stood = await policy(admin)
    preview = (await admin.post("/api/admin/policy/preview?last=10", json={"max_wrong": 0.5, "caveat_from": 0})).json()
    assert (preview["turns"], sum(preview["before"].values()), sum(preview["after"].values())) == (4, 4, 4)
    assert preview["after"].get("answer", 0) > preview["before"].get("answer", 0)
    assert preview["changed"] == len(preview["examples"]) > 0
    assert preview["thresholds"]["answer_from"] < stood["thresholds"]["answer_from"]
    topic = (await admin.post("/api/admin/policy/preview", json={"never_auto": ["parcel"]})).json()
    assert topic["after"]["escalate"] == 1
    assert await policy(admin) == stood


async def test_every_stored_decision_comes_out_the_same_again(
    admin: httpx.AsyncClient, talk: Talk, application: Application
) -> None:
    for number in range(20):
        await (await Talk.open(talk.client)).ask(QUESTIONS[number % len(QUESTIONS)])
        await admin.patch("/api/admin/policy", json={"max_wrong": 0.01 * (number + 1)})
    told = (await admin.get("/api/admin/decisions?last=100")).json()
    assert (len(told["data"]), told["same"]) == (20, 20), [one for one in told["data"] if not one["same"]][:2]
    assert len({one["stored"]["policy_version"] for one in told["data"]}) == 20
    turn = told["data"][-1]["turn_id"]
    one = (await admin.get(f"/api/admin/decisions/{turn}")).json()
    assert (one["same"], one["differences"], one["question"]) == (True, {}, QUESTIONS[0])


async def test_a_decision_that_was_tampered_with_is_found(
    admin: httpx.AsyncClient, talk: Talk, application: Application
) -> None:
    await talk.ask(QUESTIONS[0])
    [(turn_id, record)] = await application.judgement.deeds.records(application.workspace_id, 1)
    del record["decision"]["components"]["review_due"]  # as it was before there was such a component
    again = await decided_again(application.judgement.policies, application.workspace_id, turn_id, record)
    assert again.differences == {}
    record["decision"]["name"] = "escalate"
    again = await decided_again(application.judgement.policies, application.workspace_id, turn_id, record)
    assert again.differences.keys() == {"name"}
    record["rules"]["version"] = "policy-99"
    again = await decided_again(application.judgement.policies, application.workspace_id, turn_id, record)
    assert (again.json()["same"], again.trouble[:9]) == (False, "The rules")


async def test_agents_say_whether_an_answer_was_right(
    admin: httpx.AsyncClient, sign_in: SignIn, talk: Talk, application: Application
) -> None:
    await talk.ask(QUESTIONS[0])
    [(turn_id, _)] = await application.judgement.deeds.records(application.workspace_id, 1)
    agent = await sign_in(Role.AGENT)
    for right in (True, False):
        said = await agent.put(f"/api/inbox/turns/{turn_id}/verdict", json={"right": right})
        assert said.status_code == 204, said.text
        assert (await policy(admin))["verdicts"] == {
            "right": int(right),
            "all": 1,
            "needed": 100,
            "sources": {"agent": 1},
        }
    seen = (await agent.get(f"/api/inbox/conversations/{talk.id}")).json()
    assert seen["verdicts"] == {turn_id: False}
    await agent.delete(f"/api/inbox/turns/{turn_id}/verdict")
    assert (await policy(admin))["verdicts"]["all"] == 0
    unknown = await agent.put("/api/inbox/turns/nothing/verdict", json={"right": True})
    assert unknown.status_code == 404


async def test_a_queued_recalibration_is_made_when_there_are_verdicts_enough(
    admin: httpx.AsyncClient, talk: Talk, application: Application
) -> None:
    await talk.ask(QUESTIONS[0])
    asked = await admin.post("/api/admin/policy/calibrations")
    assert (asked.status_code, asked.json()) == (202, {"queued": True})
    store, deeds = DecisionStore(application.database), Deeds(application.database)
    await asyncio.sleep(0.1)
    assert await Recalibration(deeds, store).work(application.workspace_id) is None  # one verdict is not enough
    assert not (await policy(admin))["calibration"]["own"]
