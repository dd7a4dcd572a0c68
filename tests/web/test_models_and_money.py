"""Models, routes, budgets and usage over HTTP, with a provider of our own that charges for each answer."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from app.accounts.types import SYSTEM, Role
from app.errors import Misconfigured
from app.llm.money.books import refuse_what_cannot_be_limited
from app.main import create_app
from app.settings import BudgetSettings, ModelSettings, PriceSettings, RouteSettings, Settings
from app.speakers import model_choices, terms_of
from app.wiring import Application
from tests.web.conftest import PASSWORD, serving
from tests.web.customer import Talk

ANSWER = "A refund is paid within seven working days after the parcel has arrived at our warehouse. [1]"
QUESTION = "When is a refund paid after the parcel has arrived?"
COST = 1_000 + 10 * 100


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """Says the same to everybody: a thousand tokens asked, a hundred written."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete() -> StreamingResponse:
        return StreamingResponse(_said(), media_type="text/event-stream")

    async with serving(app) as url:
        yield f"{url}/v1"


async def _said() -> AsyncIterator[str]:
    head = {"id": "c", "object": "chat.completion.chunk", "model": "m"}
    for choice in ({"index": 0, "delta": {"content": ANSWER}}, {"index": 0, "delta": {}, "finish_reason": "stop"}):
        yield f"data: {json.dumps(head | {'choices': [choice]})}\n\n"
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    yield f"data: {json.dumps(head | {'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n"


def paid(settings: Settings, provider: str, **budget: Any) -> Settings:  # noqa: ANN401  # settings
    price = PriceSettings(input=1, output=10)
    models = [
        ModelSettings(name=name, dialect="openai-compatible", id=name, base_url=provider, price=price)
        for name in ("small", "large")
    ]
    dead = ModelSettings(
        name="dead", dialect="openai-compatible", id="d", base_url="http://127.0.0.1:9/v1", price=price
    )
    routes = {"answer": RouteSettings(cheap=("small",), strong=("large",)), "draft": RouteSettings(strong=("large",))}
    changes = {"model": (*models, dead), "route": routes, "budget": BudgetSettings(**budget)}
    return settings.model_copy(update=changes)


@pytest.fixture
def budget() -> dict[str, Any]:
    return {"workspace_daily_usd": 5.0, "route_daily_usd": {"draft": 1.0}, "conversation_usd": 2.0}


@pytest.fixture
async def web(settings: Settings, provider: str, budget: dict[str, Any]) -> AsyncIterator[FastAPI]:
    app = create_app(paid(settings, provider, **budget))
    async with serving(app):
        yield app


@pytest.fixture
async def admin(web: FastAPI, application: Application) -> AsyncIterator[httpx.AsyncClient]:
    await application.people.add(application.workspace_id, "maya@example.com", "Maya", Role.ADMIN, SYSTEM, PASSWORD)
    async with httpx.AsyncClient(
        base_url=web.state.url, timeout=20, headers={"Sec-Fetch-Site": "same-origin"}
    ) as browser:
        (
            await browser.post("/api/session", json={"email": "maya@example.com", "password": PASSWORD})
        ).raise_for_status()
        yield browser


