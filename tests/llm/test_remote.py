"""A model over a real connection: recorded answers, and every way in which a provider lets one down."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from app.llm.connecting import dialect_named
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.outcome import Outcome
from app.llm.types import Model, Options, Prompt, Text, Turn
from app.llm.wire.dialect import Endpoint
from app.llm.wire.remote import RemoteModel
from app.llm.wire.signing import Credentials, Signed
from tests.llm.recordings import FOLDERS, Case, recorded

PROMPT = Prompt(system="Be brief.", turns=(Turn("user", "Hello?"),))
CASES = recorded(*FOLDERS)
pytestmark = pytest.mark.shared

Played = Callable[..., RemoteModel]


async def ask(model: Model) -> Outcome:
    outcome = Outcome(model.name)
    try:
        async with asked(model, PROMPT, Options()) as answer:
            async for part in answer:
                outcome.add(part)
    except ModelError as error:
        outcome.fail(error)
    return outcome


@pytest.mark.parametrize("fault", ["split=seed:3", "gzip=1"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_a_recorded_answer_comes_over_the_wire_as_expected(case: Case, fault: str, played: Played) -> None:
    model = replace(played(FOLDERS[case.folder], case.id, fault, streaming=case.stream), dialect=case.dialect)
    told = (await ask(model)).told()
    assert told == {name: case.expected[name] for name in told}


async def test_windows_line_ends_change_nothing(played: Played) -> None:
    assert (await ask(played("anthropic", "an-stream-emoji", "crlf=1"))).text.endswith("useful! 😄")


async def test_a_stream_that_breaks_off_is_no_answer(played: Played) -> None:
    outcome = await ask(played("anthropic", "an-stream-emoji", "cut=70%"))
    assert outcome.text
    assert outcome.error
    assert (outcome.error.kind, outcome.error.at, outcome.error.retryable) == ("cut_off", "mid-stream", True)


async def test_an_answer_that_said_why_it_stopped_is_whole_even_if_its_farewell_is_lost(played: Played) -> None:
    outcome = await ask(played("openai-chat", "oc-stream-nousage", "cut=1195"))
    assert (outcome.text, outcome.error) == ("Atlantic Ocean", None)
    assert outcome.stop


async def test_a_stream_that_says_nothing_times_out_though_comments_keep_it_alive(played: Played) -> None:
    started = time.monotonic()
    outcome = await ask(played("anthropic", "an-stream-text", "ttfb=5", "keepalive=0.05", first_token=0.3))
    assert time.monotonic() - started < 2
    assert outcome.error
    assert (outcome.error.kind, outcome.error.at) == ("timeout", "http")


async def test_a_stream_that_stalls_times_out_between_words(played: Played) -> None:
    outcome = await ask(played("anthropic", "an-stream-emoji", "stall=1200", between_tokens=0.3))
    assert outcome.text
    assert outcome.error
    assert (outcome.error.kind, outcome.error.at) == ("timeout", "mid-stream")


async def test_a_stream_that_trickles_for_ever_ends_with_the_total_time(played: Played) -> None:
    started = time.monotonic()
    outcome = await ask(played("anthropic", "an-stream-emoji", "split=event", "gap=0.2", total=0.7))
    assert time.monotonic() - started < 2
    assert outcome.error
    assert outcome.error.kind == "timeout"


async def test_a_provider_that_hangs_up_without_a_word_is_unavailable(played: Played) -> None:
    outcome = await ask(played("openai-chat", "oc-text", "fail_cut=9", "key=hangs-up"))
    assert outcome.error
    assert (outcome.error.kind, outcome.error.retryable) == ("unavailable", True)


async def test_a_new_connection_that_is_closed_without_a_word_is_not_sent_again_unasked(played: Played) -> None:
    outcome = await ask(played("openai-chat", "oc-text", "fail_cut=1", "key=hangs-up-once"))
    assert outcome.error
    assert (outcome.error.kind, outcome.error.remedy) == ("unavailable", "retry")
    assert (await ask(played("openai-chat", "oc-text", "fail_cut=1", "key=hangs-up-once"))).text == "Atlantic Ocean."


async def test_a_kept_connection_that_the_server_closed_is_replaced_at_once(client: httpx.AsyncClient) -> None:
    answer = b'{"choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}]}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        model = RemoteModel("closing", Endpoint("some-model", base), dialect_named("openai-chat"), client)
        outcomes = [await ask(model) for _ in range(30)]
    assert [(outcome.text, outcome.error) for outcome in outcomes] == [("Yes", None)] * 30


async def test_a_port_where_nobody_listens_is_unavailable(client: httpx.AsyncClient) -> None:
    endpoint = Endpoint("some-model", "http://127.0.0.1:9/v1")
    outcome = await ask(RemoteModel("nobody", endpoint, dialect_named("openai-chat"), client))
    assert outcome.error
    assert (outcome.error.kind, outcome.error.retryable) == ("unavailable", True)


@pytest.mark.parametrize("url", ["http://", "gopher://x/v1", "http://127.0.0.1:99999/v1"])
async def test_an_address_that_cannot_be_asked_is_told_and_not_tried_again(url: str, client: httpx.AsyncClient) -> None:
    outcome = await ask(RemoteModel("odd", Endpoint("some-model", url), dialect_named("openai-chat"), client))
    assert outcome.error
    assert (outcome.error.kind, outcome.error.retryable) == ("unavailable", False)


async def test_hanging_up_closes_the_connection(played: Played) -> None:
    model = played("anthropic", "an-stream-emoji", "split=event", "gap=0.3")
    started = time.monotonic()
    async with asked(model, PROMPT, Options()) as answer:
        async for part in answer:
            if isinstance(part, Text):
                break
    assert time.monotonic() - started < 2


async def test_a_listener_that_takes_its_time_is_not_taken_for_a_silent_provider(played: Played) -> None:
    model = played("anthropic", "an-stream-emoji", "split=event", first_token=0.3, between_tokens=0.1)
    texts = []
    async with asked(model, PROMPT, Options()) as answer:
        async for part in answer:
            if isinstance(part, Text):
                texts.append(part.text)
                await asyncio.sleep(0.15)
    assert "".join(texts).endswith("😄")


@pytest.mark.parametrize("status", [301, 307])
async def test_a_redirect_is_not_followed_because_the_key_would_go_along(status: int) -> None:
    def elsewhere(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"location": "https://elsewhere.example/"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(elsewhere)) as client:
        endpoint = Endpoint("some-model", "https://provider.example/v1", "a-key")
        outcome = await ask(RemoteModel("moved", endpoint, dialect_named("openai-chat"), client))
    assert outcome.error
    assert outcome.error.status == status


async def test_the_name_of_a_bedrock_model_arrives_as_it_was_signed(client: httpx.AsyncClient) -> None:
    lines: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.extend((await reader.readuntil(b"\r\n\r\n")).splitlines())
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        dialect = Signed(dialect_named("bedrock"), Credentials("AKIA", "secret"), "eu-west-1")
        endpoint = Endpoint("us.amazon.nova-2 lite/v1:0", f"http://{address}")
        outcome = await ask(RemoteModel("nova", endpoint, dialect, client))
    assert outcome.error
    assert outcome.error.kind == "not_found"
    assert lines[0] == b"POST /model/us.amazon.nova-2%20lite%2Fv1:0/converse-stream HTTP/1.1"
    sent = dict(line.decode().lower().split(": ", 1) for line in lines[1:] if line)
    assert sent["host"] == address
    assert "signedheaders=content-type;host;x-amz-date" in sent["authorization"]


async def test_who_is_cancelled_while_reading_is_cancelled_and_not_told_of_a_timeout(played: Played) -> None:
    reading = asyncio.create_task(ask(played("anthropic", "an-stream-emoji", "stall=1200", between_tokens=5)))
    await asyncio.sleep(0.3)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_the_time_for_one_call_can_be_set_with_its_options(played: Played) -> None:
    started, model = time.monotonic(), played("anthropic", "an-stream-emoji", "stall=1200")
    with pytest.raises(ModelError, match="timeout: The whole answer"):
        async for _ in model.stream(PROMPT, Options(timeout=0.3)):
            pass
    assert time.monotonic() - started < 2


async def test_a_timeout_leaves_nothing_behind_that_cancels_later(played: Played) -> None:
    await ask(played("anthropic", "an-stream-text", first_token=0.2, between_tokens=0.2, total=0.3))
    await asyncio.sleep(0.4)
