"""Finding articles of the help centre: while somebody types, and when they press Enter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.knowledge.types import Article, Hit
from app.web.help_texts import articles_of
from app.web.identity import App
from app.web.limits import SUGGESTIONS, address_of, limit
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(include_in_schema=False)
RESULTS = 24
SUGGESTED = 6
SNIPPET = 240
LEAST_COSINE = 0.3  # unrelated texts stay below; letters without sense reach 0.27
LONGEST_QUESTION = 400
Question = Annotated[str, Query(max_length=LONGEST_QUESTION)]
_MARKDOWN = re.compile(
    r"^[\s|:-]*-{3}[\s|:-]*$|^\s*(?:#{1,6}|[-*+]|>|\d+[.)])\s+|\*\*|`|\[([^\]]+)\]\([^)]*\)|\|", re.MULTILINE
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Result:
    """One article that a search found, with the passage that answers best."""

    article: Article
    heading: str
    snippet: str
    address: str


@router.get("/help/suggestions.json")
async def suggest_articles(request: Request, application: App, q: Question = "") -> Response:
    """The few articles that fit what was typed so far: {title, category, address, locale}."""
    await limit(request, SUGGESTIONS, address_of(request))
    question = q.replace("\x00", " ").strip()
    articles = await articles_of(application)
    titled = titles_with(question, articles)
    found = await search(application, question, articles) if question and len(titled) < SUGGESTED else []
    places = {article.slug: f"/help/{quote(article.slug)}" for article in titled}
    places |= {one.article.slug: one.address for one in found if one.article.slug not in places}
    known = {article.slug: article for article in articles}
    rows = [
        {"title": known[slug].title, "category": known[slug].category, "locale": known[slug].locale, "address": place}
        for slug, place in list(places.items())[:SUGGESTED]
    ]
    return json_of({"data": rows})


def titles_with(question: str, articles: Sequence[Article]) -> list[Article]:
    """Articles whose title holds every word that was typed, the last of which may be unfinished."""
    typed = _WORD.findall(question.lower())
    if not typed:
        return []
    found = []
    for article in articles:
        words = _WORD.findall(article.title.lower())
        whole = all(word in words for word in typed[:-1])
        if whole and any(word.startswith(typed[-1]) for word in words):
            found.append(article)
    return found[:SUGGESTED]


async def search(application: Application, question: str, articles: Sequence[Article]) -> list[Result]:
    """The articles that answer best, each once."""
    found = await application.library.search(application.workspace_id, question, RESULTS)
    known = {article.document_id: article for article in articles}
    best: dict[str, Hit] = {}
    for hit in filter(_fits, found.hits):
        best.setdefault(hit.passage.document_id, hit)
    return [_result(known[key], hit) for key, hit in best.items() if key in known]


def _fits(hit: Hit) -> bool:
    """A search by meaning finds something for any letters; what shares neither word nor sense is nothing found."""
    return hit.lexical > 0 or hit.cosine >= LEAST_COSINE


def _result(article: Article, hit: Hit) -> Result:
    passage = hit.passage
    plain = re.sub(r"\s+", " ", _MARKDOWN.sub(lambda found: found[1] or " ", passage.text)).strip()
    snippet = plain if len(plain) <= SNIPPET else plain[:SNIPPET].rsplit(" ", 1)[0] + "…"
    address = f"/help/{quote(article.slug)}?v={passage.version}&start={passage.start}&end={passage.end}#cited"
    return Result(article, passage.heading, snippet, address)
