import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.wire.failures import from_event, from_response

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "code", "type", "status", "details", "response"]), inner)
    ),
    max_leaves=12,
)


def body(**error: object) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "bad", "type": "invalid_request_error", "code": None}, "bad_request"),
        (400, {"message": "This endpoint's maximum context length is 8192 tokens."}, "context_length"),
        (
            400,
            {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
            "context_length",
        ),
        (
            400,
            {"message": "Your credit balance is too low to access the API.", "type": "invalid_request_error"},
            "quota",
        ),
        (400, {"message": "filtered", "code": "content_filter"}, "content_filter"),
        (400, {"message": "Could not finish: max_tokens or model output limit was reached."}, "length_limit"),
        (401, {"message": "no"}, "auth"),
        (402, {"message": "Insufficient Balance"}, "quota"),
        (403, {"message": "no", "type": "invalid_request_error", "code": "unsupported_country"}, "permission"),
        (404, {"message": "no such thing"}, "not_found"),
        (408, {"message": "slow"}, "timeout"),
        (429, {"message": "slow down", "code": "429"}, "rate_limit"),
        (429, {"message": "empty purse", "type": "insufficient_quota"}, "quota"),
        (500, {"message": "oops"}, "server"),
        (503, {"message": "The model is overloaded.", "status": "UNAVAILABLE"}, "overloaded"),
        (504, {"message": "late"}, "timeout"),
        (529, {"message": "Overloaded"}, "overloaded"),
    ],
)
def test_a_refusal_is_told_by_code_then_status_then_words(status: int, error: dict[str, Any], kind: str) -> None:
    assert from_response(status, {}, body(**error)).kind == kind


def test_an_empty_purse_is_not_asked_again_even_if_the_server_suggests_it() -> None:
    error = from_response(429, {"x-should-retry": "true"}, body(code="insufficient_quota"))
    assert error.retryable is False


def test_the_server_may_say_whether_asking_again_helps() -> None:
    assert from_response(400, {"x-should-retry": "true"}, body(message="x")).retryable is True
    assert from_response(500, {"x-should-retry": "false"}, body(message="x")).retryable is False


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "0", "retry-after": "1"}, 1),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "0"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_from_either_header(headers: dict[str, str], seconds: float | None) -> None:
    assert from_response(429, headers, b"").retry_after_s == seconds


def test_a_date_is_a_time_to_wait_as_well() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    wait = from_response(429, {"retry-after": date}, b"").retry_after_s
    assert wait is not None
    assert 25 < wait <= 30


def test_gemini_says_in_the_body_how_long_to_wait() -> None:
    error = from_response(429, {}, body(status="RESOURCE_EXHAUSTED", details=[{"retryDelay": "34.4s"}]))
    assert (error.kind, error.retry_after_s) == ("rate_limit", 34.4)


def test_a_page_of_a_proxy_is_an_error_like_any_other() -> None:
    error = from_response(502, {}, b"<html>Bad gateway</html>")
    assert (error.kind, error.retryable, error.message) == ("server", True, "<html>Bad gateway</html>")


@pytest.mark.parametrize("form", [{"detail": "no"}, {"error": "no"}, {"message": "no"}, [{"error": {"message": "no"}}]])
def test_the_words_are_found_in_every_known_form(form: object) -> None:
    assert from_response(401, {}, json.dumps(form).encode()).message == "no"


@given(st.integers(300, 599), JSON)
def test_no_refusal_is_so_odd_that_reading_it_fails(status: int, value: object) -> None:
    from_event(value)
    from_response(status, {}, json.dumps(value).encode())
