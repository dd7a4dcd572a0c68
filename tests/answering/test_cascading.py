"""Who is asked, in which order, and when one answer is not enough."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.answering.cascading import Writers
from app.answering.difficulty import Route
from app.answering.evidence import Evidence
from app.answering.writing import Answer
from app.knowledge.types import Passage
from app.llm.errors import ModelError
from app.llm.types import Options, Part, Prompt, Refusal, Stop, Text
from app.safety.links import Hosts
from app.safety.redaction import redact

FACT = "A document may have at most 25 megabytes."
PASSAGE = Passage("p", "d", 1, "Limits", "/help/limits", "", f"{FACT} Only admins may publish a snapshot.", 0, 80)
GOOD = f"{FACT} [1]"
LIE = "A document may have at most 90 megabytes. [1]"
NONE = "NO ANSWER"
REFUSED = "refused"
LIKELY, UNLIKELY = 0.9, 0.2


@dataclass
class Says:
    """Writes one text, refuses, or breaks off; and counts."""

    name: str
    text: str | ModelError
    asked: int = 0

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:
        self.asked += 1
        if isinstance(self.text, ModelError):
            raise self.text
        if self.text == REFUSED:
            yield Refusal("No.")
            yield Stop("refusal")
            return
        yield Text(self.text)
        yield Stop("stop")


async def asked(
    cheap: str | ModelError, strong: str | ModelError, first: Route = "cheap", likely: float = LIKELY
) -> tuple[str, list[str]]:
    """What was shown in the end, and whom it took."""
    models = [Says("small", cheap), Says("spare", GOOD), Says("large", strong)]
    writers = Writers((models[0], models[1]), (models[2],), Says("last", NONE))
    answer = Answer("t", Evidence.of([PASSAGE]), Hosts.of([]), redact("How large?"))
    prompt = Prompt("", (), "How large?")
    async for _ in writers.write(first, prompt, Options(), answer, likely=likely):
        pass
    return answer.text, answer.models


@pytest.mark.parametrize(
    ("cheap", "strong", "first", "likely", "whom"),
    [
        (GOOD, GOOD, "cheap", LIKELY, ["small"]),
        (LIE, GOOD, "cheap", LIKELY, ["small", "large"]),  # nothing held: the strong one once, not the spare one
        (NONE, GOOD, "cheap", LIKELY, ["small", "large"]),  # abstained although the passages probably answer
        (NONE, GOOD, "cheap", UNLIKELY, ["small"]),  # abstained, and that is believed
        (REFUSED, GOOD, "cheap", LIKELY, ["small"]),  # what a provider refuses is taken to no other
        (ModelError("server", "down"), GOOD, "cheap", LIKELY, ["small", "spare"]),  # a spare one stands in
        (LIE, LIE, "cheap", LIKELY, ["small", "large", "last"]),
        (LIE, NONE, "cheap", LIKELY, ["small", "large"]),
        (LIE, ModelError("server", "down"), "cheap", LIKELY, ["small", "large", "last"]),
        (GOOD, GOOD, "strong", LIKELY, ["large"]),
        (GOOD, NONE, "strong", LIKELY, ["large"]),
        (GOOD, ModelError("server", "down"), "strong", LIKELY, ["large", "last"]),
    ],
)
async def test_whom_it_takes(
    cheap: str | ModelError, strong: str | ModelError, first: Route, likely: float, whom: list[str]
) -> None:
    shown, models = await asked(cheap, strong, first, likely)
    assert models == whom
    assert shown in {"", GOOD}
    assert bool(shown) is (whom[-1] == "spare" or {"small": cheap, "large": strong}.get(whom[-1], "") is GOOD)


async def test_what_a_cheap_model_got_wrong_does_not_count_against_the_strong_one() -> None:
    writers = Writers((Says("small", LIE),), (Says("large", GOOD),), Says("last", NONE))
    answer = Answer("t", Evidence.of([PASSAGE]), Hosts.of([]), redact("How large?"))
    async for _ in writers.write("cheap", Prompt("", ()), Options(), answer, likely=LIKELY):
        pass
    assert [verdict.kept for verdict in answer.verdicts] == [False, True]
    assert [verdict.kept for verdict in answer.standing] == [True]


async def test_one_model_in_both_lists_is_asked_once() -> None:
    one = Says("one", LIE)
    writers = Writers((one,), (Says("one", GOOD),), Says("last", NONE))
    answer = Answer("t", Evidence.of([PASSAGE]), Hosts.of([]), redact("How large?"))
    async for _ in writers.write("cheap", Prompt("", ()), Options(), answer, likely=LIKELY):
        pass
    assert answer.models == ["one", "last"]
