"""What providers send beside the ordinary, as their recorded traffic shows it."""

import json

import pytest

from app.llm.connecting import dialect_named
from app.llm.errors import ModelError
from app.llm.outcome import Outcome
from app.llm.types import ToolCall
from app.llm.wire.dialect import Reading
from tests.llm.test_like_botocore import frame


def read(dialect: str, body: str) -> Outcome:
    outcome, reading = Outcome("some-model"), Reading(dialect_named(dialect).decoder())
    try:
        outcome.take(reading.feed(body.encode()))
        outcome.take(reading.close())
    except ModelError as error:
        outcome.fail(error)
    return outcome


def stream(*events: object, done: bool = True) -> str:
    data = [*(json.dumps(event) for event in events), *(["[DONE]"] if done else [])]
    return "".join(f"data: {one}\n\n" for one in data)


def chunk(delta: object = None, finish: str | None = None, **more: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **more}


def failed(outcome: Outcome) -> tuple[str | None, str | None]:
    return (outcome.error.kind, outcome.error.at) if outcome.error else (None, None)


def test_done_without_a_stop_reason_is_an_end() -> None:
    outcome = read("openai-compatible", stream(chunk({"content": "Yes"}, "")))
    assert (outcome.text, failed(outcome)) == ("Yes", (None, None))
    assert outcome.stop
    assert (outcome.stop.reason, outcome.stop.native) == ("stop", None)


def test_an_end_without_done_and_without_a_stop_reason_is_cut_off() -> None:
    assert failed(read("openai-compatible", stream(chunk({"content": "Yes"}), done=False))) == ("cut_off", "mid-stream")


def test_half_an_event_at_the_end_is_cut_off_and_not_malformed() -> None:
    assert failed(read("openai-chat", stream(chunk({"content": "Y"}), done=False) + 'data: {"cho')) == (
        "cut_off",
        "mid-stream",
    )


def test_an_event_that_is_no_json_is_malformed() -> None:
    assert failed(read("openai-chat", "data: hello\n\n")) == ("malformed", "mid-stream")


def test_an_error_field_an_error_event_and_an_error_in_a_chunk_are_errors() -> None:
    begun = stream(chunk({"content": "Y"}), done=False)
    error = {"error": {"code": 502, "message": "upstream"}}
    assert failed(read("openai-compatible", begun + 'error: {"code": 500, "message": "x"}\n\n'))[0] == "server"
    assert failed(read("openai-compatible", begun + f"event: error\ndata: {json.dumps(error)}\n\n"))[0] == "server"
    assert failed(read("openai-compatible", begun + stream(chunk({}, "error", **error))))[0] == "server"


def test_an_error_body_under_200_is_an_error() -> None:
    outcome = read("openai-compatible", '{"error": {"message": "Rate limited", "code": 429}}')
    assert failed(outcome) == ("rate_limit", "http")


def test_json_of_another_program_is_no_answer() -> None:
    for dialect in ("openai-chat", "openai-responses", "anthropic", "gemini"):
        assert failed(read(dialect, '{"hello": "world"}')) == ("malformed", "http")


def test_a_whole_answer_is_read_where_a_stream_was_asked_for() -> None:
    body = {"choices": [{"message": {"content": "Yes", "reasoning_content": "Hm"}, "finish_reason": "eos"}]}
    outcome = read("openai-compatible", json.dumps(body))
    assert (outcome.text, outcome.told()["reasoning"], outcome.told()["stop"]) == ("Yes", "Hm", "stop")


def test_what_perplexity_repeats_beside_each_delta_is_not_said_twice() -> None:
    one = chunk({"content": "One"}) | {"choices": [{"delta": {"content": "One"}, "message": {"content": "One"}}]}
    last = {"choices": [{"delta": {}, "message": {"content": "One"}, "finish_reason": "stop"}]}
    assert read("openai-compatible", stream(one, last)).text == "One"


