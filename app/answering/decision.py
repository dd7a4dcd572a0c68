"""Whether to answer: a probability from stated signals, rules that override it, and the outcome with its reasons."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import pairwise

from app.answering.events import DecisionName
from app.answering.grounding import Verdict
from app.answering.intent import Intent
from app.knowledge.types import Found, Hit
from app.language import content_words

POLICY_VERSION = "policy-1"
AGREEING = 5  # hits of each list that are compared
READING = 8  # hits that count as read
CLARIFY_WITHIN = 0.03  # of the blended score, between two documents
SHORT_QUESTION = 3  # content words

WEIGHTS = {
    "cosine": 8.62, "gap": 3.54, "lexical": 1.25, "coverage": 0.86, "agreement": 1.38, "known": 0.14, "length": 0.48,
}  # fmt: skip
INTERCEPT = -8.43
"""Fitted by scripts/fit_decision.py on feedbackqa, bitwarden_help, stackfaq and clapnq with documents taken out.

On the set left out the AUROC is .77, .83, .97 and .92 (the cosine alone: .74, .80, .97, .91); among questions of the
site's own subject .63, .73, .95 and .87. It tells strangers well and gaps in the knowledge base badly.
"""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the search says about a question. All in [0, 1] but `length`, the logarithm of how many content words."""

    cosine: float = 0.0
    gap: float = 0.0
    lexical: float = 0.0
    coverage: float = 0.0
    agreement: float = 0.0
    known: float = 0.0
    length: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the bot may decide alone.

    From `answer_from` on it answers, from `caveat_from` on it answers and says that it is not sure; below, nothing is
    shown and an agent gets a draft. On our own help centre questions made of titles have a probability of .22 to .98,
    strangers one of .00 to .09.
    """

    never_auto: tuple[str, ...] = ()
    answer_from: float = 0.5
    caveat_from: float = 0.12
    try_from: float = 0.06
    failures_before_offer: int = 2
    version: str = POLICY_VERSION


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a turn, why, and from what that can be computed again."""

    name: DecisionName
    probability: float
    reason: str
    components: dict[str, float | str] = field(default_factory=dict)
    policy_version: str = POLICY_VERSION
    choices: tuple[str, ...] = ()
    """When we ask back: the titles of what may be meant."""


def signals(question: str, found: Found) -> Signals:
    """Measure the hits against the question."""
    if not found.hits:
        return Signals(length=_length(question))
    best, rest = found.hits[0], found.hits[1:READING]
    top = max(hit.cosine for hit in found.hits)
    return Signals(
        cosine=top,
        gap=best.score - sum(hit.score for hit in rest) / len(rest) if rest else best.score,
        lexical=max(hit.lexical for hit in found.hits),
        coverage=found.coverage,
        agreement=_agreement(found.hits),
        known=_known(question, found.hits[:READING]),
        length=_length(question),
    )


def p_answerable(measured: Signals) -> float:
    """The probability that the knowledge base answers this question, before anything is written."""
    values = asdict(measured)
    return _logistic(INTERCEPT + sum(weight * values[name] for name, weight in WEIGHTS.items()))


def before_writing(intent: Intent, found: Found, probability: float, failures: int, rules: Rules) -> Decision | None:
    """What is decided without a model: requests for a person, never-auto topics, loops, small talk, nothing found.

    `failures` counts this episode's turns that ended without an answer or were called unhelpful.
    """
    if intent.topic:
        return _ruled("escalate", f"never-auto: {intent.topic}", probability, rules)
    if intent.wants_person:
        return _ruled("escalate", "asked for a person", probability, rules)
    if intent.small_talk:
        return _ruled("answer", intent.small_talk, 1.0, rules)
    if intent.angry or failures + intent.failed >= rules.failures_before_offer:
        return _ruled("offer", "upset" if intent.angry else "did not help before", probability, rules)
    if not found.hits or probability < rules.try_from:
        return _ruled("offer", "nothing found", probability, rules)
    return None


