"""What went wrong, as problem+json (RFC 9457): one shape for every refusal of our own API."""

import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.errors import AppError, Invalid, NotFound, TooMany, Unauthorised, Unavailable
from app.web import invalid

PROBLEM = "application/problem+json"
SENTENCES = {
    400: "This request could not be read. Check that its body is valid JSON in UTF-8.",
    404: NotFound().detail,
    405: "This address does not take this method.",
    406: "This address cannot answer in the form that was asked for.",
    413: "This request is larger than we accept.",
    415: "This address does not take this kind of content.",
}
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
log = structlog.get_logger()


def register(app: FastAPI) -> None:
    """Let every error leave as a problem; the last resort is a plain 500 that says nothing of the inside."""
    app.add_exception_handler(AppError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for away in (OperationalError, InterfaceError, PoolTimeout, OSError):
        app.add_exception_handler(away, _away)
    app.add_exception_handler(DBAPIError, _broken)
    app.add_exception_handler(Exception, _surprise)


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
    kind: str = "about:blank",
) -> Response:
    """One refusal, in the shape of the door that was used: OpenAI's under /v1, a problem elsewhere."""
    request_id = request.scope.get("request_id", "")
    if request.url.path.startswith("/v1/"):
        return _response(openai_error(status, detail), status, "application/json", headers)
    content: dict[str, Any] = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request_id,
    }
    return _response(content | ({"errors": errors} if errors else {}), status, PROBLEM, headers)


def kind_of(error: type[AppError]) -> str:
    """The address that explains this kind of refusal."""
    return "/problems/" + _WORD.sub("-", error.__name__).lower()


def kinds() -> dict[str, type[AppError]]:
    """Every kind of refusal by its address."""
    found: list[type[AppError]] = [AppError]
    for one in found:
        found.extend(one.__subclasses__())
    return {kind_of(one): one for one in found}


def openai_error(status: int, message: str) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error")
    code = "invalid_api_key" if status == HTTPStatus.UNAUTHORIZED else None
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _response(content: dict[str, Any], status: int, media: str, headers: Mapping[str, str] | None) -> Response:
    return Response(orjson.dumps(content), status, dict(headers or {}), media)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request.refused", request_id=request.scope.get("request_id"), problem=error.detail)
    return problem(request, error.status, error.detail, _hints(error), kind=kind_of(type(error)))


def _hints(error: AppError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    if isinstance(error, Unauthorised):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "5"} if isinstance(error, Unavailable) else {}


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = SENTENCES.get(error.status_code, str(error.detail))
    return problem(request, error.status_code, detail, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [invalid.explained(one) for one in error.errors()]
    return problem(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        " ".join(one["detail"] for one in errors[:3]),
        errors=errors,
        kind=kind_of(Invalid),
    )


async def _away(request: Request, error: Exception) -> Response:
    log.error("request.failed", request_id=request.scope.get("request_id"), exc_info=error)
    return problem(request, Unavailable.status, Unavailable().detail, {"Retry-After": "5"})


async def _broken(request: Request, error: Exception) -> Response:
    """PostgreSQL that starts or stops says so in an error of no closer kind; a closer kind is a mistake of ours."""
    return await (_away if type(error) is DBAPIError else _surprise)(request, error)


async def _surprise(request: Request, error: Exception) -> Response:
    log.error("request.failed", request_id=request.scope.get("request_id"), exc_info=error)
    return problem(request, AppError.status, AppError().detail)
