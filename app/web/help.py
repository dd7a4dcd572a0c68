"""The help centre: the same published versions that answers cite, to read, to search and to judge."""

import re
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import NotFound
from app.knowledge.articles import PUBLIC
from app.knowledge.types import Article
from app.safety.rendering import render_article
from app.web import problems
from app.web.freshness import fresh
from app.web.help_search import Question, search
from app.web.help_texts import articles_of, public_url, translations_of, without_title
from app.web.identity import App
from app.web.limits import VOTES, address_of, limit
from app.web.pages import RIGHT_TO_LEFT
from app.web.structured import structured
from app.web.templates import PageRoute, page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
LARGEST_NUMBER = 2**31 - 1
Offset = Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER)]
_HEADING = re.compile(r'<h2 id="([\w-]+)">(.*?)</h2>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
NAMES = {
    "ar": "العربية", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "en": "English", "es": "Español", "fi": "Suomi",
    "fr": "Français", "he": "עברית", "it": "Italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands",
    "no": "Norsk", "pl": "Polski", "pt": "Português", "ru": "Русский", "sv": "Svenska", "tr": "Türkçe",
    "uk": "Українська", "zh": "中文",
}  # fmt: skip
"""Languages as their readers call them."""


@router.get("/help")
async def help_page(
    request: Request,
    application: App,
    q: Question = "",
    lang: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """All articles of a language by category, or what a search finds."""
    articles = await articles_of(application)
    question = q.replace("\x00", " ").strip()
    results = await search(application, question, articles) if question else []
    locales = sorted({one.locale for one in articles})
    shown = _locale(request, lang, articles)
    mine = [one for one in articles if one.locale == shown]
    shelves = [(category, list(group)) for category, group in groupby(mine, key=lambda one: one.category)]
    said: dict[str, Any] = {"shelves": shelves, "question": question, "results": results, "shown": shown}
    languages = [(locale, name_of(locale), f"/help?lang={quote(locale)}") for locale in locales]
    response = await page(request, "help.html", languages=languages, public_url=public_url(application), **said)
    newest = max((one.updated_at for one in articles if one.updated_at), default=None)
    response.headers["vary"] = "cookie, accept-language"
    return fresh(request, response, None if question else newest)


@router.get("/help/{slug}")
async def article_page(  # which article, which version of it, and which part to mark
    request: Request, application: App, slug: str, v: Offset = None, start: Offset = None, end: Offset = None
) -> Response:
    """One article; with `v`, `start` and `end` the version that an answer cited, and the span that it quoted."""
    articles = await articles_of(application)
    article = _named(slug, articles)
    version = await application.library.version(application.workspace_id, article.document_id, v or article.version)
    if version.audience != PUBLIC:
        raise NotFound
    span = (start, end) if start is not None and end is not None else None
    text = without_title(version)
    body = render_article(text, application.hosts, mark=_shifted(span, len(version.text) - len(text)))
    response = await page(
        request,
        "article.html",
        public_url=public_url(application),
        question="",
        article=article,
        version=version,
        body=body,
        direction="rtl" if version.locale[:2].lower() in RIGHT_TO_LEFT else "ltr",
        structured=structured(article, version, public_url(application), application.settings.workspace_name),
        sections=[(name, _TAG.sub("", heading)) for name, heading in _HEADING.findall(body)],
        cited=span is not None,
        outdated=version.number != article.version,
        thanked="thanks" in request.query_params,
        **_around(article, articles),
    )
    return fresh(request, response, version.created_at)


@router.post("/help/{slug}/feedback")
async def vote_on_article(
    request: Request, application: App, slug: str, helped: Annotated[Literal["yes", "no"], Form()]
) -> Response:
    """One more reader says whether an article helped; nothing is kept of who it was."""
    await limit(request, VOTES, address_of(request))
    article = _named(slug, await articles_of(application))
    readership = application.care.readership
    await readership.vote(application.workspace_id, article.document_id, article.version, helped=helped == "yes")
    return RedirectResponse(f"/help/{quote(article.slug)}?thanks={helped}#helpful", HTTPStatus.SEE_OTHER)


@router.get("/problems/{name}")
async def problem_page(request: Request, name: str) -> Response:
    """What a kind of refusal means; the `type` of a problem leads here."""
    kind = problems.kinds().get(f"/problems/{name}")
    if kind is None:
        raise NotFound("There is no such kind of problem.")
    title = name.replace("-", " ").capitalize()
    return await page(request, "error.html", title=title, detail=(kind.__doc__ or "").strip(), number=kind.status)


def name_of(locale: str) -> str:
    """A language as its readers call it; its code when we do not know."""
    return NAMES.get(locale[:2].lower(), locale)


def _named(slug: str, articles: list[Article]) -> Article:
    article = next((one for one in articles if slug in (one.slug, one.document_id)), None)
    if article is None:
        raise NotFound("This article does not exist, or it is no longer published.")
    return article


def _around(article: Article, articles: list[Article]) -> dict[str, Any]:
    """The articles before and after it in its category, and in other languages."""
    neighbours = [one for one in articles if (one.category, one.locale) == (article.category, article.locale)]
    at = neighbours.index(article)
    languages = [(one.locale, name_of(one.locale), one.slug) for one in translations_of(article, articles)]
    return {
        "before": neighbours[at - 1] if at else None,
        "after": neighbours[at + 1] if at + 1 < len(neighbours) else None,
        "languages": languages,
    }


def _locale(request: Request, wanted: str, articles: list[Article]) -> str:
    """The language that is wanted, else the first that the browser asks for and we have, else that of most articles."""
    there = [one.locale for one in articles]
    asked = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    for one in (wanted, *asked):
        for locale in sorted(set(there)):
            if one and locale.lower().split("-")[0] == one.lower().split("-")[0]:
                return locale
    return max(sorted(set(there)), key=there.count, default="en")


def _shifted(span: tuple[int, int] | None, by: int) -> tuple[int, int] | None:
    return (max(0, span[0] - by), max(0, span[1] - by)) if span else None
