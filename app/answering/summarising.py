"""Sums a conversation up for the agent who takes it over: by a model in seconds, else from what was said.

Models and tables see marks in place of personal data; what the marks stand for is found again in the messages.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.answering.asking import text_of
from app.answering.prompt import harmless, template
from app.conversations.summaries import Summary, SummaryStore, Talk
from app.conversations.types import Event
from app.errors import AppError
from app.llm.money.payer import Payer
from app.llm.types import Model, Options, Prompt, Turn
from app.safety.redaction import Redaction, redact

SUMMARY = "summary-1"
PATIENCE_S = 4.0
MOST_TOKENS = 220
LONGEST = 900  # characters
LONGEST_TRANSCRIPT = 8_000
LONGEST_QUOTE = 240
PEOPLES = ("queue", "person")
WHO = {"customer": "Customer", "bot": "Bot", "person": "Agent"}
Tell = Callable[[str, str, Sequence[Event]], Awaitable[None]]
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_MARKUP = re.compile(r"[*#>`]{1,3}(?=\S)|(?<=\S)[*`]{1,3}|^[-*]\s+", re.MULTILINE)
_ADDRESS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|https?://\S+|<[^>\n]{1,200}>")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Summariser:
    """Writes summaries at the moment of a handoff. `models` are tried in order, for four seconds in all."""

    store: SummaryStore
    models: Collection[Model]
    workspace: str
    tell: Tell
    patience_s: float = PATIENCE_S
    running: set[asyncio.Task[None]] = field(default_factory=set)

    def soon(self, workspace_id: str, conversation_id: str) -> None:
        """Sum up a conversation, if people have it now; whoever follows it is told."""
        name = f"summary {conversation_id}"
        if any(task.get_name() == name for task in self.running):
            return
        task = asyncio.create_task(self._soon(workspace_id, conversation_id), name=name)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def shown(self, conversation_id: str) -> dict[str, Any] | None:
        """The summary as an agent reads it, with personal data put back; `behind` when more was said since."""
        row = await self.store.latest(conversation_id)
        talk = await self.store.talk(conversation_id, row.upto) if row else None
        if row is None or talk is None:
            return None
        now = await self.store.talk(conversation_id)
        told = row.model_dump(mode="json", include={"kind", "model", "created_at"})
        behind = now is not None and now.upto > row.upto
        return told | {"text": hidden(talk)[1].restore(row.text), "behind": behind}

    async def close(self) -> None:
        """Give up what is not written yet."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)

    async def _soon(self, workspace_id: str, conversation_id: str) -> None:
        try:
            talk = await self.store.talk(conversation_id)
            if talk and talk.owner in PEOPLES:
                await self.tell(workspace_id, conversation_id, await self._summed_up(talk))
        except (SQLAlchemyError, OSError, AppError) as error:
            log.warning("summary.failed", conversation_id=conversation_id, why=type(error).__name__)

    async def _summed_up(self, talk: Talk) -> list[Event]:
        there = await self.store.latest(talk.id)
        if there and there.upto >= talk.upto and (there.kind == "model" or not self.models):
            return []
        return await self.store.keep(talk, await self._written(talk) or extract(talk))

    async def _written(self, talk: Talk) -> Summary | None:
        prompt = summary_prompt(talk, self.workspace)
        payer = Payer(talk.workspace_id, "summary", talk.id)
        options = Options(max_output_tokens=MOST_TOKENS, timeout=self.patience_s, payer=payer)
        try:
            async with asyncio.timeout(self.patience_s):
                for model in self.models:
                    text = usable(await text_of(model, prompt, options, "summary.not_written"), talk)
                    if text:
                        return Summary(text, "model", model.name, SUMMARY)
        except TimeoutError:
            log.info("summary.late", conversation_id=talk.id)
        return None


def hidden(talk: Talk) -> tuple[tuple[str, ...], Redaction]:
    """Each thing that was said with marks for personal data, and what the marks stand for: the same every time."""
    texts, redaction = [], Redaction("")
    for one in talk.said:
        redaction = redact(one.text, talk.own, redaction)
        texts.append(redaction.text)
    return tuple(texts), redaction


def summary_prompt(talk: Talk, workspace: str) -> Prompt:
    """Ask for a summary. Of a long conversation the beginning and the end are given."""
    marker, (texts, _) = secrets.token_hex(6), hidden(talk)
    lines = [f"{WHO[one.author]}: {harmless(text, marker).strip()}" for one, text in zip(talk.said, texts, strict=True)]
    transcript = "\n".join(lines)
    if len(transcript) > LONGEST_TRANSCRIPT:
        half = LONGEST_TRANSCRIPT // 2
        transcript = f"{transcript[:half]}\n[…]\n{transcript[-half:]}"
    asked = f"The marker is {marker}.\n\n--- {marker} conversation\n{transcript}\n--- {marker} end of conversation"
    return Prompt(template(SUMMARY).substitute(workspace=workspace), (Turn("user", asked),), asked)


def usable(text: str, talk: Talk) -> str:
    """What of a model's summary may be shown: plain sentences of which every number was said; nothing else."""
    plain = _MARKUP.sub("", _ADDRESS.sub(r"\1", text)).strip()
    spoken = set(_NUMBER.findall(" ".join(hidden(talk)[0])))
    sentences = [one for one in _SENTENCE.split(plain) if set(_NUMBER.findall(one)) <= spoken]
    kept = " ".join(" ".join(sentences).split())
    return kept if len(kept) <= LONGEST else f"{kept[:LONGEST].rsplit(' ', 1)[0]} …"


def extract(talk: Talk) -> Summary:
    """A summary without a model: what was asked first and last, and how the bot left it."""
    texts, _ = hidden(talk)
    asked = [text for one, text in zip(talk.said, texts, strict=True) if one.author == "customer"]
    answers = [(one, text) for one, text in zip(talk.said, texts, strict=True) if one.author == "bot"]
    parts = [f"The customer asked: “{_quoted(asked[0])}”"]
    if len(asked) > 1:
        parts.append(f"After {len(asked)} messages they wrote: “{_quoted(asked[-1])}”")
    if answers:
        said, text = answers[-1]
        gave_up = said.decision in {"offer", "escalate"}
        parts.append("The bot did not answer that." if gave_up else f"The bot answered: “{_quoted(text)}”")
    if talk.reason:
        parts.append(f"Handed over because: {talk.reason}.")
    return Summary(" ".join(parts), "extract", "", SUMMARY)


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    flat = flat if flat.endswith((".", "!", "?")) else f"{flat}."
    return flat if len(flat) <= LONGEST_QUOTE else f"{flat[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
