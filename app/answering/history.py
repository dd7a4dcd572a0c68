"""What was said before in a conversation, and what it says about the next answer."""

from collections.abc import Sequence

from app.conversations.types import Utterance
from app.llm.types import Turn
from app.safety.redaction import redact


def spoken(history: Sequence[Utterance]) -> tuple[Turn, ...]:
    """What was said before, as a model sees it, with personal data replaced."""
    return tuple(Turn("user" if said.author == "customer" else "assistant", redact(said.text).text) for said in history)


def failures(history: Sequence[Utterance]) -> int:
    """How many answers in a row, up to now, were none or were called unhelpful."""
    count = 0
    for said in reversed([said for said in history if said.author == "bot"]):
        if said.rating != "down" and said.decision not in {"offer", "escalate"}:
            break
        count += 1
    return count


def offered(history: Sequence[Utterance]) -> bool:
    """Whether the last thing that we said was to offer a person."""
    last = next((said for said in reversed(history) if said.author == "bot"), None)
    if last is None or last.decision != "caveat":
        return last is not None and last.decision == "offer"
    return last.text.rstrip().endswith("?")  # no other caveat ends in a question than one that offers a person


def asked_back(history: Sequence[Utterance]) -> bool:
    """Whether the last thing that we said was a question back: nobody is asked twice in a row."""
    last = next((said for said in reversed(history) if said.author == "bot"), None)
    return last is not None and last.decision == "clarify"
