"""`answerdesk model batch`, as a person runs it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.serving import COMMAND, ROOT, environment

CONFIG = '[[model]]\nname = "plain"\ndialect = "extractive"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "answerdesk.toml").write_text(CONFIG)
    return tmp_path


def run(folder: Path, rows: str, model: str = "plain") -> tuple[int, str]:
    (folder / "jobs.jsonl").write_text(rows)
    env = environment(folder, ANSWERDESK_CONFIG=str(folder / "answerdesk.toml"), ANSWERDESK_EMBED__BACKEND="hash")
    words = (*COMMAND, "model", "batch", str(folder / "jobs.jsonl"), "--model", model, "--out", str(folder / "out"))
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_answers_are_written_in_the_order_of_the_prompts(folder: Path) -> None:
    code, said = run(folder, '{"id": "b", "prompt": "Hello?"}\n{"id": "a", "prompt": "Why?"}\n')
    assert (code, "2 of 2 prompts were answered" in said) == (0, True), said
    assert [json.loads(line)["id"] for line in (folder / "out").read_text().splitlines()] == ["b", "a"]


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
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, rows: str, model: str, what: str) -> None:
    code, said = run(folder, rows, model)
    assert (code, what in said, "Traceback" in said) == (1, True, False), said
