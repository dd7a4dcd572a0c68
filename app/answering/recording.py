"""What a turn leaves behind: its sources, its closing words, and the record from which it can be decided again."""

from collections.abc import Mapping
from dataclasses import asdict

from app.answering.decision import Decision
from app.answering.prompt import ANSWER
from app.answering.wording import Wording
from app.answering.writing import Answer
from app.conversations.types import Begun
from app.knowledge.types import Found, Passage
from app.safety.redaction import redact
from app.safety.screening import screen

READ = 6
"""Passages that a model reads."""


def shown(found: Found) -> tuple[dict[str, object], ...]:
    """The passages that an answer may use, as the turn tells of them."""
    return tuple(_source(number, hit.passage) for number, hit in enumerate(found.hits[:READ], 1))


def _source(number: int, passage: Passage) -> dict[str, object]:
    named = ("document_id", "version", "title", "url", "heading", "start", "end")
    return {"number": number, **{name: getattr(passage, name) for name in named}}


def closing(decision: Decision, words: Wording) -> str:
    """What the product itself says at the end of a turn that is not a plain answer."""
    if decision.name == "escalate":
        return words.sensitive if decision.reason.startswith("never-auto") else words.escalated
    if decision.name == "clarify":
        return words.asking_back(decision.choices)
    if decision.name == "caveat":
        return words.caveat
    by_reason = {"upset": words.upset, "did not help before": words.did_not_help, "not confident": words.not_confident}
    return by_reason.get(decision.reason, words.not_found)


def record(  # all of them are recorded
    begun: Begun, question: str, found: Found, answer: Answer, decision: Decision, path: Mapping[str, object]
) -> dict[str, object]:
    """All that the decision was made from, so that it can be made again."""
    return {
        "decision": asdict(decision),
        "question": redact(begun.question).text,
        "searched": redact(question).text,
        "suspicion": round(screen(begun.question).score, 4),
        "snapshot_id": found.snapshot_id,
        "prompt_version": ANSWER,
        "hits": [{"passage_id": hit.passage.id, "score": round(hit.score, 4)} for hit in found.hits],
        "verdicts": [{"kept": one.kept, "score": round(one.score, 4), "reason": one.reason} for one in answer.verdicts],
        "models": answer.models,
        "errors": answer.errors,
        **path,
    }
