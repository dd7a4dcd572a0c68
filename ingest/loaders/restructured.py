"""reStructuredText, as manuals use it, to Markdown. Nothing is included, fetched or run."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from app.knowledge.readings import Reading
from ingest.loaders import markdown
from ingest.loaders.grids import grid, piped, simple
from ingest.loaders.refusal import Refused

ADMONITIONS = frozenset("admonition attention caution danger error hint important note seealso tip warning".split())
CODE = frozenset("code code-block sourcecode parsed-literal prompt".split())
KEPT = frozenset("deprecated epigraph figure only rst-class topic versionadded versionchanged container".split())
"""Directives whose text is part of the text. What is not named here or above is for machines."""
_DIRECTIVE = re.compile(r"^\.\.[ \t]+(?:\|[^|]+\|[ \t]+)?([\w:.-]+?)::[ \t]*(.*)$")
_REMARK = re.compile(r"^(?:\.\.(?:[ \t]|$)|__[ \t])")
_LINE = re.compile(r"^([=\-`:'\"~^_*+#<>.])\1{2,}[ \t]*$")
_SIMPLE = re.compile(r"^=+(?:[ \t]+=+)+[ \t]*$")
_GRID = re.compile(r"^\+(?:[-=]+\+)+[ \t]*$")
_FIELD = re.compile(r"^:[\w -]+:(?:[ \t]|$)")
_ROLE = re.compile(r":[\w:+-]{1,40}:`~?!?([^`<]*?)(?:[ \t]*<([^`<>]*)>)?`")
_LINK = re.compile(r"`([^`<\n]+?)(?:[ \t\n]*<[^`<>]*>)?`__?(?!\w)")
_LITERAL = re.compile(r"``(.+?)``")


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document."""
    lines = text.expandtabs(4).replace("\r\n", "\n").split("\n")
    while lines and (not lines[0].strip() or _FIELD.match(lines[0])):
        del lines[0]
    yield from markdown.load(name, "\n\n".join(_Converter().blocks(lines)))


class _Converter:
    """Knows which line under a heading was met first, because that is all there is to levels."""

    def __init__(self) -> None:
        self._styles: list[str] = []

    def blocks(self, lines: Sequence[str]) -> Iterator[str]:
        """The Markdown blocks of these lines."""
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            end, made = self._block(lines, at)
            at = max(end, at + 1)
            yield from made

    def _block(self, lines: Sequence[str], at: int) -> tuple[int, list[str]]:
        line = lines[at]
        if _DIRECTIVE.match(line) or _REMARK.match(line):
            end = _indented(lines, at + 1)
            return end, list(self._directive(line, lines[at + 1 : end]))
        if _GRID.match(line) or _SIMPLE.match(line):
            return self._table(lines, at)
        over = 1 if _LINE.match(line) and len(lines) > at + 2 and _LINE.match(lines[at + 2]) else 0
        if len(lines) > at + over + 1 and lines[at + over].strip() and _LINE.match(lines[at + over + 1]):
            return at + over + 2, [self._heading(lines[at + over], lines[at + over + 1][0] * (1 + over))]
        return self._paragraph(lines, at)

    def _heading(self, text: str, style: str) -> str:
        if style not in self._styles:
            self._styles.append(style)
        return f"{'#' * min(self._styles.index(style) + 1, 6)} {_inline(text.strip())}"

    def _directive(self, line: str, body: Sequence[str]) -> Iterator[str]:
        found = _DIRECTIVE.match(line)
        if not found:
            return
        kind, said = found[1].rpartition(":")[2].lower(), found[2].strip()
        inside = _without_options(textwrap.dedent("\n".join(body)).split("\n"))
        if kind in CODE:
            yield _fenced(inside)
        elif kind in ADMONITIONS:
            title = said if kind == "admonition" else kind.capitalize()
            words = "" if kind == "admonition" else said
            yield f"**{title}:** {_inline(words)}".strip()
            yield from self.blocks(inside)
        elif kind in KEPT:
            yield _inline(said if kind not in ("container", "figure", "only", "rst-class") else "")
            yield from self.blocks(inside)
        elif kind == "list-table":
            yield piped(_listed(inside))
        elif kind in ("table", "csv-table"):
            yield from self.blocks(inside)

    def _table(self, lines: Sequence[str], at: int) -> tuple[int, list[str]]:
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        read = grid if _GRID.match(lines[at]) else simple
        return end, [piped([[_inline(cell) for cell in row] for row in read(lines[at:end])])]

    def _paragraph(self, lines: Sequence[str], at: int) -> tuple[int, list[str]]:
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        text = "\n".join(_listing(line) for line in lines[at:end])
        if not text.rstrip().endswith("::"):
            return end, [_inline(text)]
        code = _indented(lines, end, len(lines[at]) - len(lines[at].lstrip()))
        told = re.sub(r"(?:^|\s)::$|(?<=:):$", "", text.rstrip())
        return code, [_inline(told), _fenced(textwrap.dedent("\n".join(lines[end:code])).split("\n"))]


def _indented(lines: Sequence[str], at: int, than: int = 0) -> int:
    """Where the lines end that are blank or stand further in."""
    end = at
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > than):
        end += 1
    return end


def _without_options(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and _FIELD.match(kept[0]):
        del kept[0]
    return kept


def _fenced(lines: Sequence[str]) -> str:
    code = "\n".join(lines).strip("\n")
    return f"```\n{code}\n```" if code.strip() else ""


def _listing(line: str) -> str:
    return re.sub(r"^(\s*)#\.\s", r"\g<1>1. ", re.sub(r"^(\s*)[*+•]\s+(?=\S)", r"\1- ", line))


def _listed(lines: Sequence[str]) -> list[list[str]]:
    """The rows of a table that is written as a list of lists."""
    rows: list[list[str]] = []
    for line in lines:
        found = re.match(r"^(\*)?[ \t]*-(?:[ \t]+(.*))?$", line)
        if found and (found[1] or rows):
            rows += [[]] if found[1] else []
            rows[-1].append(_inline(found[2] or ""))
        elif rows and rows[-1] and line.strip():
            rows[-1][-1] = f"{rows[-1][-1]} {_inline(line.strip())}".strip()
    return rows


def _inline(text: str) -> str:
    """Roles and references say only their text; literals are code."""
    plain = _ROLE.sub(lambda found: found[1] or found[2] or "", text)
    return _LITERAL.sub(r"`\1`", _LINK.sub(r"\1", plain))
