"""What is wrong with the settings: a sentence with the mend and the line, and never the value, which may be secret."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

Place = tuple[str, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")
_NAMED = re.compile(r"\[\[(?P<list>\w+)\]\] number (?P<number>\d+)|\[(?P<section>[\w.]+)\](?: (?P<key>\w+))?")
_MENDS = {
    "literal_error": "use one of these: {expected}",
    "greater_than_equal": "use a number that is not less than {ge:g}",
    "greater_than": "use a number above {gt:g}",
    "less_than_equal": "use a number that is not above {le:g}",
    "less_than": "use a number below {lt:g}",
    "missing": "it is missing; add it",
}


def toml_file() -> Path:
    """The file with models, routes, budgets and policy."""
    return Path(os.environ.get("ANSWERDESK_CONFIG", "answerdesk.toml"))


def wrong(error: ValidationError) -> str:
    """The first thing that is wrong, how to mend it, and where it stands."""
    first = error.errors()[0]
    place = tuple(str(one) for one in first["loc"] if one != "[key]" and not str(one).endswith("Settings"))
    return f"The setting {_spoken(place)} is not right: {_mend(first)}{standing(place)}."


def located(sentence: str) -> str:
    """A sentence that names a place of the file, as `[[model]] number 1`, with the line of that place."""
    named = _NAMED.search(sentence)
    if named is None:
        return sentence
    place = (
        (named["list"], str(int(named["number"]) - 1))
        if named["list"]
        else (*named["section"].split("."), *filter(None, [named["key"]]))
    )
    where = standing(place).removeprefix("; ")
    return f"{sentence} {where[:1].upper()}{where[1:]}." if where else sentence


def unknown_section(known: Mapping[str, object]) -> str | None:
    """A section of the file that nobody reads, as a mistyped one would be. Raises what reading TOML raises."""
    path = toml_file()
    for name in tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else ():
        if name not in known:
            near = get_close_matches(name, known, 1)
            meant = f"Did you mean “{near[0]}”?" if near else f"These are known: {', '.join(sorted(known))}."
            return f"There is no setting “{name}”{standing((name,))}. {meant}"
    return None


def standing(place: Place) -> str:
    """Where it stands: in a variable of the environment, on a line of the file, or nobody knows."""
    variable = "ANSWERDESK_" + "__".join(place).upper()
    if variable in os.environ:
        return f"; it stands in the variable {variable}"
    path = toml_file()
    line = line_of(path.read_text(encoding="utf-8"), place) if path.is_file() else None
    return f"; it stands in {path}, line {line}" if line else ""


def line_of(text: str, place: Place) -> int | None:
    """The line that sets this, else the one that opens what it belongs to."""
    best, at = 0, None
    for number, path in _places(text):
        if len(path) > best and place[: len(path)] == path:
            best, at = len(path), number
    return at


def _places(text: str) -> Iterator[tuple[int, Place]]:
    """The place of each section and each key, by its line."""
    section, counts = Place(), dict[str, int]()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        if header:
            name, *rest = _parts(header[2])
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
            section = (name, *([str(counts[name])] if name in counts else []), *rest)
            yield number, section
        elif key:
            yield number, (*section, *_parts(key[1]))


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]


def _spoken(place: Place) -> str:
    """A setting as its section and name; of a list, which one of it."""
    if len(place) > 1 and place[1].isdigit():
        return f"[[{place[0]}]] number {int(place[1]) + 1}" + "".join(f", {one}" for one in place[2:])
    return ".".join(place)


def _mend(error: Any) -> str:  # noqa: ANN401  # pydantic's own
    if error["type"] == "extra_forbidden":
        secret = str(error["loc"][-1]) == "api_key"
        return "name the variable that holds the key in api_key_env instead" if secret else "there is no such setting"
    told = _MENDS.get(error["type"])
    return told.format(**error["ctx"]) if told and "{" in told else told or str(error["msg"]).rstrip(".")
