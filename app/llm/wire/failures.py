"""What a provider's refusal means: status, headers and body become one `ModelError`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import orjson

from app.llm.errors import Kind, ModelError
from app.llm.wire.shapes import Json, mapping, mappings, string

LONGEST_MESSAGE = 2000
_BY_STATUS: dict[int, Kind] = {
    401: "auth", 402: "quota", 403: "permission", 404: "not_found", 408: "timeout", 409: "server",
    413: "context_length", 424: "server", 429: "rate_limit", 503: "overloaded", 504: "timeout", 529: "overloaded",
}  # fmt: skip
_BY_CODE: dict[str, Kind] = {
    "insufficient_quota": "quota", "billing_error": "quota", "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota", "insufficient_balance": "quota",
    "invalid_api_key": "auth", "authentication_error": "auth", "API_KEY_INVALID": "auth", "UNAUTHENTICATED": "auth",
    "UnrecognizedClientException": "auth", "InvalidSignatureException": "auth", "ExpiredTokenException": "auth",
    "permission_error": "permission", "PERMISSION_DENIED": "permission", "AccessDeniedException": "permission",
    "model_not_found": "not_found", "not_found_error": "not_found", "NOT_FOUND": "not_found",
    "DeploymentNotFound": "not_found", "ResourceNotFoundException": "not_found",
    "context_length_exceeded": "context_length", "exceed_context_size_error": "context_length",
    "request_too_large": "context_length",
    "content_filter": "content_filter", "content_policy_violation": "content_filter",
    "ResponsibleAIPolicyViolation": "content_filter",
    "rate_limit_exceeded": "rate_limit", "rate_limit_error": "rate_limit", "RateLimitReached": "rate_limit",
    "RESOURCE_EXHAUSTED": "rate_limit", "ThrottlingException": "rate_limit", "throttlingException": "rate_limit",
    "overloaded_error": "overloaded", "UNAVAILABLE": "overloaded", "ServiceUnavailableException": "overloaded",
    "serviceUnavailableException": "overloaded", "ModelNotReadyException": "overloaded",
    "timeout_error": "timeout", "DEADLINE_EXCEEDED": "timeout", "ModelTimeoutException": "timeout",
    "api_error": "server", "server_error": "server", "INTERNAL": "server", "InternalServerException": "server",
    "internalServerException": "server", "ModelErrorException": "server", "modelStreamErrorException": "server",
    "ModelStreamErrorException": "server",
}  # fmt: skip
_BAD_REQUEST = frozenset({"invalid_request_error", "INVALID_ARGUMENT", "invalid_prompt", "validationException"})
# Servers that say "bad request" for these tell them apart by their words alone.
_BY_WORDS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(
            r"prompt (?:is )?too long|context (?:window|length|size)|maximum context|input tokens exceeded"
            r"|input token count|(?:input|prompt) .{0,40}exceeds? .{0,40}(?:maximum|limit|tokens)"
            r"|too many (?:input )?tokens|input is too long|exceeds the available context",
            re.IGNORECASE,
        ),
        "context_length",
    ),
    (re.compile(r"credit balance|insufficient (?:balance|credits|quota|funds)", re.IGNORECASE), "quota"),
    (re.compile(r"flagged as potentially violating|content (?:management )?policy", re.IGNORECASE), "content_filter"),
    (re.compile(r"max_tokens or model output limit was|max completion tokens reached", re.IGNORECASE), "length_limit"),
    (re.compile(r"model identifier is invalid|model .{0,80}(?:does not exist|not found)", re.IGNORECASE), "not_found"),
    (re.compile(r"api key not valid|invalid api.key|incorrect api key", re.IGNORECASE), "auth"),
)


def from_response(status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
    """The error of an HTTP answer that is not the model's. `headers` are looked up in lower case."""
    found = _read(_parsed(body))
    code = found.code or headers.get("x-amzn-errortype", "").partition(":")[0] or None
    kind = _kind(status if status >= 400 else found.status, code, found)  # noqa: PLR2004  # an error can come under 200
    return ModelError(
        kind,
        found.message or body.decode("utf-8", "replace").strip()[:LONGEST_MESSAGE] or f"HTTP {status}",
        status=status,
        native_code=code,
        retry_after_s=_retry_after(headers) or found.retry_delay,
        retryable=_retryable(kind, headers),
    )


