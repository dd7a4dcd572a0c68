"""What to say to a question: search, estimate, choose a model, check each sentence, decide.

Facts are yielded as soon as they are known and the outcome comes last; storing and telling is the assistant's part.
"""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from app.answering.caching.cache import Cache, NoCache, Question
from app.answering.caching.reciting import Recalled
from app.answering.caching.store import Scope
from app.answering.cascading import Writers
from app.answering.decision import Decision, Rules, before_writing, decide, may_show, p_answerable, signals
from app.answering.difficulty import Route, route
from app.answering.drafting import Drafter
from app.answering.events import AnswerSentence, Fact, SourcesFound, TurnStage
from app.answering.evidence import Evidence
from app.answering.history import failures, offered, spoken
from app.answering.intent import read_intent
from app.answering.prompt import ANSWER, Voice, answer_prompt
from app.answering.recording import READ, closing, record, shown
from app.answering.rewriting import standalone
from app.answering.wording import wording
from app.answering.writing import Answer, write
from app.conversations.turns import Outcome
from app.conversations.types import Begun
from app.knowledge.types import Found
from app.llm.money.payer import Payer, Purpose
from app.llm.types import Options, Prompt, Usage
from app.safety.links import Hosts
from app.safety.redaction import redact

log = structlog.get_logger()
PUBLIC = "public"
"""Whose answers these are: the search of a customer finds nothing internal."""
Search = Callable[[str, str], Awaitable[Found]]
Price = Callable[[str, Usage], int]


@dataclass(frozen=True, slots=True)
class Taken:
    """The way that a turn took to its answer."""

    first: Route
    hard: float
    why: str
    likely: float
    question: Question | None
    recalled: Recalled | None
    options: Options

    def record(self) -> dict[str, object]:
        """The same, for the turn's record."""
        way = {"route": self.first, "difficulty": round(self.hard, 4), "why": self.why}
        return {**way, "cache": self.recalled.record() if self.recalled else None}