async def test_a_turn_is_on_the_books_and_in_the_figures(
    admin: httpx.AsyncClient, application: Application, talk: Talk
) -> None:
    await talk.ask(QUESTION)
    await application.speakers.books.ledger.close()
    usage = (await admin.get("/api/admin/usage")).json()["calls"]
    assert usage["total"]["cost_micro_usd"] % COST == 0 < usage["total"]["cost_micro_usd"]
    assert {row["name"] for row in usage["by_purpose"]} <= {"answer", "draft"}
    (row,) = [row for row in usage["by_model"] if row["name"] in {"small", "large"}]
    assert (row["input_tokens"], row["output_tokens"]) == (1_000 * row["calls"], 100 * row["calls"])
    sheet = await admin.get("/api/admin/usage.csv")
    assert sheet.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert sum(float(one["cost_usd"]) for one in rows) == pytest.approx(usage["total"]["cost_micro_usd"] / 1e6)
    standing = (await admin.get("/api/admin/budgets")).json()
    day = next(one for one in standing["budgets"] if one["scope"] == "workspace_day")
    assert (day["spent_micro_usd"], day["reserved_micro_usd"], day["limit_micro_usd"]) == (
        usage["total"]["cost_micro_usd"], 0, 5_000_000,
    )  # fmt: skip
    models = {one["name"]: one for one in (await admin.get("/api/admin/models")).json()["data"]}
    health = models[row["name"]]["health"]
    assert (health["errors"], health["today_micro_usd"]) == (0, row["cost_micro_usd"])
    assert health["total_ms"]["p95"] >= health["first_text_ms"]["p50"] >= 0
    figures = (await admin.get("/metrics")).text
    assert f'answerdesk_model_tokens_total{{kind="input",model="{row["name"]}"}}' in figures


async def test_a_model_is_tested_by_a_stream_and_booked_as_a_test(
    admin: httpx.AsyncClient, application: Application
) -> None:
    said = (await admin.post("/api/admin/models/small/test", json={"prompt": "How heavy?"})).text
    assert "event: model.text" in said
    assert json.loads(said.rpartition("event: model.done\ndata: ")[2].strip())["cost_micro_usd"] == COST
    failed = (await admin.post("/api/admin/models/dead/test", json={})).text
    assert "event: model.failed" in failed
    assert "event: model.done" not in failed
    composed = (await admin.post("/api/admin/models/extractive/test", json={})).text
    assert "Paris" in composed
    await application.speakers.books.ledger.close()
    usage = (await admin.get("/api/admin/usage")).json()["calls"]
    assert [row["name"] for row in usage["by_purpose"]] == ["test"]
    unknown = await admin.post("/api/admin/models/nobody/test", json={})
    assert unknown.status_code == 404
    assert "There is no model “nobody”" in unknown.json()["detail"]


async def test_a_route_is_changed_without_a_restart_and_written_into_the_audit_log(
    admin: httpx.AsyncClient, application: Application, talk: Talk
) -> None:
    changed = await admin.put("/api/admin/routes/answer", json={"cheap": ["large"], "strong": ["large"]})
    assert changed.json() | {"own": True, "cheap": ["large"]} == changed.json()
    await talk.ask(QUESTION)
    await application.speakers.books.ledger.close()
    usage = (await admin.get("/api/admin/usage")).json()["calls"]
    assert {row["name"] for row in usage["by_model"]} <= {"large", "extractive"}
    entry = (await admin.get("/api/admin/audit", params={"action": "route"})).json()["data"][0]
    assert (entry["action"], entry["subject"], entry["after"]["cheap"]) == ("route.changed", "route:answer", ["large"])
    back = (await admin.delete("/api/admin/routes/answer")).json()
    assert (back["own"], back["cheap"], back["strong"]) == (False, ["small"], ["large"])


@pytest.mark.parametrize(
    ("name", "lists", "sentence"),
    [
        ("answer", {"cheap": ["nobody"]}, "names “nobody”, which is no model"),
        ("answer", {}, "is empty"),
        ("answer", {"strong": ["draft"]}, "routes cannot lead to routes"),
        ("answer", {"strong": ["large", "large"]}, "twice"),
        ("answers", {"strong": ["large"]}, "There is no route “answers”"),
        ("answer", {"strong": ["large"] * 60}, "at most 20"),
    ],
)
async def test_a_route_with_a_mistake_is_refused_and_the_running_one_stays(
    admin: httpx.AsyncClient, application: Application, name: str, lists: dict[str, Any], sentence: str
) -> None:
    before = dict(application.routing.routes.standing)
    refused = await admin.put(f"/api/admin/routes/{name}", json=lists)
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]
    assert application.routing.routes.standing == before
    assert (await admin.get("/api/admin/audit", params={"action": "route"})).json()["data"] == []


