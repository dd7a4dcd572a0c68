"""The pages that people look at, except the help centre. They bring the frame; scripts fetch what changes."""

from http import HTTPStatus
from itertools import zip_longest
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from app.errors import NotFound
from app.knowledge.types import Article
from app.web.identity import Admitted, App, Caller, application_of
from app.web.templates import FRONTEND, PageRoute, page
from app.wiring import Application

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SUGGESTIONS = 4
QUESTION_MARKS = ("?", "？", "؟")
ASKING = ("what ", "how ", "why ", "where ", "when ", "which ", "who ", "can ")
LOADER_SECONDS = 3600
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
CONSOLE = {
    "overview": ("Overview", "What answers now, and how it goes."),
    "sources": (
        "Sources",
        "Where documents come from: sites, folders, repositories and files. A run turns them into a new snapshot.",
    ),
    "runs": ("Ingest runs", "Each run reads documents, embeds what is new, and builds a snapshot aside."),
    "run": ("Ingest run", ""),
    "snapshots": (
        "Snapshots",
        "Complete states of the knowledge base. One of them answers; changing it takes a second.",
    ),
    "snapshot": ("Before publishing", "What this snapshot changes, and whose answers change with it."),
    "probes": ("Probe questions", "What must keep working, and when runs may publish by themselves."),
    "corrections": ("Corrections", "Whom we told what no longer holds. A person sends each correction, or nobody."),
    "documents": ("Documents", "What the published snapshot holds, as the bot and the help centre see it."),
    "document": ("Document", "Its passages, as both searches and the bot see them, and what admins want of them."),
    "conflicts": ("Conflicts", "Passages that admins changed and that their source has changed since."),
    "articles": ("Articles", "Written here. Publishing one puts it into the help centre and into what the bot knows."),
    "article": ("Article", ""),
    "search": ("Search", "What a question finds, and how the search by meaning and the search by words judged it."),
    "tasks": ("Tasks", "What in the published articles wants a person's eyes. Each publish is looked through."),
    "gaps": ("Gaps", "What customers keep asking and no document answers, with a draft of the missing article."),
    "people": ("People", "Agents answer customers. Admins also look after knowledge, people and keys."),
    "keys": ("API keys", "For other software that asks questions, searches, or works in the inbox."),
    "policy": ("Policy", "How sure the bot must be, what it leaves to people, and when people are there."),
    "decisions": ("Decisions", "What became of each question, why, and everything that stands behind it."),
    "decision": ("Decision", ""),
    "evaluation": (
        "Evaluation",
        "How right the answers in your conversations were, and how well that was foreseen.",
    ),
    "models": ("Models", "Who writes, how they do, what they cost, and in which order they are tried."),
    "usage": ("Usage", "What models were asked, what that cost, and how the budgets stand."),
    "audit": ("Audit log", "Who changed what, and when. Entries are only ever added."),
}

OF_ONE = frozenset({"run", "document", "article", "snapshot", "decision"})
"""Pages about one thing, which their address names."""


@router.get("/")
async def home() -> Response:
    """Customers come first: the chat."""
    return RedirectResponse("/chat", HTTPStatus.SEE_OTHER)


@router.get("/chat")
async def chat_page(request: Request, application: App, locale: str = "en") -> Response:
    """The chat on a page of its own."""
    return await _chat(request, application, locale, embedded=False)


@router.get("/embed")
async def embed_page(request: Request, application: App, locale: str = "en") -> Response:
    """The chat as it stands in the widget's frame."""
    return await _chat(request, application, locale, embedded=True)


@router.get("/widget.js")
async def widget_script() -> Response:
    """The loader that a site includes with one tag."""
    headers = {"cache-control": f"public, max-age={LOADER_SECONDS}", "access-control-allow-origin": "*"}
    return FileResponse(FRONTEND / "widget" / "widget.js", headers=headers, media_type="text/javascript")


@router.get("/login")
async def login_page(request: Request) -> Response:
    """Where people sign in."""
    return await page(request, "login.html", next=_own_path(request.query_params.get("next", "")))


