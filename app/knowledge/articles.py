"""Documents as articles of a help page."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from app.knowledge.types import Article, DocumentVersion
from app.language import sentences

PUBLIC = "public"
LONGEST_SUMMARY = 200
_MARKS = re.compile(r"^[#>*\-\d.\s]+|[*_`]")


def articles_of(versions: Iterable[DocumentVersion]) -> list[Article]:
    """Public documents by category and title, each with a slug of its own.

    Of an article in several languages the one in the language of most articles gets the plain slug.
    """
    taken: set[str] = set()
    public = [one for one in versions if one.audience == PUBLIC]
    usual = Counter(one.locale for one in public)
    public.sort(key=lambda one: (-usual[one.locale], one.document_id))
    articles = [_article(version, taken) for version in public]
    return sorted(articles, key=lambda article: (article.category, article.title))


def slug_of(text: str) -> str:
    """A text as part of an address: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "article"


def family_of(version: DocumentVersion) -> str:
    """The name that an article shares with its translations: its slug, or what its title makes."""
    return slug_of(str(version.front_matter.get("slug") or version.title))


def _article(version: DocumentVersion, taken: set[str]) -> Article:
    known = version.front_matter
    name = family_of(version)
    return Article(
        slug=_untaken(name if name not in taken else f"{name}-{version.locale.lower()}", taken),
        title=version.title,
        url=version.url,
        summary=str(known.get("summary") or _beginning(version.text)),
        category=str(known.get("category") or "General"),
        document_id=version.document_id,
        version=version.number,
        locale=version.locale,
        updated_at=version.created_at,
        family=name,
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
