"""Whatever the code imports stands in pyproject.toml, and whatever stands there is locked."""

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OUR_OWN = {"app", "ingest"}
APART = {"torch"}
"""Installed before the lock: docs/decisions/0004."""


def imported() -> Iterator[str]:
    for folder in OUR_OWN:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    yield node.module.partition(".")[0]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {plain(re.split(r"[\[<>=! ;]", requirement)[0]) for requirement in requirements}


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), flags=re.MULTILINE))


SERVING = declared(PROJECT["dependencies"])
MODEL = declared(PROJECT["optional-dependencies"]["model"])
DEVELOPMENT = declared(PROJECT["optional-dependencies"]["dev"])


def test_every_import_is_declared() -> None:
    modules = set(imported()) - OUR_OWN - set(sys.stdlib_module_names)
    # Several packages may share one name, as OpenTelemetry's do: one of them brings what is imported.
    brought_by = {module: {plain(name) for name in packages_distributions()[module]} for module in modules}
    assert not [module for module, names in brought_by.items() if not names & (SERVING | MODEL | APART)]


def test_every_declared_package_is_locked_where_it_is_needed() -> None:
    assert not SERVING - locked("requirements-serve.lock")
    assert not (SERVING | MODEL) - locked("requirements.lock")
    assert not (SERVING | MODEL | DEVELOPMENT) - locked("requirements-dev.lock")


def test_every_locked_package_has_hashes() -> None:
    for name in ("requirements-serve.lock", "requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text().splitlines()
        assert not [line for line, after in itertools.pairwise(lines) if "==" in line and "--hash" not in after]


def test_serving_needs_neither_torch_nor_cuda() -> None:
    heavy = {"torch", "transformers", "sentence-transformers", "triton"}
    assert not locked("requirements-serve.lock") & heavy
    assert not [name for name in locked("requirements-dev.lock") if name.startswith(("nvidia", "torch", "triton"))]
