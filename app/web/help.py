"""The help centre: the same published versions that answers cite, to read and to search."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from urllib.parse import quote
from xml.sax.saxutils import escape

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from app.errors import NotFound
from app.knowledge.types import Article, DocumentVersion, Hit
from app.safety.rendering import render_article
from app.web import problems
from app.web.identity import App
from app.web.limits import WHOLE_TEXTS, address_of, limit
from app.web.templates import PageRoute, page
from app.wiring import Application

router = APIRouter(route_class=PageRoute, include_in_schema=False)
RESULTS = 24
SNIPPET = 240
LONGEST_QUESTION = 400
LARGEST_NUMBER = 2**31 - 1
Offset = Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER)]
_HEADING = re.compile(r'<h2 id="([\w-]+)">(.*?)</h2>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_MARKDOWN = re.compile(r"^\s*(?:#{1,6}|[-*+]|>|\d+[.)])\s+|\*\*|`|\[([^\]]+)\]\([^)]*\)|\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Result:
    """One article that a search found, with the passage that answers best."""

    article: Article
    heading: str
    snippet: str
    address: str


@router.get("/help")
async def help_page(
    request: Request, application: App, q: Annotated[str, Query(max_length=LONGEST_QUESTION)] = ""
) -> Response:
    """All articles by category, or what a search finds."""
    articles = await _articles(application)
    question = q.replace("\x00", " ").strip()
    results = await _results(application, question, articles) if question else []
    shelves = [(category, list(group)) for category, group in groupby(articles, key=lambda one: one.category)]
    return await page(request, "help.html", shelves=shelves, question=question, results=results)


@router.get("/help/{slug}.md")
async def article_text(application: App, slug: str) -> Response:
    """One article as it is stored, for language models."""
    article = next((one for one in await _articles(application) if slug in (one.slug, one.document_id)), None)
    if article is None:
        raise NotFound("This article does not exist, or it is no longer published.")
    return _markdown(await _text(application, article))


@router.get("/help/{slug}")
async def article_page(  # which article, which version of it, and which part to mark
    request: Request, application: App, slug: str, v: Offset = None, start: Offset = None, end: Offset = None
) -> Response:
    """One article; with `v`, `start` and `end` the version that an answer cited, and the span that it quoted."""
    articles = await _articles(application)
    article = next((one for one in articles if slug in (one.slug, one.document_id)), None)
    if article is None:
        raise NotFound("This article does not exist, or it is no longer published.")
    version = await application.library.version(application.workspace_id, article.document_id, v or article.version)
    if version.audience != "public":
        raise NotFound
    span = (start, end) if start is not None and end is not None else None
    text = without_title(version)
    body = render_article(text, application.hosts, mark=_shifted(span, len(version.text) - len(text)))
    neighbours = [one for one in articles if one.category == article.category]
    at = neighbours.index(article)
    return await page(
        request,
        "article.html",
        public_url=application.settings.public_url.rstrip("/"),
        question="",
        article=article,
        version=version,
        body=body,
        sections=[(name, _TAG.sub("", heading)) for name, heading in _HEADING.findall(body)],
        cited=span is not None,
        outdated=version.number != article.version,
        before=neighbours[at - 1] if at else None,
        after=neighbours[at + 1] if at + 1 < len(neighbours) else None,
    )


@router.get("/llms-full.txt")
async def llms_full_txt(request: Request, application: App) -> Response:
    """All public articles in one text, for language models."""
    await limit(request, WHOLE_TEXTS, address_of(request))
    texts = [await _text(application, article) for article in await _articles(application)]
    return _markdown("\n\n---\n\n".join(texts))


@router.get("/llms.txt")
async def llms_txt(application: App) -> Response:
    """The articles for language models (llmstxt.org)."""
    settings, articles = application.settings, await application.library.articles(application.workspace_id)
    lines = [f"# {settings.workspace_name}", "", f"> The help centre of {settings.workspace_name}."]
    for category, group in groupby(articles, key=lambda one: one.category):
        lines += ["", f"## {category}", ""]
        lines += [f"- [{one.title}]({_address(application, one)}): {one.summary}" for one in group]
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/problems/{name}")
async def problem_page(request: Request, name: str) -> Response:
    """What a kind of refusal means; the `type` of a problem leads here."""
    kind = problems.kinds().get(f"/problems/{name}")
    if kind is None:
        raise NotFound("There is no such kind of problem.")
    title = name.replace("-", " ").capitalize()
    return await page(request, "error.html", title=title, detail=(kind.__doc__ or "").strip(), number=kind.status)


@router.get("/sitemap.xml")
async def sitemap(application: App) -> Response:
    """The articles for search engines (sitemaps.org)."""
    articles = await _articles(application)
    addresses = [
        f"{application.settings.public_url.rstrip('/')}/help",
        *(_address(application, one) for one in articles),
    ]
    entries = "".join(f"<url><loc>{escape(address)}</loc></url>" for address in addresses)
    content = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    return Response(content, media_type="application/xml")


async def _articles(application: Application) -> list[Article]:
    return await application.library.articles(application.workspace_id)


async def _text(application: Application, article: Article) -> str:
    version = await application.library.version(application.workspace_id, article.document_id, article.version)
    text = without_title(version).strip()
    return f"# {version.title}\n\nSource: {_address(application, article)}\n\n{text}\n"


def _markdown(text: str) -> Response:
    return PlainTextResponse(text, media_type="text/markdown")


async def _results(application: Application, question: str, articles: list[Article]) -> list[Result]:
    found = await application.library.search(application.workspace_id, question, RESULTS)
    known = {article.document_id: article for article in articles}
    best: dict[str, Hit] = {}
    for hit in found.hits:
        best.setdefault(hit.passage.document_id, hit)
    return [_result(known[key], hit) for key, hit in best.items() if key in known]


def _result(article: Article, hit: Hit) -> Result:
    passage = hit.passage
    plain = re.sub(r"\s+", " ", _MARKDOWN.sub(lambda found: found[1] or " ", passage.text)).strip()
    snippet = plain if len(plain) <= SNIPPET else plain[:SNIPPET].rsplit(" ", 1)[0] + "…"
    address = f"/help/{quote(article.slug)}?v={passage.version}&start={passage.start}&end={passage.end}#cited"
    return Result(article, passage.heading, snippet, address)


def without_title(version: DocumentVersion) -> str:
    """The text after a first heading that only says the title again, for the page has said it."""
    first, _, rest = version.text.partition("\n")
    return rest if first.startswith("# ") and first[2:].strip() == version.title.strip() else version.text


def _shifted(span: tuple[int, int] | None, by: int) -> tuple[int, int] | None:
    return (max(0, span[0] - by), max(0, span[1] - by)) if span else None


def _address(application: Application, article: Article) -> str:
    return f"{application.settings.public_url.rstrip('/')}/help/{quote(article.slug)}"