def test_fragments_of_tool_calls_are_put_together_by_index_or_by_id() -> None:
    fragments = [
        chunk({"tool_calls": [{"index": 1, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}]}),
        chunk({"tool_calls": [{"index": 1, "id": "null", "function": {"arguments": ": 1}"}}]}),
        chunk({"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g", "arguments": {"y": 2}}}]}),
        chunk({"tool_calls": [{"function": {"arguments": ""}}]}, "stop"),
    ]
    outcome = read("openai-compatible", stream(*fragments))
    assert outcome.tool_calls == [ToolCall("a", "f", '{"x": 1}'), ToolCall("b", "g", '{"y": 2}')]
    assert outcome.told()["stop"] == "tool_calls"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}}}, (3, 2, 0, 0)),
        ({"usage": {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 8}}, (9, 1, 8, 0)),
        (
            {
                "usage": {
                    "prompt_tokens": 10,
                    "completion_tokens": 5,
                    "total_tokens": 22,
                    "completion_tokens_details": {"reasoning_tokens": 7},
                }
            },
            (10, 12, 0, 7),
        ),
        ({"usage": {"prompt_tokens": "many", "completion_tokens": -1}}, (0, 0, 0, 0)),
    ],
)
def test_usage_is_found_wherever_a_server_puts_it(usage: dict[str, object], expected: tuple[int, ...]) -> None:
    told = read("openai-compatible", stream(chunk({"content": "x"}, "stop", **usage))).usage
    assert told
    assert (
        told.input_tokens_total,
        told.output_tokens_total,
        told.cache_read_tokens,
        told.reasoning_tokens,
    ) == expected


def test_the_later_usage_of_anthropic_overrides_the_earlier_field_by_field() -> None:
    body = stream(
        {"type": "message_start", "message": {"usage": {"input_tokens": 1, "cache_read_input_tokens": 5}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "something_new"},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "pause_turn"},
            "usage": {"input_tokens": 4, "output_tokens": 2},
        },
        done=False,
    )
    outcome = read("anthropic", body)
    assert outcome.usage
    assert (outcome.usage.input_tokens_total, outcome.usage.output_tokens_total) == (9, 2)
    assert outcome.told()["stop"] == "pause"


def test_a_response_that_reached_its_limit_is_an_answer_cut_short() -> None:
    response = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    body = stream({"type": "response.incomplete", "response": response}, done=False)
    assert read("openai-responses", body).told()["stop"] == "length"


def test_a_response_that_failed_tells_why() -> None:
    response = {"status": "failed", "error": {"code": "rate_limit_exceeded", "message": "slow"}}
    body = stream({"type": "response.failed", "response": response}, done=False)
    assert failed(read("openai-responses", body)) == ("rate_limit", "mid-stream")


def test_an_array_of_gemini_that_breaks_off_is_cut_off() -> None:
    half = [{"candidates": [{"content": {"parts": [{"text": "Hi"}]}}]}]
    assert failed(read("gemini", json.dumps(half)[:-1]))[0] == "cut_off"
    assert failed(read("gemini", json.dumps(half)))[0] == "cut_off"


def test_bedrock_keeps_its_own_tools_to_itself_and_thinks_apart() -> None:
    frames = [
        (
            "contentBlockStart",
            {"contentBlockIndex": 0, "start": {"toolUse": {"type": "server_tool_use", "name": "web"}}},
        ),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"reasoningContent": {"text": "Hm"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"text": "Yes"}}),
        ("somethingNew", {"p": "abc"}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 3, "outputTokens": 2, "cacheReadInputTokens": 5}}),
    ]
    outcome, reading = Outcome("nova"), Reading(dialect_named("bedrock").decoder())
    for name, payload in frames:
        outcome.take(reading.feed(frame(json.dumps(payload).encode(), message_type="event", event_type=name)))
    outcome.take(reading.close())
    told = outcome.told()
    assert (told["text"], told["reasoning"], told["tool_calls"], told["stop"]) == ("Yes", "Hm", [], "stop")
    assert outcome.usage
    assert outcome.usage.input_tokens_total == 8


def test_a_damaged_frame_is_malformed_and_a_broken_one_cut_off() -> None:
    whole = frame(b'{"delta": {"text": "Yes"}}', message_type="event", event_type="contentBlockDelta")
    for body, kind in ((whole[:-1] + b"x", "malformed"), (whole + whole[:20], "cut_off")):
        reading = Reading(dialect_named("bedrock").decoder())
        with pytest.raises(ModelError) as refusal:
            list(reading.feed(body) if kind == "malformed" else [*reading.feed(body), *reading.close()])
        assert refusal.value.kind == kind


def test_bedrock_text_that_cites_is_text() -> None:
    cited = {"citationsContent": {"content": [{"text": "Yes, "}], "citations": [{"title": "A"}]}}
    answer = {"output": {"message": {"content": [cited, {"text": "it is."}]}}, "stopReason": "end_turn"}
    assert read("bedrock", json.dumps(answer)).text == "Yes, it is."
