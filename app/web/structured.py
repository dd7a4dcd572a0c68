"""What search engines read of an article: schema.org as JSON-LD."""

import re
from typing import Any

from app.knowledge.types import Article, DocumentVersion

LONGEST_ANSWER = 1000
_SECTION = re.compile(r"^##\s+(.+?)\s*#*\s*$", re.MULTILINE)
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}|^\s*(?:[-*+>]|\d+[.)])\s+|^#+\s+", re.MULTILINE)


def structured(article: Article, version: DocumentVersion, public_url: str, workspace: str) -> dict[str, Any]:
    """The article, the way to it, and its questions with their answers if it is made of such."""
    address = f"{public_url}/help/{article.slug}"
    graph = [_article(article, version, address, workspace), _way(article, public_url, address)]
    asked = questions(version.text)
    if asked:
        graph.append({"@type": "FAQPage", "@id": f"{address}#faq", "mainEntity": [_question(*one) for one in asked]})
    return {"@context": "https://schema.org", "@graph": graph}


def questions(text: str) -> list[tuple[str, str]]:
    """(question, answer) of the sections whose heading asks something; a single one does not make an FAQ."""
    pieces = _SECTION.split(text)
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    found = [
        (plain(heading), plain(body)[:LONGEST_ANSWER]) for heading, body in pairs if heading.rstrip().endswith("?")
    ]
    found = [(question, answer) for question, answer in found if answer]
    return found if len(found) > 1 else []


def plain(text: str) -> str:
    """A text without its Markdown, on one line."""
    return " ".join(_MARKUP.sub(lambda match: match[1] or "", text).split())


def _article(article: Article, version: DocumentVersion, address: str, workspace: str) -> dict[str, Any]:
    told = {
        "@type": "TechArticle",
        "@id": f"{address}#article",
        "headline": version.title,
        "description": article.summary,
        "inLanguage": version.locale,
        "articleSection": article.category,
        "mainEntityOfPage": address,
        "publisher": {"@type": "Organization", "name": workspace},
    }
    return told | ({"dateModified": article.updated_at.isoformat()} if article.updated_at else {})


def _way(article: Article, public_url: str, address: str) -> dict[str, Any]:
    steps = [("Help centre", f"{public_url}/help"), (article.category, None), (article.title, address)]
    items = [
        {"@type": "ListItem", "position": at, "name": name} | ({"item": item} if item else {})
        for at, (name, item) in enumerate(steps, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _question(question: str, answer: str) -> dict[str, Any]:
    return {"@type": "Question", "name": question, "acceptedAnswer": {"@type": "Answer", "text": answer}}