@dataclass(frozen=True, slots=True)
class Answering:
    """The composer of answers."""

    search: Search
    writers: Writers
    drafter: Drafter
    price: Price
    rules: Rules
    hosts: Hosts
    workspace: str
    cache: Cache = field(default_factory=NoCache)

    async def compose(self, begun: Begun) -> AsyncGenerator[Sequence[Fact] | Outcome]:
        """Yield what is found and every sentence that holds, then how the turn ends."""
        turn_id, words = str(begun.turn_id), wording(begun.lease.locale if begun.lease else "en")
        intent = read_intent(begun.question, self.rules.never_auto, offered=offered(begun.history))
        if intent.small_talk and not begun.already:
            decision = before_writing(intent, Found("", ()), 1.0, 0, self.rules)
            yield Outcome(
                words.small_talk(intent.small_talk), [], "answer", 1.0, {"rule": decision and decision.reason}
            )
            return
        question = standalone(begun.question, begun.history)
        found = await self.search(begun.workspace_id, question)
        yield [TurnStage(turn_id, "reading"), SourcesFound(turn_id, shown(found))]
        measured = signals(question, found)
        chance = p_answerable(measured)
        answer = Answer(turn_id, _evidence(found, self.workspace), self._hosts(found), redact(question))
        answer.remember(begun.already)
        decision = before_writing(intent, found, chance, failures(begun.history), self.rules)
        taken: Taken | None = None
        if decision is None and may_show(chance, self.rules):
            taken = await self._taken(begun, question, found, answer, chance)
            async for fact in self._written(taken, self._prompt(answer, begun), answer):
                yield [fact]
            decided = decide(measured, answer.standing, self.rules, refused=answer.is_none, found=found)
            decision = self._affordable(_wary(decided, answer), answer)
            log.info("turn.decided", turn_id=turn_id, decision=decision.name, **taken.record())
        decision = decision or decide(measured, (), self.rules, refused=True, found=found)
        yield await self._outcome(begun, question, found, answer, decision, taken)
        if taken and taken.question:
            await self._cached(taken, begun, found, answer, decision)

    async def _taken(self, begun: Begun, question: str, found: Found, answer: Answer, likely: float) -> Taken:
        """Whether the cache has the answer, and else whom to ask first."""
        first, hard, why = route(question, found, self.writers.strong_from)
        private = begun.already or answer.redaction.hidden
        asked = None if private else Question(self._scope(begun, found), question, found.vector)
        recalled = await self.cache.recall(asked, answer) if asked else None
        return Taken(first, hard, why, likely, asked, recalled, _options(begun))

    async def _written(self, taken: Taken, prompt: Prompt, answer: Answer) -> AsyncIterator[AnswerSentence]:
        """Recite, or let the models write in turn."""
        if taken.recalled:
            async for fact in write(taken.recalled.writer, prompt, Options(), answer):
                yield fact
            return
        async for fact in self.writers.write(taken.first, prompt, taken.options, answer, likely=taken.likely):
            yield fact

    async def _cached(self, taken: Taken, begun: Begun, found: Found, answer: Answer, decision: Decision) -> None:
        """Keep the answer for others, unless what was said before may have shaped it; or note that it was recited."""
        if taken.question and taken.recalled:
            anew = partial(self._anew, taken, begun, found)
            await self.cache.recited(taken.question, taken.recalled, str(begun.turn_id), anew)
        elif taken.question and decision.name == "answer" and not begun.history and not self._stood_in(answer):
            await self.cache.remember(taken.question, answer)

    def _stood_in(self, answer: Answer) -> bool:
        """Whether a lesser model wrote because another could not: that answer must not outlive the trouble."""
        return bool(answer.errors) or answer.models[-1:] == [self.writers.last.name]

    async def _anew(self, taken: Taken, begun: Begun, found: Found) -> tuple[Answer, int]:
        """The answer as the models would write it now."""
        text = taken.question.text if taken.question else begun.question
        answer = Answer("anew", _evidence(found, self.workspace), self._hosts(found), redact(text))
        prompt = self._prompt(answer, replace(begun, history=()))
        options = Options(payer=_payer(begun, "judge"))
        async for _ in self.writers.write(taken.first, prompt, options, answer, likely=taken.likely):
            pass
        return answer, sum(self.price(name, usage) for name, usage in answer.usages)

    def _scope(self, begun: Begun, found: Found) -> Scope:
        """All that an answer depends on besides its question; a change of any part makes the cache empty."""
        locale = begun.lease.locale if begun.lease else "en"
        policy = repr((self.rules, self.writers.names, self.workspace, sorted(self.hosts.names)))
        return Scope(begun.workspace_id, PUBLIC, locale, ANSWER, policy, found.snapshot_id)

    def _hosts(self, found: Found) -> Hosts:
        """Where an answer may point: the hosts that are always allowed, and those of the documents it rests on."""
        return Hosts(self.hosts.names | Hosts.of_documents(hit.passage.url for hit in found.hits).names)

    def _prompt(self, answer: Answer, begun: Begun) -> Prompt:
        voice = Voice(self.workspace, begun.lease.locale if begun.lease else "en")
        passages = answer.evidence.passages
        return answer_prompt(answer.redaction.text, passages, spoken(begun.history), secrets.token_hex(6), voice)

    async def _outcome(  # what the turn has found out
        self, begun: Begun, question: str, found: Found, answer: Answer, decision: Decision, taken: Taken | None
    ) -> Outcome:
        draft, words = None, wording(begun.lease.locale if begun.lease else "en")
        if decision.name in {"offer", "escalate"}:
            draft = await self.drafter.quick(question, found, decision, words, _payer(begun, "draft"))
        tail = "" if decision.name == "answer" and answer.text else closing(decision, words)
        return Outcome(
            text="\n\n".join(part for part in (answer.text, tail) if part),
            citations=answer.cited(),
            decision=decision.name,
            probability=decision.probability,
            reason=decision.reason,
            record=record(begun, question, found, answer, decision, taken.record() if taken else {}),
            draft=draft,
            model=", ".join(dict.fromkeys(answer.models)),
            input_tokens=sum(usage.input_tokens_total for _, usage in answer.usages),
            output_tokens=sum(usage.output_tokens_total for _, usage in answer.usages),
            cost_micro_usd=self._cost(answer, taken),
        )

    def _cost(self, answer: Answer, taken: Taken | None) -> int:
        """What was booked on the turn, which knows also of calls that broke off before they told their usage."""
        booked = taken.options.payer.used.cost_micro_usd if taken and taken.options.payer else 0
        return max(booked, sum(self.price(name, usage) for name, usage in answer.usages))

    def _affordable(self, decision: Decision, answer: Answer) -> Decision:
        """Where no budget is left, a person answers if that was chosen."""
        if answer.spent and not answer.supported and self.writers.when_spent == "handoff":
            return replace(decision, name="escalate", reason="budget spent")
        return decision


def _options(begun: Begun) -> Options:
    """How a turn's models are asked: prompts of one workspace and version begin alike."""
    return Options(cache_key=f"{begun.workspace_id}:{ANSWER}", payer=_payer(begun))


def _payer(begun: Begun, purpose: Purpose = "answer") -> Payer:
    """On whom this turn's calls are booked."""
    return Payer(begun.workspace_id, purpose, begun.conversation_id, begun.turn_id, begun.customer_id)


def _wary(decision: Decision, answer: Answer) -> Decision:
    """A procedure that lost a step to the check is not shown as if it were whole."""
    steps = [verdict.kept for verdict in answer.claims if verdict.kind == "item"]
    if decision.name == "answer" and any(steps) and not all(steps):
        return replace(decision, name="caveat", reason="a step was left out")
    return decision


def _evidence(found: Found, workspace: str) -> Evidence:
    return Evidence.of([hit.passage for hit in found.hits[:READ]], known=(workspace,))
