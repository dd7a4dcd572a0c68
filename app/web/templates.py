"""Pages as HTML: the templates, the addresses of static files, and how a page says that it refuses."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.accounts.secrecy import SHORTEST_PASSWORD
from app.errors import AppError, NotFound, Unauthorised
from app.web import problems
from app.web.identity import application_of, signed_in

FRONTEND = Path(__file__).parents[2] / "frontend"
FOR_EVER = "public, max-age=31536000, immutable"
MACHINES = ("/api/", "/v1/")
TITLES = {401: "Please sign in", 403: "This page is not for you", 404: "This page does not exist"}


class PageRoute(APIRoute):
    """A route that people look at: what it refuses becomes a page, or the way to the sign-in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with its refusals turned into pages."""
        answer = super().get_route_handler()

        async def answer_with_page(request: Request) -> Response:
            try:
                return await answer(request)
            except Unauthorised:
                return to_sign_in(request)
            except AppError as error:
                return await refusal(request, error.status, error.detail)

        return answer_with_page


class _Static(StaticFiles):
    """Files whose address changes with what they hold, so that a browser asks once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = FOR_EVER
        return response


async def page(request: Request, name: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  # what a template shows
    """A page of the workspace, for whoever is signed in."""
    application = application_of(request)
    known = {"request": request, "workspace": application.settings.workspace_name}
    person = context.pop("person", None) or await signed_in(request)
    html = _templates().get_template(name).render(known | {"person": person} | context)
    return HTMLResponse(html, status, {"cache-control": "no-store", "vary": "cookie"})


async def refusal(request: Request, status: int, detail: str) -> Response:
    """What went wrong, as a page with a way on."""
    title = TITLES.get(status, "Something went wrong")
    return await page(request, "error.html", status, title=title, detail=detail, number=status)


def to_sign_in(request: Request) -> Response:
    """The way to the sign-in, and back to here."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': wanted})}", HTTPStatus.SEE_OTHER)


def mount(app: FastAPI) -> None:
    """Serve the static files, and let an unknown address answer with a page when a browser asks."""
    app.mount(f"/static/{version()}", GZipMiddleware(_Static(directory=FRONTEND / "static")), name="static")
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _unknown)


@cache
def version() -> str:
    """A name for exactly these static files."""
    digest = hashlib.sha256()
    for path in sorted((FRONTEND / "static").rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FRONTEND / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["shortest_password"] = SHORTEST_PASSWORD
    environment.globals["asset"] = lambda name: f"/static/{version()}/{name}"
    return environment


async def _unknown(request: Request, _error: Exception) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(MACHINES)
    if wants_page:
        return await refusal(request, HTTPStatus.NOT_FOUND, NotFound().detail)
    return problems.problem(request, HTTPStatus.NOT_FOUND, NotFound().detail)