async def test_another_process_follows_a_changed_route(
    application: Application, admin: httpx.AsyncClient, settings: Settings
) -> None:
    await admin.put("/api/admin/routes/draft", json={"strong": ["small", "large"]})
    standing = application.speakers.routes
    standing.stand({})
    assert [one.name for one in standing.strong["draft"]] == ["large"]
    await application.routing.look()
    assert [one.name for one in standing.strong["draft"]] == ["small", "large"]


class Spent:
    """A conversation may cost less than one answer."""

    @pytest.fixture
    def budget(self) -> dict[str, Any]:
        return {"conversation_usd": 0.001}


class TestAnswersFromThePassages(Spent):
    async def test_a_spent_budget_is_answered_without_a_provider(
        self, admin: httpx.AsyncClient, application: Application, talk: Talk
    ) -> None:
        said = await talk.ask(QUESTION)
        await application.speakers.books.ledger.close()
        usage = (await admin.get("/api/admin/usage")).json()["calls"]
        assert {row["name"] for row in usage["by_model"]} == {"extractive"}
        assert usage["total"]["cost_micro_usd"] == 0
        assert any(event.name == "answer.completed" for event in said)
        alerts = (await admin.get("/api/admin/budgets")).json()["alerts"]
        assert [alert["percent"] for alert in alerts] == [100]


class TestHandsOver(Spent):
    @pytest.fixture
    def budget(self) -> dict[str, Any]:
        return {"conversation_usd": 0.001, "when_exhausted": "handoff"}

    async def test_a_spent_budget_leads_to_a_person(self, application: Application, talk: Talk) -> None:
        said = await talk.ask(QUESTION)
        completed = next(event for event in said if event.name == "answer.completed")
        assert completed.data["decision"] == "escalate"


