"""Sections of real documentation, read from unpacked Debian packages: HTML, Mallard, DocBook, and Perl's questions.

docs/reader.md names the packages and how to fetch them. None of their text is kept in the repository.
"""

import bz2
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TITLES = {"title", "question"}
NESTING = re.compile(
    r"^(page|article|book|part|chapter|appendix|preface|reference|refentry|sect(ion|\d)|refsect\d|qandadiv|qandaentry)$"
)
SKIPPED = {
    "script", "style", "nav", "header", "footer", "head", "form", "button", "svg", "table", "info", "bookinfo",
    "articleinfo", "chapterinfo", "sect1info", "indexterm", "figure", "screenshot", "programlisting", "screen",
    "code-block", "media", "links", "credit", "pre", "toc", "remark", "comment",
}  # fmt: skip
UNWANTED = re.compile(
    r"(?i)\b(nav\w*|toc\w*|sidebar\w*|related|footer|header|headerlink|sphinxsidebar|genindextable|menu|sr-only)\b"
)
BLOCKS = {"p", "li", "dd", "dt", "div", "para", "simpara", "item", "listitem", "step", "br", "note", "tip", "td", "tr"}
_NUMBERED = re.compile(r"(?i)^((chapter|appendix|part|section)\s+)?([A-Z]\.|\d+)[\d.]*[.:)]?\s+")
TOO_LONG = 6000  # characters of a section
LEAST = 120
FOREIGN = re.compile(
    r"/(HTML|help|man)/(?!en/|C/)[a-z]{2}(_\w+|@\w+)?/|-(it|de|ja|pt|es|fr|ru|nl)/|/(de|es|fr|it|ja|ru|zh_TW\.Big5)/"
)
KINDS = (".page", ".docbook", ".html", ".htm", ".xml", "index.cache.bz2")
INDEX = re.compile(
    r"genindex|modindex|search\.html|/api/|_modules|bookindex|/whatsnew|release|changes|/reference/", re.IGNORECASE
)
OTHER_TERMS = re.compile(
    r"/messageviewer/|/useraction_examples\.|/source-serif-pro/|/doc/atril/html/|/process-priority-what\."
)
"""Files beside a manual that its licence does not cover, as licences.tsv says of each."""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading of a manual. `path` ends with that heading."""

    manual: str
    title: str
    path: tuple[str, ...]
    text: str


@dataclass(slots=True)
class _Walk:
    """The sections seen so far of one file."""

    found: list[tuple[tuple[str, ...], list[str]]] = field(default_factory=lambda: [((), [])])
    path: list[tuple[int, str]] = field(default_factory=list)

    def heading(self, level: int, text: str) -> None:
        self.path = [one for one in self.path if one[0] < level] + [(level, text)]
        self.found.append((tuple(one for _, one in self.path), []))

    def say(self, text: str | None) -> None:
        if text and text.strip():
            self.found[-1][1].append(re.sub(r"\s+", " ", text))

    def end_line(self) -> None:
        self.found[-1][1].append("\n")


def sections(folder: Path) -> Iterator[Section]:
    """All sections of all packages under the folder, one subfolder a package; each text once."""
    seen = set[str]()
    for package in sorted(path for path in folder.iterdir() if path.is_dir()):
        for file in sorted(package.rglob("*")):
            if not file.is_file() or any(kind.search(str(file)) for kind in (FOREIGN, INDEX, OTHER_TERMS)):
                continue
            for one in _of_file(package.name, file):
                key = one.text[:200]
                if key not in seen and len(one.text) >= LEAST:
                    seen.add(key)
                    yield one


def _of_file(manual: str, file: Path) -> Iterator[Section]:
    if file.suffix == ".pod" and "faq" in file.name:
        yield from _pod(manual, file.read_text("utf-8", errors="replace"))
        return
    if not file.name.endswith(KINDS) or file.stat().st_size > 4_000_000:  # noqa: PLR2004  # no manual has such pages
        return
    content = bz2.decompress(file.read_bytes()) if file.suffix == ".bz2" else file.read_bytes()
    tree = _tree(file, content)
    if tree is None:
        return
    walk = _Walk()
    _walk(tree, walk, 0)
    title = next((path[0] for path, _ in walk.found if path), file.stem)
    for path, said in walk.found:
        text = re.sub(r" *\n[\n ]*", "\n", re.sub(r" +", " ", "".join(said))).strip()
        if path and path[-1]:
            yield Section(manual, title, path, text[:TOO_LONG])


def _tree(file: Path, content: bytes) -> "etree._Element | None":
    try:
        if file.suffix in {".page", ".docbook", ".xml"}:
            return etree.fromstring(content, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
        return html.document_fromstring(content)
    except (etree.LxmlError, ValueError):
        return None


def _walk(element: "etree._Element", walk: _Walk, depth: int) -> None:
    """In the order of the document; a heading opens a section at its level."""
    if not isinstance(element.tag, str):
        return
    tag = element.tag.rpartition("}")[2].lower()
    unwanted = UNWANTED.search(f"{element.get('class', '')} {element.get('role', '')}")
    if tag in HEADINGS or (tag in TITLES and element.getparent() is not None and not unwanted):
        text = _clean("".join(str(part) for part in element.itertext()))
        walk.heading(int(tag[1]) if tag in HEADINGS else depth, text)
        return
    if tag in SKIPPED or (unwanted and tag != "body"):
        return
    inside = depth + 1 if NESTING.match(tag) else depth
    walk.say(element.text)
    for child in element:
        _walk(child, walk, inside)
        walk.say(child.tail)
    if tag in BLOCKS:
        walk.end_line()


def _clean(heading: str) -> str:
    """Without numbers, anchors and marks."""
    text = re.sub(r"\s+", " ", heading).replace("¶", "").strip(" #§")
    return _NUMBERED.sub("", text).strip(" .:")


def _pod(manual: str, text: str) -> Iterator[Section]:
    title = "Perl frequently asked questions"
    for part in re.split(r"^=head2 ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        kept = [line for line in body.splitlines() if not line.startswith((" ", "=", "\t"))]
        plain = re.sub(r"[A-Z]<+\s?([^<>]*?)\s?>+", r"\1", "\n".join(kept))
        yield Section(
            manual,
            title,
            (title, re.sub(r"[A-Z]<+\s?([^<>]*?)\s?>+", r"\1", heading).strip()),
            plain.strip()[:TOO_LONG],
        )
