"""`answerdesk model …` as a shell sees it, asking a server that plays recorded traffic."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

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
def environment(tmp_path: Path, replay: str) -> dict[str, str]:
    config = tmp_path / "answerdesk.toml"
    config.write_text(CONFIG.format(replay=replay))
    keys = {name for name in os.environ if name.endswith("_API_KEY") or name.startswith("ANSWERDESK_")}
    kept = {name: value for name, value in os.environ.items() if name not in keys}
    return kept | {"ANSWERDESK_CONFIG": str(config), "ANSWERDESK_DATA_DIR": str(tmp_path)}


def model(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = "from app.cli import main; main()"
    command = [sys.executable, "-c", program, "model", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_test_tells_all_of_one_call_as_json(environment: dict[str, str]) -> None:
    done = model(environment, "test", "luna", "--json")
    told = json.loads(done.stdout)
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


def test_a_failed_call_is_told_and_is_the_exit_code_for_people(environment: dict[str, str]) -> None:
    told = model(environment, "test", "busy", "--json")
    done = model(environment, "test", "busy", "luna", "--no-stream")
    assert told.returncode == 0
    assert (json.loads(told.stdout)["error"]["kind"], json.loads(told.stdout)["attempts"]) == ("overloaded", 3)
    assert (done.returncode, done.stderr) == (1, "1 of 2 models did not answer: busy.\n")


def test_a_name_that_is_no_model_is_refused_with_those_that_are(environment: dict[str, str]) -> None:
    done = model(environment, "test", "lunna")
    assert (done.returncode, done.stderr) == (
        1,
        'There is no model "lunna". These are known: luna, busy, extractive.\n',
    )


def test_the_list_names_every_model(environment: dict[str, str]) -> None:
    done = model(environment, "list", "--json")
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["luna", "busy", "extractive"]


def test_what_a_test_costs_is_booked_and_under_the_budgets(environment: dict[str, str]) -> None:
    model(environment, "test", "luna", "--json")
    with contextlib.closing(sqlite3.connect(Path(environment["ANSWERDESK_DATA_DIR"]) / "answerdesk.db")) as books:
        rows = books.execute("SELECT model, purpose, cost_micro_usd, attempts FROM model_call").fetchall()
    assert rows == [("luna", "test", 52, 1)]
    refused = model(environment | {"ANSWERDESK_BUDGET__WORKSPACE_DAILY_USD": "0"}, "test", "luna", "--json")
    error = json.loads(refused.stdout)["error"]
    assert (error["kind"], "has no room for this call" in error["message"]) == ("quota", True)


def test_the_list_tells_the_routes_and_what_each_falls_back_on(environment: dict[str, str]) -> None:
    said = model(environment, "list").stdout
    assert "[route.answer]  luna, busy" in said
    assert "[route.summary]  luna, busy  (as answer)" in said
    assert "[route.rewrite]  rules" in said
    rows = [json.loads(line) for line in model(environment, "list", "--json").stdout.splitlines()]
    assert rows[0]["routes"] == ["answer", "draft", "summary", "judge"]
