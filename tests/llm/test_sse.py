from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.llm.wire.sse import LONGEST_EVENT, Event, Parser, TooLong

LINES = st.sampled_from(
    "data: one|data:two|data:  three |data|event: news|event:|id: 7|: comment||error: {}|odd|data: caf\u00e9 \U0001f604"
    "|data: a:b|\ufeffdata: mark|retry: 5|data: \x0b\x0c\u2028".split("|")
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def events(*pieces: bytes) -> list[Event]:
    parser = Parser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.close()


def cut(body: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in at), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


@given(st.lists(st.tuples(LINES, ENDS), max_size=25), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_cut_of_the_bytes_gives_the_same_events(lines: list[tuple[str, str]], at: list[int]) -> None:
    body = "".join(line + end for line, end in lines).encode()
    assert events(*cut(body, at)) == events(body) == events(*(bytes([byte]) for byte in body))


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_arbitrary_bytes_never_raise_and_never_depend_on_the_cut(body: bytes, at: list[int]) -> None:
    assert events(*cut(body, at)) == events(body)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_ends_a_line(end: bytes) -> None:
    body = end.join([b"event: greeting", b"data: hello", b"data: there", b"", b"data: next", b"", b""])
    assert events(body) == [Event("greeting", b"hello\nthere"), Event("", b"next")]


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    parser = Parser()
    assert parser.feed(b"data: 1\n") == []
    assert parser.feed(b"\n") == [Event("", b"1")]
    assert parser.feed(b"data: 2\r\r") == [Event("", b"2")]
    assert parser.feed(b"\ndata: 3\n\n") == [Event("", b"3")]


def test_comments_unknown_fields_and_events_without_data_say_nothing() -> None:
    assert events(b": OPENROUTER PROCESSING\n\nid: 1\nretry: 10\n\nevent: ping\n\ndata: x\n\n") == [Event("", b"x")]


def test_the_error_field_that_the_standard_drops_is_an_event_named_error() -> None:
    assert events(b'error: {"code":500}\n\n') == [Event("error", b'{"code":500}')]


def test_an_event_without_its_blank_line_comes_when_the_stream_ends() -> None:
    assert events(b"data: [DONE]") == [Event("", b"[DONE]")]


def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    parser = Parser()
    parser.feed(b"x" * LONGEST_EVENT)
    with pytest.raises(TooLong):
        parser.feed(b"x")
