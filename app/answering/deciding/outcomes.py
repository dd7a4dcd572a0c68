"""What becomes of a turn: rules that override first, then the probability against the thresholds."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.answering.deciding.basis import Basis, Checked
from app.answering.deciding.rules import Rules
from app.answering.decision import Signals, logistic, logit, p_answerable, p_to_the_point
from app.answering.events import DecisionName

SHORT_QUESTION = 3  # content words
CLARIFY_BELOW = 0.5
"""From this probability on, to ask back would be to doubt what is more likely right than not."""
REFUSED = 0.05
"""What a refused answer is worth beside one that was given."""
COST_OF_DOUBT, USUAL_SUPPORT = 2.0, 0.9
COST_OF_A_DROPPED_CLAIM, COST_OF_A_CONFLICT = 2.0, 1.5
"""In logits. Stated, not fitted: the calibration puts right what they get wrong together."""
OVERDUE = "review overdue"
PART_MISSING = "a question without an answer"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a turn, why, and from what that can be computed again. The interval holds with 90 %."""

    name: DecisionName
    probability: float
    reason: str
    components: dict[str, float | str] = field(default_factory=dict)
    policy_version: str = ""
    calibration: str = ""
    choices: tuple[str, ...] = ()
    """When we ask back: the titles of what may be meant."""
    low: float = 0.0
    high: float = 1.0

    def json(self) -> dict[str, Any]:
        """As it is stored with the turn."""
        return asdict(self) | {"choices": list(self.choices)}


def conclude(basis: Basis, rules: Rules) -> Decision:
    """The decision. Nothing else flows into it than these two."""
    return before_writing(basis, rules) or _after_writing(basis, rules)


def before_writing(basis: Basis, rules: Rules) -> Decision | None:
    """What is decided without a model: never-auto topics, requests for a person, loops, small talk, nothing found."""
    intent, chance = basis.intent, rules.curve.at(p_answerable(basis.signals)).probability
    loops = basis.failures + intent.failed >= rules.failures_before_offer
    overrides: tuple[tuple[bool, DecisionName, str], ...] = (
        (bool(intent.topic), "escalate", f"never-auto: {intent.topic}"),
        (intent.wants_person, "escalate", "asked for a person"),
        (bool(intent.small_talk), "answer", intent.small_talk),
        (intent.angry, "offer", "upset"),
        (loops, "offer", "did not help before"),
        (basis.foreign, "offer", "language"),
        (not basis.found or chance < rules.try_from, "offer", "nothing found"),
    )
    for holds, name, reason in overrides:
        if holds:
            held = 1.0 if name == "answer" else round(chance, 4)
            return Decision(name, held, reason, {"rule": reason}, rules.version, rules.calibration, low=held, high=held)
    return None


def may_show(basis: Basis, rules: Rules) -> bool:
    """Whether sentences may be shown while they are written; otherwise they become a draft."""
    return rules.curve.at(p_answerable(basis.signals)).probability >= rules.caveat_from


def raw_score(basis: Basis) -> float:
    """How good the answer looks, in [0, 1], before any calibration; of several, the one that looks worst."""
    return _least_sure(basis)[0]


def _least_sure(basis: Basis) -> tuple[float, Signals, tuple[float, ...]]:
    """The score of the answer, what the search says of its question and the second look of it: of the least sure."""
    shown = [part for part in range(len(basis.parts)) if part not in basis.missing]
    if not shown:
        return _score(basis, basis.signals, basis.sentences, basis.looked[:1]), basis.signals, basis.looked[:1]
    score, part = min((_score_of(basis, part), part) for part in shown)
    return score, basis.parts[part], basis.looked[part : part + 1]


def _score_of(basis: Basis, part: int) -> float:
    sentences = [one for one in basis.sentences if part in one.parts]
    return _score(basis, basis.parts[part], sentences, basis.looked[part : part + 1])


