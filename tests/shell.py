"""The commands with a data folder of one's own, inside this process: a process each would take two seconds to start."""

import json
import os
import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from app.cli import mounted
from app.errors import AppError


class Shell:
    """Runs commands as somebody would type them. What is not given here is as in a fresh clone."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.data = folder / "data"
        (folder / "answerdesk.toml").touch()
        others = [name for name in os.environ if name.startswith("ANSWERDESK_") or name.endswith("_API_KEY")]
        self.env: dict[str, str | None] = {
            **dict.fromkeys(others),
            "ANSWERDESK_DATA_DIR": str(self.data),
            "ANSWERDESK_CONFIG": str(folder / "answerdesk.toml"),
            "ANSWERDESK_EMBED__BACKEND": "hash",
            **more,
        }

    def run(self, *words: str, said: str = "") -> Result:
        """Whatever comes of it; `said` is what stands in standard input."""
        return CliRunner().invoke(mounted(), list(words), env=self.env, input=said)

    def done(self, *words: str) -> str:
        """What it printed; it must succeed."""
        ended = self.run(*words)
        assert ended.exit_code == 0, (ended.output, ended.exception)
        return told(ended)

    def rows(self, *words: str) -> list[Any]:
        """The objects that it printed, one a line."""
        return [json.loads(line) for line in self.done(*words).splitlines()]

    def refused(self, *words: str) -> str:
        """The sentence that it refuses with, and nothing else."""
        ended = self.run(*words)
        assert isinstance(ended.exception, AppError), (ended.output, ended.exception)
        return ended.exception.detail


def told(ended: Result) -> str:
    """What was printed; the log goes elsewhere once the program has configured it."""
    return "".join(line for line in ended.stdout.splitlines(keepends=True) if not re.match(r"\d{4}-", line))
