"""The passages of one turn, read once, so that each sentence of the answer can be held against them quickly."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.answering.statements import PREFIX, Statement, read
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Passage
from app.language import blocks, sentences_of

LONGEST_WINDOW = 4
COST_OF_A_SENTENCE = 0.02  # of coverage: a longer quotation must earn its length
CONSIDERED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a passage, at [start, end) of the passage's text."""

    start: int
    end: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive sentences of one passage that may support a claim, and how much of its weight they hold."""

    number: int
    lines: tuple[Line, ...]
    context: Statement
    coverage: float

    @property
    def start(self) -> int:
        """Where the quotation starts in the passage's text."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.lines[-1].end

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the quoted sentences say, and the title and headings above them."""
        return (*(line.statement for line in self.lines), self.context)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Passages, numbered from 1 in order. `known` are names that need no proof: the product's, the customer's.

    `reader` is asked where the words alone do not settle whether a claim is carried; without one they do.
    """

    passages: tuple[Passage, ...]
    lines: tuple[tuple[Line, ...], ...]
    contexts: tuple[Statement, ...]
    weights: dict[str, float]
    unknown_weight: float
    known: frozenset[str] = frozenset()
    reader: ClaimReader | None = None

    @classmethod
    def of(
        cls, passages: Sequence[Passage], known: Iterable[str] = (), reader: ClaimReader | None = None
    ) -> "Evidence":
        """Read the passages."""
        read_passages = [_lines(passage.text) for passage in passages]
        lines = tuple(found for found, _ in read_passages)
        contexts = tuple(
            read(f"{passage.title} | {passage.heading.replace(' › ', ' | ')} | {headings}")
            for passage, (_, headings) in zip(passages, read_passages, strict=True)
        )
        weights, unknown = _weights([line.statement for found in lines for line in found])
        words = frozenset(word.lower() for name in known for word in name.split())
        return cls(tuple(passages), lines, contexts, weights, unknown, words, reader)

    def weigh(self, stems: Iterable[str]) -> float:
        """How much these words say: rare ones more, those that no passage holds most."""
        return sum(self.weights.get(one, self.unknown_weight) for one in stems)

    def verbatim(self, claim: Statement, number: int) -> Window | None:
        """The sentences of this passage that say exactly this, if they do."""
        lines, length = self.lines[number - 1], len(claim.sequence)
        for start in range(len(lines) if length else 0):
            said: tuple[str, ...] = ()
            for end in range(start, min(start + LONGEST_WINDOW, len(lines))):
                said += lines[end].statement.sequence
                if len(said) >= length:
                    break
            if said == claim.sequence:
                return Window(number, lines[start : end + 1], self.contexts[number - 1], 1.0)
        return None

    def windows(self, claim: Statement, number: int) -> list[Window]:
        """The few windows of this passage that hold most of the claim's weight, best and shortest first."""
        lines, context = self.lines[number - 1], self.contexts[number - 1]
        given = self.weigh(claim.stems & context.stems)
        whole = self.weigh(claim.stems)
        found = []
        for start, end, stems in _runs(lines, claim.stems):
            held = self.weigh(stems - context.stems) + given
            found.append((held / whole - COST_OF_A_SENTENCE * (end - start), start, end, held / whole))
        found.sort(key=lambda one: (-one[0], one[2] - one[1], one[1]))
        return [Window(number, lines[start:end], context, coverage) for _, start, end, coverage in found[:CONSIDERED]]


def _runs(lines: Sequence[Line], wanted: frozenset[str]) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Runs of sentences that each begin and end with one that says something of what is wanted."""
    shared = [line.statement.stems & wanted for line in lines]
    for start, first in enumerate(shared):
        held = first
        if not first:
            continue
        yield start, start + 1, held
        for end in range(start + 1, min(start + LONGEST_WINDOW, len(lines))):
            if not shared[end] <= held:
                held |= shared[end]
                yield start, end + 1, held


@lru_cache(maxsize=1024)
def _lines(text: str) -> tuple[tuple[Line, ...], str]:
    """The passage's sentences, and its headings, which are no statements of their own."""
    lines, headings = [], []
    for block in blocks(text):
        for span in sentences_of(text, block):
            if block.kind == "heading":
                headings.append(span.text)
                continue
            prefix = PREFIX.match(span.text)
            start = span.start + (prefix.end() if prefix else 0)
            statement = read(text[start : span.end])
            if statement.sequence:
                lines.append(Line(start, span.end, statement))
    return tuple(lines), " | ".join(headings)


def _weights(statements: Sequence[Statement]) -> tuple[dict[str, float], float]:
    """Inverse sentence frequency within this turn's passages."""
    counts: dict[str, int] = {}
    for statement in statements:
        for one in statement.stems:
            counts[one] = counts.get(one, 0) + 1
    total = len(statements) + 1
    return {one: math.log1p(total / count) for one, count in counts.items()}, math.log1p(2 * total)
