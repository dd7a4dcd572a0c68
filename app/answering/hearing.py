"""What a turn knows before anything is written: the message, the conversation, and what the search found."""

from dataclasses import dataclass, replace

from app.answering.deciding.basis import Basis, rivals
from app.answering.deciding.rules import Rules
from app.answering.decision import signals
from app.answering.history import asked_back, failures, offered
from app.answering.intent import read_intent
from app.answering.tongues import LEAST_EVIDENCE, is_foreign, tongue_of
from app.answering.wording import Wording, wording
from app.answering.writing import Answer
from app.conversations.types import Begun
from app.knowledge.types import Found


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with what was found for it, and the rules of this turn."""

    begun: Begun
    rules: Rules
    question: str
    found: Found
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
    foreign = is_foreign(question) and found.coverage < LEAST_EVIDENCE
    measured = signals(question, found)
    return replace(basis, signals=measured, found=bool(found.hits), foreign=foreign, rivals=rivals(found))


def locale_of(begun: Begun) -> str:
    """The language of the customer."""
    return begun.lease.locale if begun.lease else "en"
