"""What a turn knows before anything is written: the message, the conversation, and what the search found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.deciding.basis import Basis, rivals
from app.answering.deciding.outcomes import may_show
from app.answering.deciding.rules import Rules
from app.answering.decision import p_answerable, signals
from app.answering.history import asked_back, failures, offered
from app.answering.intent import read_intent
from app.answering.tongues import LEAST_EVIDENCE, is_foreign, tongue_of
from app.answering.understanding.finding import Sought, Understood
from app.answering.wording import Wording, wording
from app.answering.writing import Answer
from app.conversations.types import Begun
from app.knowledge.types import Found
from app.llm.types import Ask
from app.safety.redaction import redact


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with what was found for it, and the rules of this turn."""

    begun: Begun
    rules: Rules
    understood: Understood
    answer: Answer

    @property
    def words(self) -> Wording:
        """What the product itself says, in the customer's language."""
        return wording(locale_of(self.begun))

    def closing_words(self, basis: Basis) -> Wording:
        """The same, or, to say that we do not answer in a language, that language where we have it."""
        tongue = tongue_of(self.begun.question) if basis.foreign else ""
        return wording(tongue) if tongue else self.words


def before_search(begun: Begun, rules: Rules) -> Basis:
    """What the message and the conversation say."""
    intent = read_intent(begun.question, rules.never_auto, offered=offered(begun.history))
    return Basis(intent=intent, failures=failures(begun.history), asked_back=asked_back(begun.history))


def with_search(basis: Basis, question: str, found: Found) -> Basis:
    """What the search adds."""
    measured, foreign = signals(question, found), _is_foreign(question, found)
    return replace(basis, signals=measured, found=bool(found.hits), foreign=foreign, rivals=rivals(found))


def with_searches(basis: Basis, parts: Sequence[Sought]) -> Basis:
    """The same for a message that may ask several things: the best of them decides whether anything is written."""
    if len(parts) == 1:
        return with_search(basis, parts[0].question, parts[0].found)
    measured = tuple(signals(one.question, one.found) for one in parts)
    return replace(
        basis,
        signals=max(measured, key=p_answerable),
        parts=measured,
        found=any(one.found.hits for one in parts),
        foreign=all(_is_foreign(one.question, one.found) for one in parts),
    )


def worth_trying(part: Sought, rules: Rules) -> bool:
    """Whether an answer to this question of several may be shown."""
    alone = with_search(Basis(), part.question, part.found)
    return alone.found and not alone.foreign and may_show(alone, rules)


def _is_foreign(question: str, found: Found) -> bool:
    return is_foreign(question) and found.coverage < LEAST_EVIDENCE


def asks_of(understood: Understood, words: Wording) -> list[Ask]:
    """The questions as a model that composes answers needs them, each with what leads over to its answer."""
    leads = ("", words.second, words.third)
    rows = zip(understood.tried, understood.questions, understood.numbers, strict=True)
    return [Ask(redact(one.question).text, own, leads[place]) for place, one, own in rows]


def locale_of(begun: Begun) -> str:
    """The language of the customer."""
    return begun.lease.locale if begun.lease else "en"
