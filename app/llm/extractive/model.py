"""The model that needs no provider: it answers in the passages' own sentences, or not at all."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np

from app.llm.extractive.composing import compose
from app.llm.extractive.scoring import Asked, Embed, Vectors, scored
from app.llm.extractive.units import Unit, units
from app.llm.types import Ask, Excerpt, Options, Part, Prompt, Stop, Text, Usage

NAME = "extractive"
ABSTAINS = "abstain"


@dataclass(frozen=True, slots=True)
class ExtractiveModel:
    """Composes an answer of verbatim sentences, steps and tables, each with the number of its passage.

    Says nothing but `Stop(native="abstain")` when there is nothing to quote. Costs no tokens and no network.
    """

    embed: Embed
    name: str = NAME

    async def stream(self, prompt: Prompt, options: Options) -> AsyncIterator[Part]:  # noqa: ARG002  # nothing to set
        """Yield one text for each sentence, item or row; the questions of a prompt are answered in their order."""
        said: list[Unit] = []
        unanswered: list[int] = []
        asks = prompt.asks or (Ask(prompt.question, tuple(one.number for one in prompt.excerpts)),)
        for place, ask in enumerate(asks):
            chosen = await self._composed(ask, prompt.excerpts)
            unanswered += [] if chosen else [place]
            new = [unit for unit in chosen if not _held(unit, said)]
            if said and new and ask.lead:
                yield Text(f"{ask.lead}\n\n")
            for text in written(new):
                yield Text(text)
            said += new
        yield Usage(0, 0)
        without = tuple(unanswered) if prompt.asks else None
        yield Stop("stop", native=None if said else ABSTAINS, model=NAME, unanswered=without)

    async def _composed(self, ask: Ask, excerpts: Sequence[Excerpt]) -> list[Unit]:
        """The units that answer one question, from its own excerpts in their own order."""
        own = [next(one for one in excerpts if one.number == number) for number in ask.numbers]
        found = units([replace(one, number=rank) for rank, one in enumerate(own, start=1)])
        asked = Asked.of(ask.question, found)
        ranked = await scored(asked, found, self.embed) if found and asked.weights else []
        return [replace(unit, number=own[unit.number - 1].number) for unit in compose(asked, found, ranked)]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Embeds each text once: the same passages answer the same questions all day. 4,000 texts take 6 MB."""

    embed: Embed
    most: int = 4000
    _kept: OrderedDict[str, Vectors] = field(default_factory=OrderedDict)

    async def __call__(self, texts: list[str]) -> Vectors:
        """One row a text."""
        new = list(dict.fromkeys(text for text in texts if text not in self._kept))
        fresh = dict(zip(new, await self.embed(new), strict=True)) if new else {}
        rows = [fresh[text] if text in fresh else self._kept[text] for text in texts]
        self._kept.update(fresh)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return np.stack(rows)


def _held(unit: Unit, before: Sequence[Unit]) -> bool:
    """Whether an earlier answer holds it."""
    return any(set(unit.pieces) <= set(one.pieces) for one in before)


def written(chosen: Sequence[Unit]) -> Iterator[str]:
    """Markdown, each sentence, item and table with its marker; sentences of one paragraph stay together."""
    for unit, following in zip_longest(chosen, chosen[1:]):
        together = following is not None and _paragraph(unit) == _paragraph(following)
        yield from _written(unit, " " if together else "\n\n")


def _paragraph(unit: Unit) -> tuple[int, int] | None:
    return (unit.section, unit.paragraph) if unit.kind == "sentence" else None


def _written(unit: Unit, end: str) -> Iterator[str]:
    marker = f"[{unit.number}]"
    if unit.lead:
        yield f"{unit.lead} {marker}\n\n"
    match unit.kind:
        case "sentence":
            yield f"{unit.pieces[0]} {marker}{end}"
        case "table":
            *rows, last = unit.pieces
            yield "".join(f"{row}\n" for row in rows) + f"{last.rstrip().removesuffix('|').rstrip()} {marker} |\n\n"
        case "code":
            yield f"{unit.pieces[0]}\n\n{marker}\n\n"
        case "list" | "steps":
            yield from (f"{piece} {marker}\n" for piece in unit.pieces[:-1])
            yield f"{unit.pieces[-1]} {marker}\n\n"
