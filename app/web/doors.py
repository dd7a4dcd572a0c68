"""What the doors of other software share: a call brings the whole talk, and its last message is the question."""

from collections.abc import Sequence

from app.accounts.secrecy import digest, new_secret
from app.conversations.types import Begun, Utterance
from app.errors import Invalid
from app.web.identity import Caller
from app.wiring import Application

SPEAKERS = {"user": "customer", "assistant": "bot"}
"""By whom a message is, in the words of other software; what others say is passed over."""


def last_question(said: Sequence[tuple[str, str]]) -> tuple[str, list[Utterance]]:
    """The question and what was said before it, from (role, text). Raises `Invalid` when it is not the user's."""
    if not said or said[-1][0] != "user":
        raise Invalid("The last message must be the user's question.")
    return said[-1][1], [Utterance(SPEAKERS[role], text) for role, text in said[:-1] if text.strip()]


async def hear_apart(application: Application, caller: Caller, question: str, earlier: list[Utterance]) -> Begun:
    """Hear a question in a conversation of its own, which nobody gets the token of."""
    conversation_id = await application.conversations.open(
        caller.workspace_id,
        token_hash=digest(new_secret()),
        token_days=application.settings.limits.conversation_token_days,
        history=earlier,
    )
    return await application.assistant.hear(conversation_id, question)
