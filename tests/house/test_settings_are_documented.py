"""`.env.example`, the README and the example configuration say what the settings really are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.settings import Settings

ROOT = Path(__file__).parents[2]
IN_TOML = {"model", "route"}
"""Lists of groups, which an environment variable cannot show."""


def leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from leaves(type(default), f"{prefix}{name.upper()}__")
        elif prefix != "ANSWERDESK_" or name not in IN_TOML:
            yield f"{prefix}{name.upper()}", default


def written(default: object) -> str:
    match default:
        case None:
            return ""
        case bool():
            return str(default).lower()
        case tuple():
            return json.dumps(default)
        case _:
            return str(default)


EXPECTED = {name: written(default) for name, default in leaves(Settings, "ANSWERDESK_")}
CONFIG = {"ANSWERDESK_CONFIG": "answerdesk.toml"}


def test_the_example_environment_names_every_setting_with_its_default() -> None:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert dict(lines) == EXPECTED | CONFIG


def test_the_readme_names_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(ANSWERDESK_\w+)` \| (?:`(.*?)`)? *\|", (ROOT / "README.md").read_text(), flags=re.MULTILINE
    )
    assert dict(rows) == EXPECTED | CONFIG


def test_the_example_environment_can_be_used_as_it_stands(tmp_path: Path) -> None:
    settings = re.sub(r"^#(?=[A-Z_]+=.)", "", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    path = tmp_path / ".env"
    path.write_text(settings)
    assert Settings(_env_file=path).model_dump() == Settings(_env_file=None).model_dump()


def test_the_example_configuration_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERDESK_CONFIG", str(ROOT / "answerdesk.example.toml"))
    settings = Settings(_env_file=None)
    assert [model.name for model in settings.model] == ["luna", "sonnet", "local"]
    assert set(settings.route["answer"].cheap + settings.route["answer"].strong) == {"luna", "local", "sonnet"}
    assert settings.policy.never_auto == ("legal threat", "self-harm", "chargeback")
