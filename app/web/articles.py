"""Articles that are written in the console: drafts, their history, what they look like, and publishing them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from app.database import now
from app.knowledge.run_queue import Queued
from app.knowledge.types import DocumentVersion
from app.knowledge.writing.types import WrittenArticle
from app.safety.rendering import render_article
from app.web.bodies import LARGEST_NUMBER
from app.web.document_bodies import ArticleBody, ArticleSearch, Preview
from app.web.help_texts import without_title
from app.web.identity import Admitted, App, Caller
from app.web.once import OnceRoute
from app.web.replies import expected_revision, json_of, nothing
from app.wiring import Application

router = APIRouter(prefix="/api/admin/articles", tags=["articles"], route_class=OnceRoute)
Tag = Annotated[str | None, Header(max_length=100)]
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


@router.get("")
async def list_articles(application: App, caller: Admitted, sought: Annotated[ArticleSearch, Query()]) -> Response:
    """Articles with these words, the last changed first, without their texts; or those overdue for review."""
    if sought.overdue:
        found = await application.articles.overdue(caller.workspace_id, now().date())
    else:
        found = await application.articles.all(caller.workspace_id, sought.q)
    rows = [{name: value for name, value in one.json.items() if name != "text"} for one in found]
    return json_of({"data": rows, "next": None})


@router.post("", status_code=201)
async def create_article(application: App, caller: Admitted, body: ArticleBody) -> Response:
    """Begin an article; nobody but admins sees it before it is published."""
    article = await application.articles.create(caller.workspace_id, body.writing, caller.actor.name)
    await _note(application, caller, "article.created", article.id, {"title": article.writing.title})
    return _answer(article, 201)


@router.post("/preview")
async def preview_article(application: App, caller: Admitted, body: Preview) -> Response:
    """The HTML that the help centre would show for this text."""
    del caller
    version = DocumentVersion("", 0, body.title, "", body.text)
    return json_of({"html": render_article(without_title(version), application.hosts)})


@router.get("/{article_id}")
async def read_article(application: App, caller: Admitted, article_id: str) -> Response:
    """One article as it stands in the editor; its ETag belongs into `If-Match` when it is saved."""
    return _answer(await application.articles.get(caller.workspace_id, article_id))


@router.put("/{article_id}")
async def save_article(
    application: App, caller: Admitted, article_id: str, body: ArticleBody, if_match: Tag = None
) -> Response:
    """Keep a state of an article: 412 when somebody else saved it since it was read."""
    before = await application.articles.get(caller.workspace_id, article_id)
    saved = await application.articles.save(
        caller.workspace_id, article_id, body.writing, caller.actor.name, expected_revision(if_match)
    )
    if saved.sitting != before.sitting:
        await _note(application, caller, "article.edited", article_id, {"state": saved.sitting})
    return _answer(saved)


@router.delete("/{article_id}", status_code=204)
async def delete_article(application: App, caller: Admitted, article_id: str) -> Response:
    """Throw a draft away with its history."""
    await application.articles.delete(caller.workspace_id, article_id)
    await _note(application, caller, "article.deleted", article_id, {})
    return nothing()


@router.post("/{article_id}/publish", status_code=202)
async def publish_article(application: App, caller: Admitted, article_id: str, if_match: Tag = None) -> Response:
    """Have the present state published; the run named does it."""
    queued = await application.articles.publish(caller.workspace_id, article_id, expected_revision(if_match))
    return await _carried_out(application, caller, "article.published", article_id, queued)


@router.post("/{article_id}/unpublish", status_code=202)
async def unpublish_article(application: App, caller: Admitted, article_id: str) -> Response:
    """Have the article taken out of the help centre and of what the bot knows; the text stays here."""
    queued = await application.articles.unpublish(caller.workspace_id, article_id)
    return await _carried_out(application, caller, "article.unpublished", article_id, queued)


@router.get("/{article_id}/revisions")
async def list_article_revisions(application: App, caller: Admitted, article_id: str) -> Response:
    """The states that the article had, newest first."""
    return json_of({"data": await application.articles.revisions(caller.workspace_id, article_id), "next": None})


@router.get("/{article_id}/revisions/{number}")
async def read_article_revision(application: App, caller: Admitted, article_id: str, number: Number) -> Response:
    """One of these states; saving what it said brings it back."""
    return json_of(await application.articles.revision(caller.workspace_id, article_id, number))


async def _carried_out(
    application: Application, caller: Caller, action: str, article_id: str, queued: Queued | None
) -> Response:
    if queued:
        await application.library.carry_out(queued)
        await _note(application, caller, action, article_id, {"run_id": queued.run_id})
    return _answer(await application.articles.get(caller.workspace_id, article_id), 202)


async def _note(application: Application, caller: Caller, action: str, article_id: str, after: dict[str, Any]) -> None:
    await application.audit.record(caller.workspace_id, caller.actor, action, f"article:{article_id}", after=after)


def _answer(article: WrittenArticle, status: int = 200) -> Response:
    answer = json_of(article.json, status)
    answer.headers["etag"] = f'"{article.revision}"'
    return answer
