"""What a turn leaves behind: its sources, its closing words, and the record from which it can be decided again."""

from collections.abc import Sequence
from datetime import datetime

from app.answering.deciding.outcomes import OVERDUE, PART_MISSING, Decision
from app.answering.grounding import Verdict
from app.answering.prompt import ANSWER
from app.answering.understanding.finding import Understood
from app.answering.wording import Wording
from app.answering.writing import Answer
from app.conversations.types import Begun
from app.knowledge.types import Hit, Passage
from app.safety.redaction import redact, scrubbed
from app.safety.screening import screen


def shown(hits: Sequence[Hit]) -> tuple[dict[str, object], ...]:
    """The passages that an answer may use, as the turn tells of them."""
    return tuple(_source(number, hit.passage) for number, hit in enumerate(hits, 1))


def _source(number: int, passage: Passage) -> dict[str, object]:
    named = ("document_id", "version", "title", "url", "heading", "start", "end")
    return {"number": number, **{name: getattr(passage, name) for name in named}}


def closing(
    decision: Decision,
    words: Wording,
    back: datetime | None = None,
    *,
    after: bool = False,
    failed: bool = False,
    missing: Sequence[str] = (),
) -> str:
    """What the product itself says at the end of a turn that is not a plain answer.

    `back`: when people are there. `after`: sentences were shown. `failed`: the message says that we did not help.
    `missing`: its questions that found no answer while another did.
    """
    text = words.asking_back(decision.choices, after=after) if decision.name == "clarify" else _closing(decision, words)
    if failed and text == words.not_found:
        text = words.did_not_help
    if missing:
        nothing = words.nothing_about(missing)
        text = nothing if decision.reason == PART_MISSING or text == words.caveat else f"{text}\n\n{nothing}"
    if back is None or not (missing or decision.name in {"offer", "escalate"}):
        return text
    return f"{text} {words.back(back)}"


def _closing(decision: Decision, words: Wording) -> str:
    if decision.name == "escalate":
        return words.sensitive if decision.reason.startswith("never-auto") else words.escalated
    by_reason = {
        "upset": words.upset,
        "did not help before": words.did_not_help,
        "not confident": words.not_confident,
        "articles disagree": words.disagreeing,
        "language": words.language,
        OVERDUE: words.overdue.format(day=decision.components.get("review_due", "")),
    }
    if decision.name != "caveat":
        return by_reason.get(decision.reason, words.not_found)
    return by_reason.get(decision.reason, words.doubtful if _doubtful(decision) else words.caveat)


def _doubtful(decision: Decision) -> bool:
    """Whether it lies in the lower half of what is shown with a caveat: there the doubt itself is said.

    Above, most answers are right, and a doubt on each of them would teach people to read over it.
    """
    middle = (float(decision.components["answer_from"]) + float(decision.components["caveat_from"])) / 2
    return decision.probability < middle


def record(begun: Begun, understood: Understood, answer: Answer, decision: Decision) -> dict[str, object]:
    """All that the decision was made from, so that it can be made again."""
    found, parts = understood.found, understood.parts if understood.several else ()
    return {
        "decision": decision.json(),
        "question": redact(begun.question).text,
        "searched": redact(understood.whole).text,
        "parts": [redact(one.question).text for one in parts],
        "suspicion": round(screen(begun.question).score, 4),
        "snapshot_id": found.snapshot_id,
        "prompt_version": ANSWER,
        "hits": [_hit(hit) for hit in found.hits],
        "read": len(understood.read),
        "verdicts": _verdicts(answer),
        "models": answer.models,
        "errors": answer.errors,
    }


def _hit(hit: Hit) -> dict[str, object]:
    scores = {"score": hit.score, "cosine": hit.cosine, "lexical": hit.lexical}
    read = {"answers": hit.reading.answers} if hit.reading else {}
    return {"passage_id": hit.passage.id} | {name: round(value, 4) for name, value in (scores | read).items()}


def _verdicts(answer: Answer) -> list[dict[str, object]]:
    """Of every sentence, also those that nobody was shown; `counts` says whether the decision looked at it."""
    before = len(answer.verdicts) - len(answer.last_hand)
    return [_verdict(one) | {"counts": one.kept or at >= before} for at, one in enumerate(answer.verdicts)]


def _verdict(one: Verdict) -> dict[str, object]:
    told = {"kept": one.kept, "score": round(one.score, 4), "reason": one.reason, "kind": one.kind}
    return told | {"text": scrubbed(one.text or one.dropped)}