def from_event(value: object) -> ModelError:
    """The error that a provider sends in the middle of a stream it began with 200."""
    found = _read(value)
    return ModelError(
        _kind(found.status, found.code, found),
        found.message or "The provider sent an error without words.",
        status=found.status,
        native_code=found.code,
        retry_after_s=found.retry_delay,
        at="mid-stream",
    )


def not_an_answer(missing: str) -> ModelError:
    """The error of a 200 whose JSON is something else: most often another program listens at this address."""
    return ModelError("malformed", f"The answer holds no {missing}.", status=200)


@dataclass(frozen=True, slots=True)
class _Found:
    """The error as its sender tells it, whichever of the known forms it uses."""

    message: str
    codes: tuple[str, ...]
    code: str | None
    status: int | None
    retry_delay: float | None


def _read(value: object) -> _Found:
    outer = mapping(value[0] if isinstance(value, list) and value else value)
    outer = mapping(outer.get("response")) or outer
    inner = outer.get("error")
    error = inner if isinstance(inner, dict) else outer
    details = mappings(error.get("details"))
    codes = _codes(error, details)
    return _Found(
        message=_words(error.get("message") or error.get("detail") or inner)[:LONGEST_MESSAGE],
        codes=codes,
        code=next((code for code in codes if not code.isdigit()), None) or _number(error.get("code")),
        status=_status(error.get("status_code")) or _status(error.get("code")),
        retry_delay=next(filter(None, (_seconds(detail.get("retryDelay")) for detail in details)), None),
    )


def _codes(error: Json, details: list[Json]) -> tuple[str, ...]:
    reasons = [string(detail.get("reason")) for detail in details]
    native = [string(error.get(name)) for name in ("code", "status", "type")]
    return tuple(code for code in [*(reason for reason in reasons if reason in _BY_CODE), *native] if code)


def _parsed(body: bytes) -> Any:  # noqa: ANN401  # whatever the body holds
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}


def _kind(status: int | None, code: str | None, found: _Found) -> Kind:
    kind = next((_BY_CODE[name] for name in (*found.codes, code or "") if name in _BY_CODE), None)
    kind = kind or _by_status(status, found.codes)
    if kind == "bad_request":
        return next((better for pattern, better in _BY_WORDS if pattern.search(found.message)), kind)
    return kind


def _by_status(status: int | None, codes: tuple[str, ...]) -> Kind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    ours = status < 500 if status else not _BAD_REQUEST.isdisjoint(codes)  # noqa: PLR2004  # RFC 9110, 15.5
    return "bad_request" if ours else "server"


def _retryable(kind: Kind, headers: Mapping[str, str]) -> bool | None:
    """None leaves it to the kind. The header is OpenAI's and Anthropic's; asking again refills no empty purse."""
    if kind == "quota":
        return False
    said: dict[str, Literal[True, False]] = {"true": True, "false": False}
    return said.get(headers.get("x-should-retry", "").lower())


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds. A `retry-after-ms` of zero beside a `retry-after` of one occurs on Azure, so zero says nothing."""
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds:
        return milliseconds / 1000
    return _seconds(headers.get("retry-after")) or _until(headers.get("retry-after", ""))


def _seconds(text: object) -> float | None:
    """A positive number of seconds: "48s", "34.4s", "1", 1.5."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)s?\s*", str(text))
    return float(match.group(1)) or None if match else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) or None


def _words(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if value else ""


def _number(value: object) -> str | None:
    return str(value) if isinstance(value, int | str) and str(value) else None


def _status(value: object) -> int | None:
    number = int(value) if isinstance(value, int | str) and str(value).isascii() and str(value).isdigit() else 0
    return number if 400 <= number < 600 else None  # noqa: PLR2004  # an HTTP status that reports a failure
