"""`answerdesk model batch`, as a person runs it."""

import json
from pathlib import Path

import pytest

from tests.shell import Shell

CONFIG = '[[model]]\nname = "plain"\ndialect = "extractive"\n'


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path)
    (tmp_path / "answerdesk.toml").write_text(CONFIG)
    return made


def batch(folder: Path, rows: str, model: str = "plain") -> tuple[str, ...]:
    (folder / "jobs.jsonl").write_text(rows)
    return "model", "batch", str(folder / "jobs.jsonl"), "--model", model, "--out", str(folder / "out")


def test_answers_are_written_in_the_order_of_the_prompts(shell: Shell, tmp_path: Path) -> None:
    said = shell.done(*batch(tmp_path, '{"id": "b", "prompt": "Hello?"}\n{"id": "a", "prompt": "Why?"}\n'))
    assert "2 of 2 prompts were answered" in said
    assert [json.loads(line)["id"] for line in (tmp_path / "out").read_text().splitlines()] == ["b", "a"]


@pytest.mark.parametrize(
    ("rows", "model", "what"),
    [
        ('{"id": "a", "prompt": "x"}\n{', "plain", "line 2: this is not JSON"),
        ('{"id": "a"}', "plain", "line 1: id and prompt"),
        ('{"id": "a", "prompt": "x"}\n{"id": "a", "prompt": "y"}', "plain", "line 2: the id a was there before"),
        ("", "plain", "holds no prompts"),
        ('{"id": "a", "prompt": "x"}', "other", "There is no model “other”"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(shell: Shell, tmp_path: Path, rows: str, model: str, what: str) -> None:
    assert what in shell.refused(*batch(tmp_path, rows, model))
