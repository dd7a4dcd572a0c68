"""The recorded traffic: what a provider sent, and what a client should read from it."""

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from app.llm.connecting import dialect_named
from app.llm.wire.dialect import Dialect

SHARED = Path(os.environ.get("ANSWERDESK_SHARED", "../shared"))
FOLDERS = {
    "openai-chat": "openai-chat",
    "compat": "openai-compatible",
    "openai-responses": "openai-responses",
    "azure-chat": "azure-openai",
    "azure-responses": "azure-openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "mistral": "mistral",
    "bedrock": "bedrock",
}
RECORDED = SHARED / "data" / "provider"


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded answer and what a client should read from it."""

    id: str
    folder: str
    status: int
    stream: bool
    headers: dict[str, str]
    body: bytes
    expected: dict[str, Any]

    @property
    def dialect(self) -> Dialect:
        return dialect_named(FOLDERS[self.folder], "responses" if "responses" in self.folder else "chat")


def recorded(*folders: str) -> list[Case]:
    paths = [path for folder in folders for path in sorted((RECORDED / folder).glob("*.case.json"))]
    return [read_case(path) for path in paths]


def read_case(path: Path) -> Case:
    case = json.loads(path.read_text())
    return Case(
        id=case["id"],
        folder=path.parent.name,
        status=case["status"],
        stream=case["stream"],
        headers={name.lower(): value for name, value in case["headers"]},
        body=path.with_name(case["body_file"]).read_bytes(),
        expected=json.loads(path.with_name(f"{case['id']}.expected.json").read_text()),
    )


def load(program: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
