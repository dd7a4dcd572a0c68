"""What the settings make of the files and variables that people write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings.telling import line_of

PROGRAM = (sys.executable, "-c", "from app.cli import main; main()")
ROOT = Path(__file__).parents[1]
KEY = "sk-test-not-a-real-key"
MODEL = b'# ours\n[[model]]\nname = "luna"\n'


def answerdesk(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder with files of settings, in an environment that names none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERDESK_")}
    kept = {name: value for name, value in kept.items() if not name.endswith("_API_KEY")}
    env = kept | {"PYTHONPATH": str(ROOT), "ANSWERDESK_DATA_DIR": str(folder)} | more
    return subprocess.run((*PROGRAM, *words), cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("written", ["ANTHROPIC_API_KEY={}", "export ANTHROPIC_API_KEY='{}'"])
def test_a_key_in_the_file_counts_as_one_in_the_environment_and_is_not_told(tmp_path: Path, written: str) -> None:
    by_variable = answerdesk(tmp_path, "model", "list", ANTHROPIC_API_KEY=KEY)
    (tmp_path / ".env").write_text(written.format(KEY) + "\n")
    by_file = answerdesk(tmp_path, "model", "list")
    assert by_file.stdout == by_variable.stdout
    assert "claude" in by_file.stdout
    assert KEY not in by_file.stdout + by_file.stderr


def test_a_variable_wins_over_the_file_and_an_empty_one_takes_a_key_away(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"ANTHROPIC_API_KEY={KEY}\n")
    assert "claude" not in answerdesk(tmp_path, "model", "list", ANTHROPIC_API_KEY="").stdout


def test_the_key_of_a_model_of_ones_own_is_found_in_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OUR_KEY={KEY}\nANSWERDESK_CONFIG=models.toml\n")
    (tmp_path / "models.toml").write_text(
        '[[model]]\nname = "ours"\ndialect = "anthropic"\nid = "x"\napi_key_env = "OUR_KEY"\n'
        'base_url = "http://127.0.0.1:9"\n'
    )
    done = answerdesk(tmp_path, "model", "test", "ours", "--json")
    assert '"kind": "unavailable"' in done.stdout, done.stderr
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (".env", b"A=\xff\xfe", "not text in UTF-8"),
        (".env", b"ANSWERDESK_ALLOWED_HOSTS=example.com", "Lists are written as JSON"),
        ("answerdesk.toml", b"[[model]\n", "answerdesk.toml is not valid TOML"),
        ("answerdesk.toml", b"[limits]\nupload_megabytes = 'many'\n", "limits.upload_megabytes is not right"),
        (
            "answerdesk.toml",
            MODEL + b'dialect = "opnai"\n',
            "number 1, dialect is not right: use one of these: 'openai-",
        ),
        ("answerdesk.toml", MODEL + b'dialect = "opnai"\n', "; it stands in answerdesk.toml, line 4."),
        ("answerdesk.toml", MODEL + b'dialect = "gemini"\napi_key = "sk-1"\n', "name the variable that holds"),
        (
            "answerdesk.toml",
            b"[budget]\nconversation_usd = -1\n",
            "not less than 0; it stands in answerdesk.toml, line 2.",
        ),
        (
            "answerdesk.toml",
            b"\n[budgets]\n",
            "“budgets”; it stands in answerdesk.toml, line 2. Did you mean “budget”?",
        ),
        ("answerdesk.toml", b"[route.answer]\ncheap = []\n", "[route.answer] is empty. Name at least one model"),
        (
            "answerdesk.toml",
            b'[route.draft]\ncheap = ["answer"]\n',
            "routes. Name models instead. It stands in answerd",
        ),
        (".env", b"ANSWERDESK_BUDGET__CONVERSATION_USD=-1", "in the variable ANSWERDESK_BUDGET__CONVERSATION_USD."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    done = answerdesk(tmp_path, "model", "list")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


TOML = """workspace_name = "Shop"
[[model]]
name = "luna"
price = { input = 1, output = 2 }
[[model]] # another
name = "sol"
[model.timeout]
connect = 5
[route.answer]
cheap = ["luna"]
[budget]
route_daily_usd.draft = 3
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("workspace_name", 1), ("model.0.name", 3), ("model.0.price.input", 4), ("model.1", 5), ("model.1.id", 5),
        ("model.1.timeout.connect", 8), ("route.answer.cheap", 10), ("route.answer.strong", 9),
        ("budget.route_daily_usd.draft", 12), ("policy", None),
    ],
)  # fmt: skip
def test_the_line_of_a_setting_or_of_what_it_belongs_to(place: str, line: int | None) -> None:
    assert line_of(TOML, tuple(place.split("."))) == line


def test_what_keeps_the_server_from_starting_is_told_beside_the_list(tmp_path: Path) -> None:
    (tmp_path / "answerdesk.toml").write_bytes(
        MODEL + b'dialect = "openai-chat"\nid = "x"\nbase_url = "http://h/v1/chat/completions"\n'
    )
    done = answerdesk(tmp_path, "model", "list")
    assert (done.returncode, "luna" in done.stdout) == (0, True)
    assert 'number 1, "luna": base_url ends with "/chat/completions"' in done.stderr
    assert "answerdesk.toml, line 2." in done.stderr


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "answerdesk.toml").write_bytes(
        2 * (MODEL + b'dialect = "openai-compatible"\nid = "x"\nbase_url = "http://h/v1"\n')
    )
    assert "this name is taken already" in answerdesk(tmp_path, "model", "list").stderr
