"""AsciiDoc, as manuals use it, to Markdown. Nothing is included, fetched or run."""

import re
from collections.abc import Iterator, Sequence

from app.knowledge.readings import Reading
from ingest.loaders import markdown
from ingest.loaders.grids import piped
from ingest.loaders.refusal import Refused

_HEADING = re.compile(r"^(={1,6}|#{1,6})[ \t]+(\S.*)$")
_ATTRIBUTE = re.compile(r"^:(!?[\w-]+!?):[ \t]*(.*)$")
_VERBATIM = re.compile(r"^(?:-{4,}|\.{4,}|```.*)$")
_UNSEEN = re.compile(r"^(?:/{4,}|\+{4,})$")
_AROUND = re.compile(r"^(?:={4,}|\*{4,}|_{4,}|--)$")
_MACRO = re.compile(r"^(?:image|include|video|audio|ifdef|ifndef|ifeval|endif|toc|tag|end)::[^\s\[]*\[.*\]$|^//(?!/)")
_ABOUT = re.compile(r"^\[[^\]]*\]$|^\[\[.*\]\]$")
_ADMONITION = re.compile(r"^\[?(NOTE|TIP|IMPORTANT|WARNING|CAUTION)(?:\]$|:[ \t]+)")
_BULLET = re.compile(r"^[ \t]*(\*{1,5}|-|\.{1,5})[ \t]+(?=\S)")
_TERM = re.compile(r"^(\S.*?)(?:::|;;)(?:[ \t]+(\S.*))?$")
_BLOCK_TITLE = re.compile(r"^\.([^\s.].*)$")
_LINK = re.compile(r"(?:link:|xref:|mailto:|https?://)[^\s\[\]<>]{0,300}+\[([^\]\n]{0,300}+)\]")
_REFERENCE = re.compile(r"<<[^,<>\n]{1,200}+(?:,([^<>\n]{0,300}+))?>>")
_INLINE = re.compile(
    r"\b(?:image|icon|footnote|anchor):[^\s\[\]]{0,200}+\[[^\]\n]{0,300}+\]|\[\[[^\]\n]{0,200}+\]\]|\[[.#][^\]\n]{0,200}+\](?=[#*_`])"
)
_BUTTON = re.compile(r"\b(?:kbd|btn|menu):([^\s\[\]]{0,200}+)\[([^\]\n]{0,200}+)\]")


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document."""
    yield from markdown.load(name, "\n".join(_Converter().lines(text.replace("\r\n", "\n").split("\n"))))


class _Converter:
    """Reads from line to line, and knows what the document has named so far."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def lines(self, lines: Sequence[str]) -> Iterator[str]:
        """The Markdown lines."""
        at = 0
        while at < len(lines):
            line = lines[at].rstrip()
            end = _closing(lines, at) if _fence(line) else at
            if line.startswith("|==="):
                yield piped(self._rows([one for one in lines[at + 1 : end] if one.strip()]))
            elif _VERBATIM.match(line):
                yield from ("", "```", *(one.rstrip() for one in lines[at + 1 : end]), "```", "")
            elif not _UNSEEN.match(line):
                yield from self._line(line)
            at = end + 1

    def _line(self, line: str) -> Iterator[str]:
        attribute = _ATTRIBUTE.match(line)
        if attribute:
            self._known[attribute[1]] = attribute[2]
        elif _ADMONITION.match(line):
            yield self._inline(_ADMONITION.sub(lambda found: f"**{found[1].capitalize()}:** ", line))
        elif _MACRO.match(line) or _AROUND.match(line) or _ABOUT.match(line) or line == "+":
            yield ""
        else:
            yield self._inline(_marked(line))

    def _rows(self, lines: Sequence[str]) -> list[list[str]]:
        """Cells side by side, or one below the other when the first row has said how many there are."""
        cells = [[self._inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:]] for line in lines]
        width = len(cells[0]) if cells else 0
        flat = [cell for row in cells for cell in row]
        return [flat[start : start + width] for start in range(0, len(flat), width)] if width else []

    def _inline(self, text: str) -> str:
        named = re.sub(r"\{([\w-]+)\}", lambda found: self._known.get(found[1], found[0]), text)
        linked = _REFERENCE.sub(lambda found: found[1] or "", _LINK.sub(lambda found: found[1], named))
        pressed = _BUTTON.sub(lambda found: " > ".join(part for part in (found[1], found[2]) if part), linked)
        return _INLINE.sub("", pressed)


def _fence(line: str) -> bool:
    return bool(line.startswith("|===") or _VERBATIM.match(line) or _UNSEEN.match(line))


def _closing(lines: Sequence[str], at: int) -> int:
    """The line that closes what this one opens; what is never closed goes on to the end."""
    opening = "```" if lines[at].startswith("```") else lines[at].rstrip()
    return next((place for place in range(at + 1, len(lines)) if lines[place].rstrip() == opening), len(lines))


def _marked(line: str) -> str:
    """Headings, list items, terms and titles of blocks."""
    heading, bullet = _HEADING.match(line), _BULLET.match(line)
    title, term = _BLOCK_TITLE.match(line), _TERM.match(line)
    if heading:
        return f"\n{'#' * len(heading[1])} {heading[2]}\n"
    if bullet:
        mark = "1. " if bullet[1].startswith(".") else "- "
        return "   " * (len(bullet[1]) - 1) + mark + line[bullet.end() :]
    if title:
        return f"\n**{title[1]}**\n"
    if term and "://" not in term[1]:
        return f"\n**{term[1]}**\n\n{term[2] or ''}"
    return line
