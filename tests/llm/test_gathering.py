"""Text that is gathered says the same in fewer pieces, and holds back nothing that would end a sentence."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.sentencing import Cutter
from app.llm.errors import ModelError
from app.llm.resilience.gathering import Gathered
from app.llm.types import Options, Part, Prompt, Stop, Text, Usage

PROMPT = Prompt("", ())
TOKENS = st.lists(st.text("ab c1.!?\n[]*|:。", min_size=1, max_size=4), max_size=40)


@dataclass(frozen=True)
class Said:
    parts: tuple[Part, ...]
    error: ModelError | None = None
    name: str = "said"

    async def stream(self, _prompt: Prompt, _options: Options) -> AsyncIterator[Part]:
        for part in self.parts:
            yield part
        if self.error:
            raise self.error


async def gathered(*parts: Part) -> list[Part]:
    return [part async for part in Gathered(Said(parts)).stream(PROMPT, Options())]


async def test_tokens_come_together_until_a_sentence_may_have_ended() -> None:
    tokens = ["You", " can", " stop", " it", ".", " Press", " the", " button", ".", " [", "1", "]", "\n"]
    pieces = [part.text for part in await gathered(*map(Text, tokens)) if isinstance(part, Text)]
    assert pieces == ["You", " can stop it.", " Press", " the button.", " [", "1", "]", "\n"]


async def test_what_is_not_text_keeps_its_place() -> None:
    usage, stop = Usage(1, 1), Stop("stop")
    parts = await gathered(Text("One"), Text(" more"), usage, Text(" word"), stop)
    assert parts == [Text("One"), Text(" more"), usage, Text(" word"), stop]


async def test_what_was_said_before_an_error_is_heard_before_it() -> None:
    said = Gathered(Said((Text("Once"), Text(" more")), ModelError("cut_off", "x"))).stream(PROMPT, Options())
    assert [await anext(said), await anext(said)] == [Text("Once"), Text(" more")]
    with pytest.raises(ModelError):
        await anext(said)


@given(TOKENS)
async def test_nothing_is_lost_and_no_sentence_waits_longer(tokens: list[str]) -> None:
    """After each token a turn has cut as many sentences as if it had read the tokens one by one."""
    plain, late, held = Cutter(), Cutter(), ""
    wanted, got = 0, 0
    pieces = [part.text for part in await gathered(*map(Text, tokens)) if isinstance(part, Text)]
    assert "".join(pieces) == "".join(tokens)
    ends = {len("".join(pieces[: at + 1])) for at in range(len(pieces))}
    for token in tokens:
        wanted += len(plain.feed(token))
        held += token
        if len(held) in ends:
            got += len(late.feed(held[sum(map(len, pieces[: _before(pieces, len(held))])) :]))
        assert got == wanted


def _before(pieces: list[str], end: int) -> int:
    """How many pieces end before the one that ends here."""
    at, length = 0, 0
    while length + len(pieces[at]) < end:
        length, at = length + len(pieces[at]), at + 1
    return at
