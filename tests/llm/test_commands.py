"""`answerdesk model …` as a shell sees it, asking a server that plays recorded traffic."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.shell import Shell

pytestmark = [pytest.mark.shared, pytest.mark.slow]
CONFIG = """
[[model]]
name = "luna"
dialect = "openai-chat"
id = "gpt-6-luna"
base_url = "{replay}/oc-text/v1"
price = {{ input = 1.0, output = 10.0 }}

[[model]]
name = "busy"
dialect = "anthropic"
id = "claude-haiku-5-5"
base_url = "{replay}/an-529-overloaded"
stream = false
"""


@pytest.fixture
def shell(tmp_path: Path, replay: str) -> Shell:
    made = Shell(tmp_path)
    (tmp_path / "answerdesk.toml").write_text(CONFIG.format(replay=replay))
    return made


def test_a_test_tells_all_of_one_call_as_json(shell: Shell) -> None:
    [told] = shell.rows("model", "test", "luna", "--json")
    assert told.pop("latency_ms") >= 0
    assert told == {
        "name": "luna",
        "text": "Atlantic Ocean.",
        "reasoning": "",
        "refusal": "",
        "tool_calls": [],
        "stop": "stop",
        "usage": {
            "input_tokens_total": 22,
            "output_tokens_total": 3,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "reasoning_tokens": 0,
        },
        "cost_usd": 0.000052,
        "cost_estimated": False,
        "attempts": 1,
        "error": None,
    }


def test_a_failed_call_is_told_and_is_the_exit_code_for_people(shell: Shell) -> None:
    [told] = shell.rows("model", "test", "busy", "--json")
    assert (told["error"]["kind"], told["attempts"]) == ("overloaded", 3)
    assert shell.refused("model", "test", "busy", "luna", "--no-stream") == "1 of 2 models did not answer: busy."


def test_a_name_that_is_no_model_is_refused_with_those_that_are(shell: Shell) -> None:
    assert (
        shell.refused("model", "test", "lunna") == 'There is no model "lunna". These are known: luna, busy, extractive.'
    )


def test_the_list_names_every_model(shell: Shell) -> None:
    assert [row["name"] for row in shell.rows("model", "list", "--json")] == ["luna", "busy", "extractive"]


def test_what_a_test_costs_is_booked_and_under_the_budgets(shell: Shell) -> None:
    shell.done("model", "test", "luna", "--json")
    with contextlib.closing(sqlite3.connect(shell.data / "answerdesk.db")) as books:
        rows = books.execute("SELECT model, purpose, cost_micro_usd, attempts FROM model_call").fetchall()
    assert rows == [("luna", "test", 52, 1)]
    shell.env["ANSWERDESK_BUDGET__WORKSPACE_DAILY_USD"] = "0"
    error = shell.rows("model", "test", "luna", "--json")[0]["error"]
    assert (error["kind"], "has no room for this call" in error["message"]) == ("quota", True)


def test_the_list_tells_the_routes_and_what_each_falls_back_on(shell: Shell) -> None:
    said = shell.done("model", "list")
    assert "[route.answer]  luna, busy" in said
    assert "[route.summary]  luna, busy  (as answer)" in said
    assert "[route.rewrite]  rules" in said
    assert shell.rows("model", "list", "--json")[0]["routes"] == ["answer", "draft", "summary", "judge"]
