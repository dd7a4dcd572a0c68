"""The help centre for machines: articles as Markdown, llms.txt, and the map of the site."""

from itertools import groupby
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from app.errors import NotFound
from app.knowledge.types import Article, DocumentVersion
from app.web.freshness import fresh
from app.web.identity import App
from app.web.limits import WHOLE_TEXTS, address_of, limit
from app.web.templates import PageRoute
from app.wiring import Application

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_MAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


@router.get("/help/{slug}.md")
async def article_text(request: Request, application: App, slug: str) -> Response:
    """One article as it is stored, for language models."""
    article = next((one for one in await articles_of(application) if slug in (one.slug, one.document_id)), None)
    if article is None:
        raise NotFound("This article does not exist, or it is no longer published.")
    return fresh(request, _markdown(await _text(application, article)), article.updated_at)


@router.get("/llms-full.txt")
async def llms_full_txt(request: Request, application: App) -> Response:
    """All public articles in one text, for language models."""
    await limit(request, WHOLE_TEXTS, address_of(request))
    texts = [await _text(application, article) for article in await articles_of(application)]
    return fresh(request, _markdown("\n\n---\n\n".join(texts)))


@router.get("/llms.txt")
async def llms_txt(request: Request, application: App) -> Response:
    """The articles for language models (llmstxt.org)."""
    settings, articles = application.settings, await articles_of(application)
    lines = [f"# {settings.workspace_name}", "", f"> The help centre of {settings.workspace_name}."]
    for category, group in groupby(articles, key=lambda one: one.category):
        lines += ["", f"## {category}", ""]
        lines += [f"- [{one.title}]({address(application, one)}): {one.summary}" for one in group]
    return fresh(request, PlainTextResponse("\n".join(lines) + "\n"))


@router.get("/sitemap.xml")
async def sitemap(request: Request, application: App) -> Response:
    """The articles for search engines (sitemaps.org), each with its translations."""
    articles = await articles_of(application)
    newest = max((one.updated_at for one in articles if one.updated_at), default=None)
    front = f"<url><loc>{escape(public_url(application))}/help</loc>{_lastmod(newest)}</url>"
    entries = "".join(_entry(application, one, articles) for one in articles)
    content = f'<?xml version="1.0" encoding="UTF-8"?><urlset {_MAP}>{front}{entries}</urlset>'
    return fresh(request, Response(content, media_type="application/xml"), newest)


async def articles_of(application: Application) -> list[Article]:
    """The published public documents of the workspace."""
    return await application.library.articles(application.workspace_id)


def translations_of(article: Article, articles: list[Article]) -> list[Article]:
    """The article in every language that it is there in, itself among them; none when it is in one."""
    found = {one.locale: one for one in articles if one.family == article.family}
    return [found[locale] for locale in sorted(found)] if len(found) > 1 else []


def public_url(application: Application) -> str:
    """How the site is reached from outside, without a slash at its end."""
    return application.settings.public_url.rstrip("/")


def address(application: Application, article: Article) -> str:
    """Where the article is read."""
    return f"{public_url(application)}/help/{quote(article.slug)}"


def without_title(version: DocumentVersion) -> str:
    """The text after a first heading that only says the title again, for the page has said it."""
    first, _, rest = version.text.partition("\n")
    return rest if first.startswith("# ") and first[2:].strip() == version.title.strip() else version.text


def _entry(application: Application, article: Article, articles: list[Article]) -> str:
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(one.locale)} href={quoteattr(address(application, one))}/>'
        for one in translations_of(article, articles)
    )
    return f"<url><loc>{escape(address(application, article))}</loc>{_lastmod(article.updated_at)}{others}</url>"


def _lastmod(moment: object) -> str:
    return f"<lastmod>{moment.date().isoformat()}</lastmod>" if hasattr(moment, "date") else ""


async def _text(application: Application, article: Article) -> str:
    version = await application.library.version(application.workspace_id, article.document_id, article.version)
    text = without_title(version).strip()
    return f"# {version.title}\n\nSource: {address(application, article)}\n\n{text}\n"


def _markdown(text: str) -> Response:
    return PlainTextResponse(text, media_type="text/markdown")