def _score(basis: Basis, measured: Signals, sentences: Sequence[Checked], looked: Sequence[float]) -> float:
    seen = p_to_the_point(p_answerable(measured), looked)
    return p_correct(seen, sentences, refused=_refused(basis), conflicts=basis.conflicts)


def p_correct(
    answerable: float, sentences: Sequence[Checked], *, refused: bool, conflicts: Sequence[str] = ()
) -> float:
    """From whether the passages answer to whether what is shown is right. Dropped claims and conflicts lower it."""
    claims = [one for one in sentences if one.is_claim]
    kept = [one for one in claims if one.kept]
    if refused or not kept:
        return REFUSED * answerable
    support = sum(one.score for one in kept) / len(kept)
    lowered = COST_OF_A_DROPPED_CLAIM * (1 - len(kept) / len(claims)) + COST_OF_A_CONFLICT * bool(conflicts)
    return logistic(logit(answerable) + COST_OF_DOUBT * (support - USUAL_SUPPORT) - lowered)


def _after_writing(basis: Basis, rules: Rules) -> Decision:
    score, measured, looked = _least_sure(basis)
    estimate = rules.curve.at(score)
    name, reason = _outcome(basis, estimate.probability, rules)
    unsure = name != "answer" and estimate.probability < CLARIFY_BELOW
    asks = unsure and not basis.refused and not basis.asked_back and _short(basis.signals)
    if asks and basis.rivals and reason != "budget spent":
        name, reason = "clarify", "two readings"
    claims = [one for one in basis.sentences if one.is_claim]
    components: dict[str, float | str] = {
        **asdict(measured), "p_answerable": p_answerable(measured), "score": score,
        "claims": len(claims), "kept": sum(one.kept for one in claims), "refused": float(_refused(basis)),
        "conflicts": len(basis.conflicts), "review_due": min(basis.overdue, default=""),
        "answer_from": rules.answer_from, "caveat_from": rules.caveat_from,
        "parts": len(basis.parts), "parts_missing": len(basis.missing), "looked": looked[0] if looked else "",
    }  # fmt: skip
    return Decision(
        name, round(estimate.probability, 4), reason, components, rules.version, rules.calibration,
        basis.rivals if name == "clarify" else (), round(estimate.low, 4), round(estimate.high, 4),
    )  # fmt: skip


def _outcome(basis: Basis, probability: float, rules: Rules) -> tuple[DecisionName, str]:
    supported = any(one.is_claim and one.kept for one in basis.sentences)
    if basis.unaffordable and not supported:
        return "escalate", "budget spent"
    if not basis.written:
        return "offer", "nothing sure enough"
    if _refused(basis):
        return "offer", "the model found no answer"
    if not supported:
        return "offer", "no supported sentence"
    if probability < rules.caveat_from:
        return "offer", "not confident"
    return _shown(basis, probability, rules)


def _shown(basis: Basis, probability: float, rules: Rules) -> tuple[DecisionName, str]:
    """What is shown as an answer must be sure, agree with other articles, have all its steps and parts and be fresh."""
    if basis.conflicts:
        return "caveat", "articles disagree"
    if probability < rules.answer_from:
        return "caveat", "not sure"
    steps = [one.kept for one in basis.sentences if one.is_claim and one.kind == "item"]
    if any(steps) and not all(steps):
        return "caveat", "a step was left out"
    if basis.missing:
        return "caveat", PART_MISSING
    return ("caveat", OVERDUE) if basis.overdue else ("answer", "confident")


def _refused(basis: Basis) -> bool:
    claims = [one for one in basis.sentences if one.is_claim]
    # Of several questions one may be declined and the others answered.
    answered = bool(basis.parts) and any(one.kept for one in claims)
    return basis.refused or (bool(claims) and claims[0].reason == "refusal" and not answered)


def _short(measured: Signals) -> bool:
    return math.expm1(measured.length) <= SHORT_QUESTION
