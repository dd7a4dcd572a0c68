"""Markdown, with YAML front matter if it has any."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import yaml

from app.knowledge.readings import Reading
from ingest.loaders import hiding
from ingest.loaders.addresses import web_address
from ingest.loaders.encoding import normal
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused, Unreadable
from ingest.loaders.unwrapping import mark_breaks, unwrapped
from ingest.outline import outline

LARGEST_FRONT_MATTER = 16_000
DEEPEST = 4
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FENCED = re.compile(r"(^ {0,3}(?:```|~~~).*?(?:^ {0,3}(?:```|~~~)[ \t]*$|\Z))", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_UNDERLINED = re.compile(r"^(?![ \t]*(?:[#>|*+-]|\d+[.)])[ \t])(\S.*)\n(=={1,}|-{3,})[ \t]*$", re.MULTILINE)


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document; what its front matter says wins over what its name says."""
    lines = text.replace("\r\n", "\n")
    known, body = _front_matter(normal(_outside_code(mark_breaks, lines)))
    flags: list[hiding.Flag] = []
    body = normal(unwrapped(_outside_code(lambda part: _unmarked(_shown(part, flags)), body)))
    if not body:
        return
    yield Reading(
        external_id=name,
        title=_taken(known, "title") or _first_heading(body) or title_from(name),
        text=body,
        url=web_address(_taken(known, "url")),
        locale=_taken(known, "locale") or _taken(known, "lang"),
        audience=_taken(known, "audience").lower(),
        front_matter=known,
        flags=tuple(flags),
    )


def _shown(text: str, flags: list[hiding.Flag]) -> str:
    kept, found = hiding.shown(text)
    flags += found
    return kept


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    if len(match[1]) > LARGEST_FRONT_MATTER:
        raise Unreadable(f"The front matter is longer than {LARGEST_FRONT_MATTER} characters.")
    return _mapping(match[1]), text[match.end() :]


def _mapping(text: str) -> dict[str, Any]:
    try:
        known = yaml.load(text, Loader=_WithoutAliases)  # noqa: S506  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"The front matter is not valid YAML{_where(error)}.") from error
    if known is None:
        return {}
    if not isinstance(known, dict):
        raise Unreadable("The front matter is not a list of names and values.")
    return {str(key): _value(value, DEEPEST) for key, value in known.items()}


class _WithoutAliases(yaml.SafeLoader):
    """Aliases let a few lines grow into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401  # as PyYAML has it
        """Refuse an alias before it is followed."""
        if self.check_event(yaml.events.AliasEvent):
            raise Unreadable("The front matter uses YAML aliases, which are not accepted.")
        return super().compose_node(parent, index)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 2})" if mark else ""


def _value(value: Any, depth: int) -> Any:  # noqa: ANN401  # whatever YAML holds
    """What JSON can hold of a value."""
    match value:
        case None | bool() | int() | float():
            return value
        case date():
            return value.isoformat()
        case list() if depth:
            return [_value(one, depth - 1) for one in value]
        case dict() if depth:
            return {str(key): _value(one, depth - 1) for key, one in value.items()}
    return normal(str(value))


def _taken(known: dict[str, Any], name: str) -> str:
    value = known.get(name)
    return normal(str(value)) if value is not None else ""


def _outside_code(change: Callable[[str], str], text: str) -> str:
    parts = _FENCED.split(text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _unmarked(text: str) -> str:
    """Without comments, which nobody would see, and with every heading marked by #."""
    return _UNDERLINED.sub(lambda match: f"{'#' if match[2][0] == '=' else '##'} {match[1]}", _COMMENT.sub("", text))


def _first_heading(body: str) -> str:
    return next((section.path[0] for section in outline(body) if section.path), "")
