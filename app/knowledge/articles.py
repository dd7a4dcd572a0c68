"""Documents as articles of a help page."""

import re
import unicodedata
from collections.abc import Iterable

from app.knowledge.retriever import INTERNAL
from app.knowledge.types import Article, DocumentVersion
from app.language import sentences

LONGEST_SUMMARY = 200
_MARKS = re.compile(r"^[#>*\-\d.\s]+|[*_`]")


def articles_of(versions: Iterable[DocumentVersion]) -> list[Article]:
    """Public documents by category and title, each with a slug of its own."""
    taken: set[str] = set()
    public = sorted((one for one in versions if one.audience != INTERNAL), key=lambda one: one.document_id)
    articles = [_article(version, taken) for version in public]
    return sorted(articles, key=lambda article: (article.category, article.title))


def slug_of(text: str) -> str:
    """A text as part of an address: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "article"


def _article(version: DocumentVersion, taken: set[str]) -> Article:
    known = version.front_matter
    return Article(
        slug=_untaken(slug_of(str(known.get("slug") or version.title)), taken),
        title=version.title,
        url=version.url,
        summary=str(known.get("summary") or _beginning(version.text)),
        category=str(known.get("category") or "General"),
        document_id=version.document_id,
        version=version.number,
    )


def _untaken(slug: str, taken: set[str]) -> str:
    number = 2
    chosen = slug
    while chosen in taken:
        chosen, number = f"{slug}-{number}", number + 1
    taken.add(chosen)
    return chosen


def _beginning(text: str) -> str:
    """The first sentence that is not a heading."""
    for sentence in sentences(text[:2000]):
        if not sentence.text.startswith("#"):
            return _MARKS.sub("", sentence.text)[:LONGEST_SUMMARY]
    return ""