def may_show(probability: float, rules: Rules) -> bool:
    """Whether sentences may be shown while they are written; otherwise they become a draft."""
    return probability >= rules.caveat_from


def decide(
    measured: Signals, verdicts: Sequence[Verdict], rules: Rules, *, refused: bool = False, found: Found | None = None
) -> Decision:
    """What becomes of the answer that was written, from the search and from what the sentence check left of it."""
    claims = [verdict for verdict in verdicts if verdict.is_claim]
    refused = refused or (bool(claims) and claims[0].reason == "refusal")
    kept = [verdict for verdict in claims if verdict.kept]
    before = p_answerable(measured)
    probability = p_correct(before, claims, refused=refused)
    components: dict[str, float | str] = {
        **{name: round(value, 4) for name, value in asdict(measured).items()},
        "p_answerable": round(before, 4), "claims": len(claims), "kept": len(kept), "refused": float(refused),
        "answer_from": rules.answer_from, "caveat_from": rules.caveat_from,
    }  # fmt: skip
    name, reason = _outcome(probability, kept, rules, refused=refused)
    rivals = _rivals(found) if found and name != "answer" and not refused and _short(measured) else ()
    if rivals:
        name, reason = "clarify", "two readings"
    return Decision(name, round(probability, 4), reason, components, rules.version, rivals)


def p_correct(answerable: float, claims: Sequence[Verdict], *, refused: bool) -> float:
    """The probability that what is shown is right. Dropped claims lower it; how much is stated, not fitted."""
    if refused or not any(claim.kept for claim in claims):
        return min(answerable, 0.05)
    kept = [claim for claim in claims if claim.kept]
    support = sum(claim.score for claim in kept) / len(kept)
    return _logistic(_logit(answerable) + 2 * (support - 0.9) - 2 * (1 - len(kept) / len(claims)))


def _outcome(probability: float, kept: Sequence[Verdict], rules: Rules, *, refused: bool) -> tuple[DecisionName, str]:
    if refused:
        return "offer", "the model found no answer"
    if not kept:
        return "offer", "no supported sentence"
    if probability >= rules.answer_from:
        return "answer", "confident"
    if probability >= rules.caveat_from:
        return "caveat", "not sure"
    return "offer", "not confident"


def _rivals(found: Found) -> tuple[str, ...]:
    """The titles of the two best documents when the search cannot tell them apart."""
    best: dict[str, Hit] = {}
    for hit in found.hits:
        best.setdefault(hit.passage.title, hit)
    two = list(best.values())[:2]
    close = any(first.score - second.score <= CLARIFY_WITHIN for first, second in pairwise(two))
    return tuple(hit.passage.title for hit in two) if close else ()


def _short(measured: Signals) -> bool:
    return math.expm1(measured.length) <= SHORT_QUESTION


def _ruled(name: DecisionName, reason: str, probability: float, rules: Rules) -> Decision:
    return Decision(name, round(probability, 4), reason, {"rule": reason}, rules.version)


def _agreement(hits: Sequence[Hit]) -> float:
    """The share of passages that both lists put among their first few."""
    by_cosine = sorted(hits, key=lambda hit: -hit.cosine)[:AGREEING]
    by_words = sorted((hit for hit in hits if hit.lexical > 0), key=lambda hit: -hit.lexical)[:AGREEING]
    shared = {hit.passage.id for hit in by_cosine} & {hit.passage.id for hit in by_words}
    return len(shared) / len(by_cosine)


def _known(question: str, hits: Sequence[Hit]) -> float:
    """The share of the question's content words that some hit holds."""
    asked = set(content_words(question))
    held = frozenset[str]().union(
        *(_words_of(hit.passage.title, hit.passage.heading, hit.passage.text) for hit in hits)
    )
    return len(asked & held) / len(asked) if asked else 0.0


@lru_cache(maxsize=2048)
def _words_of(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in content_words(text))


def _length(question: str) -> float:
    return math.log1p(len(set(content_words(question))))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _logit(probability: float) -> float:
    held = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(held / (1 - held))
