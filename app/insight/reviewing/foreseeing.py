"""What would become of a question in a snapshot, from search and decision alone: no model writes anything."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from app.answering.deciding.basis import Basis, Checked
from app.answering.deciding.outcomes import conclude, may_show
from app.answering.deciding.rules import Rules
from app.answering.hearing import with_search
from app.answering.intent import read_intent
from app.answering.understanding.finding import READ
from app.knowledge.types import Found, Passage

Change = Literal["lost", "evidence", "decision", "gained"]
CHANGES: tuple[Change, ...] = ("lost", "evidence", "decision", "gained")
"""The gravest first."""
SHOWN = frozenset({"answer", "caveat"})
NEAR = 0.9
"""A passage with at least this share of the best score may as well carry the answer."""
MOST_LEADING = 3
_HELD = Checked(kept=True, score=0.9, reason="supported")
"""An answer of which every sentence holds as well as usual, so that only search and rules decide."""


@dataclass(frozen=True, slots=True)
class Leading:
    """A passage that would carry the answer."""

    document_id: str
    version: int
    title: str
    url: str
    heading: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The decision, and the passages that the answer would rest on, best first. `documents` are all that are read."""

    decision: str
    reason: str
    probability: float
    evidence: tuple[Leading, ...]
    read: tuple[Passage, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether the customer would see an answer."""
        return self.decision in SHOWN

    def json(self) -> dict[str, Any]:
        """As it is stored and shown."""
        head = {"decision": self.decision, "reason": self.reason, "probability": self.probability}
        return {**head, "evidence": [asdict(one) for one in self.evidence]}


def foresee(question: str, found: Found, rules: Rules) -> Foreseen:
    """What these hits would lead to if whatever is written from them holds."""
    basis = with_search(Basis(intent=read_intent(question, rules.never_auto)), question, found)
    if may_show(basis, rules):
        basis = replace(basis, written=True, sentences=(_HELD,))
    decision = conclude(basis, rules)
    read = tuple(hit.passage for hit in found.hits[:READ])
    return Foreseen(decision.name, decision.reason, decision.probability, _leading(found), read)


def change_between(before: Foreseen, after: Foreseen) -> Change | None:
    """How the answer would change: lost, gained, resting on something else, or only decided otherwise."""
    if before.answers != after.answers:
        return "lost" if before.answers else "gained"
    if before.answers and not _same_ground(before, after):
        return "evidence"
    return "decision" if before.decision != after.decision else None


def impact_of(counts: Mapping[str, int], asked: int, questions: int) -> dict[str, Any]:
    """Counts of askings by how they change. `share` is that of answers lost or resting on something else."""
    changed = {change: counts.get(change, 0) for change in CHANGES}
    share = (changed["lost"] + changed["evidence"]) / asked if asked else 0.0
    return {"questions": questions, "asked": asked, "changes": changed, "share": round(share, 4)}


def _leading(found: Found) -> tuple[Leading, ...]:
    least = NEAR * found.hits[0].score if found.hits else 0.0
    return tuple(_lead(hit.passage) for hit in found.hits[:MOST_LEADING] if hit.score >= least)


def _lead(one: Passage) -> Leading:
    place = (one.document_id, one.version, one.title, one.url, one.heading, one.start, one.end)
    return Leading(*place, one.text)


def _same_ground(before: Foreseen, after: Foreseen) -> bool:
    """The best passage of each side is, word for word, among those that lead on the other."""
    old, new = ([_words(one.text) for one in side.evidence] for side in (before, after))
    return bool(old and new) and old[0] in new and new[0] in old


def _words(text: str) -> str:
    return " ".join(text.split())