async def test_the_audit_log_is_searched(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/admin/keys", json={"name": "Shop backend", "scopes": ["chat"]})
    await admin.put("/api/admin/routes/draft", json={"strong": ["small"]})
    found = (await admin.get("/api/admin/audit", params={"text": "maya", "since": "2020-01-01"})).json()["data"]
    assert {entry["action"].split(".")[0] for entry in found} >= {"key", "route"}
    assert (await admin.get("/api/admin/audit", params={"until": "2020-01-01"})).json()["data"] == []
    assert (await admin.get("/api/admin/audit", params={"text": "100%_"})).json()["data"] == []
    assert (await admin.get("/api/admin/audit", params={"since": "yesterday"})).status_code == 422


async def test_the_audit_log_is_taken_as_a_sheet_which_is_an_entry_too(admin: httpx.AsyncClient) -> None:
    await admin.post("/api/admin/keys", json={"name": "=cmd|' /C calc'!A0", "scopes": ["chat"]})
    sheet = await admin.get("/api/admin/audit.csv", params={"action": "key"})
    assert sheet.headers["content-disposition"].startswith("attachment")
    [row] = csv.DictReader(io.StringIO(sheet.text))
    assert (row["action"], row["actor_name"]) == ("key.added", "Maya")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    [entry] = (await admin.get("/api/admin/audit", params={"action": "audit"})).json()["data"]
    assert (entry["action"], entry["after"]) == ("audit.exported", {"entries": 1})


def test_a_model_without_a_price_is_refused_under_a_budget(tmp_path: Path) -> None:
    model = ModelSettings(name="own", dialect="openai-compatible", id="own", base_url="http://127.0.0.1:9/v1")
    free = Settings(data_dir=tmp_path, model=(model,))
    refuse_what_cannot_be_limited(terms_of(free).limits, model_choices(free, {}))
    limited = free.model_copy(update={"budget": BudgetSettings(conversation_usd=0.0)})
    with pytest.raises(Misconfigured, match=r'\[\[model\]\] number 1, "own".*Add price'):
        refuse_what_cannot_be_limited(terms_of(limited).limits, model_choices(limited, {}))


class TestOneCustomer:
    @pytest.fixture
    def budget(self) -> dict[str, Any]:
        return {"customer_daily_usd": 0.02}

    async def test_a_customer_has_a_budget_across_conversations(
        self, client: httpx.AsyncClient, admin: httpx.AsyncClient, application: Application
    ) -> None:
        for who in (*["anna"] * 11, "berta"):
            talk = await Talk.open(client, customer={"id": who})
            await talk.ask(f"{QUESTION} {talk.id[-4:]}")
            await application.speakers.books.ledger.rest()
        alerts = (await admin.get("/api/admin/budgets")).json()["alerts"]
        assert [(alert["scope"], alert["percent"]) for alert in alerts] == [("customer_day:anna", 100)]
        calls = (await admin.get("/api/admin/usage")).json()["calls"]["total"]
        assert COST < calls["cost_micro_usd"] <= 20_000 + COST


class TestBudgetsInTheConsole:
    @pytest.fixture
    def budget(self) -> dict[str, Any]:
        return {"workspace_daily_usd": 5.0, "when_exhausted": "handoff"}

    async def test_budgets_are_changed_without_a_restart_and_set_back(
        self, admin: httpx.AsyncClient, application: Application, talk: Talk
    ) -> None:
        changed = await admin.put("/api/admin/budgets", json={"conversation_usd": 0.001})
        assert changed.json()["own"] is True
        assert changed.json()["each"]["conversation_micro_usd"] == 1_000
        assert changed.json()["budgets"] == []
        await talk.ask(QUESTION)
        await application.speakers.books.ledger.close()
        usage = (await admin.get("/api/admin/usage")).json()["calls"]
        assert {row["name"] for row in usage["by_model"]} == {"extractive"}
        back = (await admin.delete("/api/admin/budgets")).json()
        assert (back["own"], back["limits"]) == (False, back["written"])
        assert (back["limits"]["workspace_daily_usd"], back["when_exhausted"]) == (5.0, "handoff")
        actions = [one["action"] for one in (await admin.get("/api/admin/audit")).json()["data"]]
        assert actions[:2] == ["budgets.reset", "budgets.changed"]

    async def test_another_process_follows_changed_budgets(
        self, admin: httpx.AsyncClient, application: Application
    ) -> None:
        allowance = application.budgeting.allowance
        before = allowance.terms
        await admin.put("/api/admin/budgets", json={"workspace_daily_usd": 1.5, "route_daily_usd": {"draft": 0.25}})
        allowance.terms = before
        await application.budgeting.look()
        assert allowance.terms.limits.workspace_day == 1_500_000
        assert allowance.terms.limits.routes == {"draft": 250_000}

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({"workspace_daily_usd": -1}, "must be at least 0"),
            ({"route_daily_usd": {"nobody": 1}}, "which is no route"),
            ({"turn_tokens": 0}, "must be at least 1"),
            ({"when_exhausted": "shrug"}, "'extractive' or 'handoff'"),
            ({"daily": 1}, "daily"),
        ],
    )
    async def test_a_budget_with_a_mistake_changes_nothing(
        self, admin: httpx.AsyncClient, application: Application, body: dict[str, Any], sentence: str
    ) -> None:
        before = application.budgeting.allowance.terms
        refused = await admin.put("/api/admin/budgets", json=body)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert application.budgeting.allowance.terms == before


async def test_the_difficulty_for_strong_models_is_chosen_in_the_console(
    admin: httpx.AsyncClient, application: Application, talk: Talk
) -> None:
    await admin.put("/api/admin/routes/answer", json={"cheap": ["small"], "strong": ["large"], "strong_from": 0})
    await talk.ask(QUESTION)
    await application.speakers.books.ledger.close()
    usage = (await admin.get("/api/admin/usage")).json()["calls"]
    assert "small" not in {row["name"] for row in usage["by_model"]}
    kept = await admin.put("/api/admin/routes/answer", json={"cheap": ["small"], "strong": ["large"]})
    assert kept.json()["strong_from"] == 0
    refused = await admin.put("/api/admin/routes/answer", json={"strong": ["large"], "strong_from": 1.5})
    assert refused.status_code == 422
