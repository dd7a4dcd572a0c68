"""The rules of the house that no linter knows."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 220
LONGEST_FUNCTION = 30
VAGUE_NAMES = {
    "base", "common", "core", "factory", "handler", "handlers", "helper", "helpers", "manager", "misc", "process",
    "processor", "service", "services", "shared", "tools", "util", "utils",
}  # fmt: skip
PATCHING = r"monkeypatch\.set(?:attr|item)|mock\.patch|unittest\.mock|MagicMock"
CATCHES_EVERYTHING = {"app/answering/assistant.py": 1, "app/sqlite.py": 1}
"""The end of a turn, where trouble becomes an event, and the writer, who hands it to the waiting caller."""


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations/versions" not in str(path):
                yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def swallows(node: ast.AST) -> bool:
    """Whether this catches everything and does not raise it again; tidying up and raising again is fine."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    everything = node.type is None or (
        isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    )
    last = node.body[-1]
    return everything and not (isinstance(last, ast.Raise) and last.exc is None)


PRODUCT = list(modules("app", "ingest"))
TESTS = list(modules("tests"))


def test_a_module_fits_in_a_head() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in PRODUCT}
    assert not {path: length for path, length in lengths.items() if length > LONGEST_MODULE}


def test_a_function_fits_on_a_screen() -> None:
    lengths = {f"{named(path)}:{name}": length for path in PRODUCT for name, length in functions(path)}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def test_a_module_is_named_by_a_noun_of_the_domain() -> None:
    parts = {path: {path.stem, *path.relative_to(ROOT).parts[:-1]} for path in PRODUCT}
    assert not {named(path): vague for path, words in parts.items() if (vague := words & VAGUE_NAMES)}


def test_everything_is_caught_in_two_places_only() -> None:
    found = {named(path): sum(swallows(node) for node in ast.walk(ast.parse(path.read_text()))) for path in PRODUCT}
    assert {path: count for path, count in found.items() if count} == CATCHES_EVERYTHING


def test_a_test_passes_its_doubles_in() -> None:
    patches = {named(path): re.findall(PATCHING, path.read_text()) for path in TESTS if path != Path(__file__)}
    assert not {path: found for path, found in patches.items() if found}


def test_every_room_has_its_line_in_the_corridor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    corridor = set(re.findall(r"[\w.]+", " ".join(contracts[0]["layers"])))
    rooms = {
        f"app.{path.stem}"
        for path in (ROOT / "app").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"app.__init__"} <= corridor
