"""We sign and read frames as botocore does: 300 of each, as scripts/record_botocore.py recorded them."""

import contextlib
import json
import struct
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.connecting import dialect_named
from app.llm.types import Options, Prompt, Turn
from app.llm.wire.dialect import Endpoint, Request
from app.llm.wire.frames import Damaged, Parser
from app.llm.wire.signing import Credentials, Signed, signed
from app.llm.wire.sse import Event

RECORDED = json.loads(Path(__file__).with_name("botocore.json").read_text())


@pytest.mark.parametrize("case", RECORDED["signed"], ids=range(len(RECORDED["signed"])))
def test_a_request_is_signed_as_botocore_signs_it(case: dict[str, Any]) -> None:
    asked = Request(case["url"], case["headers"], case["body"].encode())
    done = signed(asked, Credentials(*case["keys"]), case["region"], datetime.fromtimestamp(case["moment"], UTC))
    assert {name.lower(): value for name, value in done.headers.items()} == case["signed"]


@pytest.mark.parametrize("case", RECORDED["frames"], ids=range(len(RECORDED["frames"])))
def test_a_frame_is_read_as_botocore_reads_it(case: dict[str, Any]) -> None:
    whole = bytes.fromhex(case["frame"])
    try:
        frames = list(Parser().frames(whole))
    except Damaged:
        assert "error" in case
        return
    assert [frame.headers for frame in frames] == case["headers"]
    assert [frame.payload.hex() for frame in frames] == case["payloads"]


def frame(payload: bytes, **headers: str) -> bytes:
    block = b"".join(
        bytes([len(name) + 1]) + f":{name.replace('_', '-')}".encode() + b"\7" + struct.pack(">H", len(value)) + value
        for name, value in ((name, text.encode()) for name, text in headers.items())
    )
    prelude = struct.pack(">II", len(block) + len(payload) + 16, len(block))
    whole = prelude + struct.pack(">I", crc32(prelude)) + block + payload
    return whole + struct.pack(">I", crc32(whole))


def events(*pieces: bytes) -> list[Event]:
    parser = Parser()
    return [event for piece in pieces for event in parser.feed(piece)]


@given(st.lists(st.binary(max_size=50), max_size=5), st.lists(st.integers(0, 2000), max_size=9))
def test_any_cut_of_the_bytes_gives_the_same_frames(payloads: list[bytes], at: list[int]) -> None:
    body = b"".join(frame(payload, message_type="event", event_type="news") for payload in payloads)
    edges = [0, *sorted(place % (len(body) + 1) for place in at), len(body)]
    expected = [Event("news", payload) for payload in payloads]
    assert events(body) == expected
    assert events(*(body[start:end] for start, end in pairwise(edges))) == expected
    assert events(*(bytes([byte]) for byte in body)) == expected


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_damaged_or_not_yet_whole(body: bytes) -> None:
    with contextlib.suppress(Damaged):
        assert all(isinstance(event, Event) for event in events(body))


def test_an_error_frame_without_words_is_an_error_all_the_same() -> None:
    told = events(frame(b"", message_type="error", error_code="InternalFailure", error_message="oops"))
    assert [(event.name, json.loads(event.data)) for event in told] == [
        ("error", {"code": "InternalFailure", "message": "oops"})
    ]


def test_a_request_that_is_sent_again_is_signed_again_and_shows_no_secret() -> None:
    moments = iter(datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=number) for number in range(2))
    keys = Credentials("AKIA", "a-secret", "a-token")
    dialect = Signed(dialect_named("bedrock"), keys, "eu-central-1", clock=lambda: next(moments))
    endpoint = Endpoint("nova", "https://bedrock-runtime.eu-central-1.amazonaws.com")
    first, second = (
        dialect.request(endpoint, Prompt("", (Turn("user", "Hi"),)), Options(), stream=True).headers for _ in range(2)
    )
    assert (first["x-amz-date"], second["x-amz-date"]) == ("20261121T000000Z", "20261121T000001Z")
    assert first["authorization"] != second["authorization"]
    assert "a-secret" not in f"{first}{keys!r}"
