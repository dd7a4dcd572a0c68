"""Links of articles that lead nowhere: to an article, a heading or a page that is not published."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urlsplit

from app.knowledge.types import DocumentVersion
from app.language import blocks
from app.safety.rendering import slug

_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_CODE = re.compile(r"(`+)[^`].*?\1", re.DOTALL)
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*$")
OWN_PAGES = frozenset({"", "chat", "help", "login", "llms.txt", "sitemap.xml", "llms-full.txt", "console", "inbox"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a document version, at [start, end) of its text."""

    version: DocumentVersion
    target: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that a link may lead to: articles by slug and id, documents by file and address, their headings."""

    public_url: str
    articles: Mapping[str, DocumentVersion]
    files: Mapping[str, DocumentVersion]
    addresses: Mapping[str, DocumentVersion]

    def problem(self, link: Link, place: str) -> str | None:
        """What is wrong with a link; none when it leads somewhere, or where only a request could tell.

        `place` is the name that the link's document has in its source, such as `guide/refunds.md`.
        """
        target, anchor = urldefrag(link.target)
        if not target:
            return self._anchor(link.version, anchor)
        parts = urlsplit(target)
        if parts.scheme not in ("", "http", "https") or (not parts.scheme and parts.netloc):
            return None
        if parts.scheme and not self._own(target):
            known = self.addresses.get(target.rstrip("/"))
            return self._anchor(known, anchor) if known else None
        path = unquote(parts.path)
        return self._own_page(path, anchor) if parts.scheme or path.startswith("/") else self._file(place, path, anchor)

    def _own(self, target: str) -> bool:
        return bool(self.public_url) and (target + "/").startswith(self.public_url.rstrip("/") + "/")

    def _own_page(self, path: str, anchor: str) -> str | None:
        first, _, rest = path.strip("/").partition("/")
        if first != "help" or not rest:
            return None if first in OWN_PAGES or rest else f"There is no page {path}."
        article = self.articles.get(rest.removesuffix(".md"))
        return self._anchor(article, anchor) if article else f"No article “{rest}” is published."

    def _file(self, place: str, path: str, anchor: str) -> str | None:
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
        if not wanted.lower().endswith((".md", ".mdx", ".html", ".htm")):
            return None
        found = self.files.get(wanted) or self.articles.get(posixpath.splitext(posixpath.basename(wanted))[0])
        return self._anchor(found, anchor) if found else f"The file {wanted} is not in the knowledge base."

    def _anchor(self, version: DocumentVersion | None, anchor: str) -> str | None:
        if not anchor or version is None:
            return None
        names = set(_headings(version.text))
        wanted = unquote(anchor).lower()
        held = wanted in names or wanted.removeprefix("section-") in names or wanted in ("cited", "top")
        return None if held else f"“{version.title}” has no heading “{unquote(anchor)}”."


def links_of(version: DocumentVersion) -> Iterator[Link]:
    """The Markdown links of a document, without those in code."""
    for block in blocks(version.text):
        if block.kind == "code":
            continue
        said = _CODE.sub(lambda found: " " * len(found.group()), version.text[block.start : block.end])
        for match in _LINK.finditer(said):
            yield Link(version, match[1], block.start + match.start(), block.start + match.end())


def external(links: Iterable[Link], public_url: str) -> dict[str, list[Link]]:
    """Links to other sites by address, without their anchors."""
    found: dict[str, list[Link]] = {}
    for link in links:
        target = urldefrag(link.target)[0]
        if urlsplit(target).scheme in ("http", "https") and not target.startswith(public_url.rstrip("/") + "/"):
            found.setdefault(target, []).append(link)
    return found


def _headings(text: str) -> Iterator[str]:
    for block in blocks(text):
        found = _HEADING.match(text[block.start : block.end].strip()) if block.kind == "heading" else None
        if found:
            yield slug(found[1])