@router.get("/invitation/{token}")
async def invitation_page(request: Request, application: App, token: str) -> Response:
    """Where a one-time link is redeemed."""
    invitation = await application.invitations.look(token)
    return await page(request, "invitation.html", token=token, invitation=invitation)


@router.get("/inbox")
async def inbox_page(request: Request, caller: Admitted) -> Response:
    """The conversations that wait for a person."""
    return await _inbox(request, caller, "")


@router.get("/inbox/{conversation_id}")
async def inbox_conversation_page(request: Request, caller: Admitted, conversation_id: str) -> Response:
    """The inbox with one conversation open."""
    return await _inbox(request, caller, conversation_id)


@router.get("/console")
async def console_page(request: Request, caller: Admitted) -> Response:
    """The state of the knowledge base at a glance."""
    return await _console(request, caller, "overview")


@router.get("/console/runs/{run_id}")
async def console_run_page(request: Request, caller: Admitted, run_id: str) -> Response:
    """One ingest run."""
    return await _console(request, caller, "run", run_id)


@router.get("/console/documents/{document_id}")
async def console_document_page(request: Request, caller: Admitted, document_id: str) -> Response:
    """One document with its passages."""
    return await _console(request, caller, "document", document_id)


@router.get("/console/articles/{article_id}")
async def console_article_page(request: Request, caller: Admitted, article_id: str) -> Response:
    """One article in its editor."""
    return await _console(request, caller, "article", article_id)


@router.get("/console/snapshots/{snapshot_id}")
async def console_snapshot_page(request: Request, caller: Admitted, snapshot_id: str) -> Response:
    """One snapshot, before it is published or after."""
    return await _console(request, caller, "snapshot", snapshot_id)


@router.get("/console/decisions/{turn_id}")
async def console_decision_page(request: Request, caller: Admitted, turn_id: str) -> Response:
    """One decision with all that it was made from."""
    return await _console(request, caller, "decision", turn_id)


@router.get("/console/{view}")
async def console_view_page(request: Request, caller: Admitted, view: str) -> Response:
    """One part of the console."""
    if view not in CONSOLE or view in OF_ONE:
        raise NotFound("The console has no such page.")
    return await _console(request, caller, view)


async def _console(request: Request, caller: Caller, view: str, subject: str = "") -> Response:
    title, lead = CONSOLE[view]
    return await page(
        request,
        "console.html",
        person=caller.person,
        view=view,
        title=title,
        lead=lead,
        subject=subject,
        most_megabytes=application_of(request).settings.limits.upload_megabytes,
    )


async def _inbox(request: Request, caller: Caller, conversation_id: str) -> Response:
    hosts = " ".join(sorted(application_of(request).hosts.names))
    return await page(request, "inbox.html", person=caller.person, conversation_id=conversation_id, hosts=hosts)


async def _chat(request: Request, application: Application, locale: str, *, embedded: bool) -> Response:
    settings = application.settings
    articles = await application.library.articles(application.workspace_id)
    return await page(
        request,
        "chat.html",
        embedded=embedded,
        locale=locale if locale.replace("-", "").isalnum() else "en",
        direction="rtl" if locale[:2].lower() in RIGHT_TO_LEFT else "ltr",
        greeting=f"What would you like to know about {settings.workspace_name}?",
        suggestions=suggestions(articles),
        hosts=" ".join(sorted(application.hosts.names)),
        most_characters=settings.limits.question_characters,
    )


def suggestions(articles: list[Article]) -> list[str]:
    """Titles to begin with: questions first, then what sounds like one, from different shelves of the help centre."""
    shelves: dict[str, list[str]] = {}
    for article in sorted(articles, key=lambda one: _unasked(one.title)):
        shelves.setdefault(article.category, []).append(article.title)
    in_turn = [title for row in zip_longest(*shelves.values()) for title in row if title]
    return sorted(in_turn, key=_unasked)[:SUGGESTIONS]


def _unasked(title: str) -> int:
    """How little a title sounds like something that a customer would ask."""
    return 0 if title.endswith(QUESTION_MARKS) else 1 if title.lower().startswith(ASKING) else 2


def _own_path(wanted: str) -> str:
    """A path of ours to return to; anything else could lead a person who just signed in to another site."""
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and "\\" not in wanted
    return wanted if ours else "/inbox"
