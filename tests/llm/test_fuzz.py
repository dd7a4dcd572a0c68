"""Whatever a provider sends, in whatever pieces: parts of the one shape come out, or an error of the taxonomy.

`FUZZ_EXAMPLES` sets how many answers each dialect is sent (60 in an ordinary run).
"""

import json
import os
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.llm.connecting import READY, dialect_named
from app.llm.errors import REMEDIES, ModelError
from app.llm.types import Part, Reasoning, Refusal, Stop, StopReason, Text, ToolCall, Usage
from app.llm.wire.dialect import Reading
from app.llm.wire.failures import from_event, from_response
from tests.llm.test_like_botocore import frame

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, 1, 7, 2**53, -1, True])
KEYS = """
choices delta content role reasoning reasoning_content refusal tool_calls function name arguments index id
finish_reason usage prompt_tokens completion_tokens total_tokens prompt_tokens_details cached_tokens x_groq model text
thinking type message response output item status incomplete_details reason input_tokens output_tokens
input_tokens_details output_tokens_details reasoning_tokens content_block partial_json stop_reason input
cache_read_input_tokens cache_creation_input_tokens candidates parts thought functionCall args finishReason
promptFeedback blockReason usageMetadata promptTokenCount candidatesTokenCount thoughtsTokenCount modelVersion start
toolUse toolUseId reasoningContent reasoningText contentBlockIndex stopReason inputTokens cacheReadInputTokens error
code details retryDelay
""".split()
NAMES = """
response.created response.output_text.delta response.refusal.delta response.reasoning_text.delta
response.output_item.done response.completed response.incomplete response.failed error ping message_start
content_block_start content_block_delta message_delta message_stop messageStart contentBlockStart contentBlockDelta
messageStop metadata text_delta thinking_delta input_json_delta text thinking tool_use function_call stop length
end_turn max_tokens STOP SAFETY content_filter refusal completed server_tool_use invalid_request_error
""".split()
WORDS = st.sampled_from(["", "Hi", "é😄", "null", "\ud800", "48s", *NAMES])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
# Close to what the dialects look for, so that the deeper branches are reached.
CHAT = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"delta": JSON, "message": JSON, "finish_reason": JSON}), max_size=2)}
)
FIELDS = st.dictionaries(st.sampled_from(KEYS), JSON)
TYPED = st.builds(lambda kind, fields: fields | {"type": kind}, st.sampled_from(NAMES), FIELDS)
GEMINI = st.fixed_dictionaries({"candidates": st.lists(st.fixed_dictionaries({"content": JSON, "finishReason": JSON}))})
EVENTS = st.lists(st.tuples(st.sampled_from(["", *NAMES]), JSON | CHAT | TYPED | GEMINI), max_size=5)
ANSWERS = st.one_of(
    st.tuples(st.just("sse"), EVENTS),
    st.tuples(st.just("frames"), EVENTS),
    st.tuples(st.just("whole"), EVENTS),
    st.tuples(st.just("array"), EVENTS),
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry", "x-amzn-errortype"]), st.text(max_size=20)
)


def written(form: str, events: list[tuple[str, Any]]) -> bytes:
    texts = [(name, json.dumps(value)) for name, value in events]
    match form:
        case "sse":
            return "".join(f"event: {name}\ndata: {text}\n\n" for name, text in texts).encode()
        case "frames":
            return b"".join(
                frame(text.encode(), message_type=_message_type(name), event_type=name) for name, text in texts
            )
        case "array":
            return json.dumps([value for _, value in events]).encode()
        case _:
            return b"".join(text.encode() for _, text in texts[:1])


def _message_type(name: str) -> str:
    return "exception" if name == "error" else "event"


def check(part: Part) -> None:
    match part:
        case Text(text) | Reasoning(text) | Refusal(text):
            assert isinstance(text, str)
        case ToolCall(identity, name, arguments):
            assert identity is None or isinstance(identity, str)
            assert isinstance(name, str)
            assert isinstance(arguments, str)
        case Usage():
            counts = (part.input_tokens_total, part.output_tokens_total, part.cache_read_tokens, part.reasoning_tokens)
            assert all(count >= 0 for count in counts)
        case Stop(reason, native):
            assert reason in get_args(StopReason)
            assert native is None or isinstance(native, str)


def read(reading: Reading, pieces: list[bytes]) -> tuple[list[Part], ModelError | None]:
    parts: list[Part] = []
    try:
        for piece in pieces:
            parts += reading.feed(piece)
        parts += reading.close()
    except ModelError as error:
        return parts, error
    return parts, None


@pytest.mark.parametrize("name", READY)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=ANSWERS, at=st.lists(st.integers(0, 5000), max_size=6), damage=st.none() | st.binary(max_size=4))
def test_whatever_comes_is_read_or_refused_in_our_own_words(
    name: str, answer: tuple[str, list[tuple[str, Any]]], at: list[int], damage: bytes | None
) -> None:
    body = written(*answer)
    if damage is not None:
        place = len(body) // 2
        body = body[:place] + damage + body[place + 1 :]
    edges = [0, *sorted(one % (len(body) + 1) for one in at), len(body)]
    parts, error = read(Reading(dialect_named(name).decoder()), [body[a:b] for a, b in pairwise(edges)])
    for part in parts:
        check(part)
    assert (error.kind in REMEDIES) if error else isinstance(parts[-1], Stop)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(status=st.integers(100, 999), value=JSON, headers=HEADERS)
def test_whatever_a_refusal_says_it_is_one_of_ours(status: int, value: object, headers: dict[str, str]) -> None:
    for error in (from_response(status, headers, json.dumps(value).encode()), from_event(value)):
        assert error.kind in REMEDIES
        assert error.retry_after_s is None or error.retry_after_s > 0
