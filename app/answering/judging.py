"""Judges whether what a passage says carries a claim, and names the first thing that speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.answering.alignment import Slip, slip
from app.answering.evidence import Evidence, Window
from app.answering.statements import CONTRARIES, Statement, root_of

ENOUGH = 0.62  # of the claim's weight; see docs/decisions and `answerdesk eval grounding`

ABSOLUTE = frozenset("never cannot can't can’t unable no none nobody nothing neither nor".split())
"""What may stand behind a “never”. A mere “not” says less: not here, not yet, not in this way."""

_SLIPS: dict[Slip, "Reason | None"] = {
    "": None, "negation": "negation", "contrary": "contrary", "number": "exchanged", "name": "exchanged",
}  # fmt: skip

Reason = Literal[
    "verbatim", "supported", "reworded", "courtesy", "unsupported", "doubted", "number", "unit", "name", "address",
    "negation", "contrary", "exchanged", "link", "refusal", "empty",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Support:
    """How well one window carries a claim. `reason` names the first thing that speaks against it."""

    window: Window
    score: float
    reason: Reason

    @property
    def holds(self) -> bool:
        """Whether the claim may be shown on this ground."""
        return self.reason in ("verbatim", "supported", "reworded")

    @property
    def contradicts(self) -> bool:
        """Whether the window says the opposite, or the same of something else."""
        return self.reason in ("negation", "contrary", "exchanged")


def judge(claim: Statement, window: Window, known: frozenset[str]) -> Support:
    """Whether this window carries the claim: enough of its words, all its facts, none turned round or exchanged."""
    quoted = [line.statement for line in window.lines]
    nearest = max(quoted, key=lambda one: len(one.stems & claim.stems))
    reason = (
        _lack(claim, window.statements, known)
        or _turn(claim, window.statements)
        or _SLIPS[slip(claim, [nearest], window.context.words)]
        or (_SLIPS[slip(claim, quoted, window.context.words)] if len(quoted) > 1 else None)
        or _verdict_by(window.coverage)
    )
    return Support(window, window.coverage if reason in ("supported", "unsupported") else window.coverage / 2, reason)


def judge_together(claim: Statement, windows: Sequence[Window], evidence: Evidence) -> list[Support]:
    """Whether several windows carry the claim between them: one ground for each, or none."""
    said = [statement for window in windows for statement in window.statements]
    held = claim.stems & frozenset[str]().union(*(one.stems for one in said))
    coverage = evidence.weigh(held) / (evidence.weigh(claim.stems) or 1.0)
    reason = _lack(claim, said, evidence.known) or _turn(claim, said) or _verdict_by(coverage)
    return [Support(window, coverage, reason) for window in windows] if reason == "supported" else []


def _lack(claim: Statement, said: Sequence[Statement], known: frozenset[str]) -> Reason | None:
    """The first fact of the claim that is not said."""
    words = frozenset[str]().union(*(one.words for one in said))
    stems = frozenset[str]().union(*(one.stems for one in said))
    if not _amounts_hold(claim, said):
        return "number"
    if not claim.units <= frozenset[str]().union(*(one.units for one in said)):
        return "unit"
    if not claim.addresses <= words:
        return "address"
    if not all(name in words or name in known or root_of(name) in stems for name in claim.names):
        return "name"
    return None


def _turn(claim: Statement, said: Sequence[Statement]) -> Reason | None:
    """Whether the claim says the opposite."""
    words = frozenset[str]().union(*(one.words for one in said))
    if _turned(claim, said) or ("never" in claim.words and words.isdisjoint(ABSOLUTE)):
        return "negation"
    if any(one in claim.words and one not in words and words & others for one, others in CONTRARIES.items()):
        return "contrary"
    return None


def _verdict_by(coverage: float) -> Reason:
    return "supported" if coverage >= ENOUGH else "unsupported"


def _amounts_hold(claim: Statement, said: Sequence[Statement]) -> bool:
    given = {(amount.value, amount.unit) for one in said for amount in one.amounts}
    values = {value for value, _ in given}
    return all(
        (amount.value, amount.unit) in given
        or (amount.value, "") in given
        or (not amount.unit and amount.value in values)
        for amount in claim.amounts
    )


def _turned(claim: Statement, said: Sequence[Statement]) -> bool:
    """Whether the claim affirms what is only denied there, or denies what is only affirmed."""
    denied = frozenset[str]().union(*(one.denied for one in said))
    affirmed = frozenset[str]().union(*(one.affirmed for one in said))
    heads = frozenset[str]().union(*(one.heads for one in said))
    for head in claim.heads | (heads & claim.stems):
        agrees = (head in claim.denied and head in denied) or (head in claim.affirmed and head in affirmed)
        if not agrees and head in (denied | affirmed):
            return True
    return bool(claim.heads) and not denied
