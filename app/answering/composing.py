"""What to say to a question: search, estimate, choose a model, check each sentence, decide.

Facts are yielded as soon as they are known and the outcome comes last; storing and telling is the assistant's part.
"""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from app.answering.caching.cache import Cache, NoCache, Question
from app.answering.caching.store import Scope
from app.answering.cascading import Writers
from app.answering.deciding.apportioning import apportioned
from app.answering.deciding.basis import Basis
from app.answering.deciding.conflict import conflict_in
from app.answering.deciding.outcomes import Decision, before_writing, conclude, may_show
from app.answering.deciding.rules import Rules, Standing
from app.answering.decision import p_answerable
from app.answering.difficulty import route
from app.answering.drafting import Drafter
from app.answering.events import AnswerSentence, Fact, SourcesFound, TurnStage
from app.answering.evidence import Evidence
from app.answering.freshness import Versions, overdue, undated
from app.answering.hearing import Heard, asks_of, before_search, locale_of, with_searches, worth_trying
from app.answering.history import spoken
from app.answering.prompt import ANSWER, Voice, answer_prompt, asking
from app.answering.recording import closing, record, shown
from app.answering.second_look import SecondLook
from app.answering.statements import read
from app.answering.understanding.completing import Completion
from app.answering.understanding.finding import Search, Understood, understand
from app.answering.way import Taken, options_of, payer_of
from app.answering.wording import wording
from app.answering.writing import Answer, write
from app.conversations.turns import Outcome
from app.conversations.types import Begun
from app.database import now
from app.knowledge.reranking import ClaimReader
from app.knowledge.types import Found
from app.llm.types import Options, Prompt, Usage
from app.safety.links import Hosts
from app.safety.redaction import redact

log = structlog.get_logger()
PUBLIC = "public"
"""Whose answers these are: the search of a customer finds nothing internal."""
Price = Callable[[str, Usage], int]


@dataclass(frozen=True, slots=True)
class Answering:
    """The composer of answers."""

    search: Search
    writers: Writers
    drafter: Drafter
    price: Price
    rules: Standing
    hosts: Hosts
    workspace: str
    versions: Versions = undated
    cache: Cache = field(default_factory=NoCache)
    complete: Completion = field(default_factory=Completion)
    second_look: SecondLook = field(default_factory=SecondLook)
    claims: ClaimReader | None = None

    async def compose(self, begun: Begun) -> AsyncGenerator[Sequence[Fact] | Outcome]:
        """Yield what is found and every sentence that holds, then how the turn ends."""
        turn_id, rules = str(begun.turn_id), self.rules(begun.workspace_id)
        basis = before_search(begun, rules)
        if basis.intent.small_talk and not begun.already:
            yield _small_talk(begun, basis, rules)
            return
        understood = await understand(begun, self.search, self.complete)
        basis = with_searches(basis, understood.parts)
        understood = understood.trying(lambda one: worth_trying(one, rules))
        yield [TurnStage(turn_id, "reading"), SourcesFound(turn_id, shown(understood.read))]
        answer = self._blank(turn_id, understood)
        answer.remember(begun.already)
        heard = Heard(begun, rules, understood, answer)
        taken: Taken | None = None
        if before_writing(basis, rules) is None and may_show(basis, rules):
            taken = await self._taken(heard, p_answerable(basis.signals))
            async for fact in self._written(taken, self._prompt(heard), answer):
                yield [fact]
            basis, said = self._with_answer(heard, basis)
            yield said
            due = await overdue(self.versions, begun.workspace_id, answer.citations, now().date())
            looked = await self.second_look.at(understood, answer, basis.sentences)
            basis = replace(basis, overdue=due, looked=looked)
            log.info("turn.decided", turn_id=turn_id, **taken.record())
        decision = conclude(basis, rules)
        yield await self._outcome(heard, basis, decision, taken)
        if taken and taken.question:
            await self._cached(heard, taken, decision)

    async def _taken(self, heard: Heard, likely: float) -> Taken:
        """Whether the cache has the answer, and else whom to ask first."""
        begun, understood, answer = heard.begun, heard.understood, heard.answer
        found = understood.found
        first, hard, why = route(understood.question, found, self.writers.strong_from())
        private = begun.already or redact(understood.whole).hidden
        asked = None if private else Question(self._scope(heard), understood.whole, understood.vector)
        recalled = await self.cache.recall(asked, answer) if asked else None
        return Taken(first, hard, why, likely, asked, recalled, options_of(begun))

    async def _written(self, taken: Taken, prompt: Prompt, answer: Answer) -> AsyncIterator[AnswerSentence]:
        """Recite, or let the models write in turn."""
        if taken.recalled:
            async for fact in write(taken.recalled.writer, prompt, Options(), answer):
                yield fact
            return
        async for fact in self.writers.write(taken.first, prompt, taken.options, answer, likely=taken.likely):
            yield fact

    def _with_answer(self, heard: Heard, basis: Basis) -> tuple[Basis, list[Fact]]:
        """What was written, and the sentence that names a conflict between what it cites and another passage."""
        answer, asked = heard.answer, read(heard.understood.question).stems
        conflict = conflict_in(answer.citations, answer.evidence, asked) if answer.supported else None
        spent = answer.spent and self.writers.when_spent() == "handoff"
        said = answer.state(*heard.words.differing(conflict.first, conflict.second)) if conflict else None
        return replace(
            basis,
            written=True,
            sentences=apportioned(answer, heard.understood),
            refused=answer.is_none,
            unaffordable=spent,
            conflicts=(conflict.kind,) if conflict else (),
        ), [said] if said else []

    async def _cached(self, heard: Heard, taken: Taken, decision: Decision) -> None:
        """Keep the answer for others, unless what was said before may have shaped it; or note that it was recited."""
        if taken.question and taken.recalled:
            anew = partial(self._anew, taken, heard)
            await self.cache.recited(taken.question, taken.recalled, str(heard.begun.turn_id), anew)
        elif taken.question and decision.name == "answer" and not heard.begun.history and not self._stood_in(heard):
            await self.cache.remember(taken.question, heard.answer)

    def _stood_in(self, heard: Heard) -> bool:
        """Whether a lesser model wrote because another could not: that answer must not outlive the trouble."""
        return bool(heard.answer.errors) or heard.answer.models[-1:] == [self.writers.last.name]

    async def _anew(self, taken: Taken, heard: Heard) -> tuple[Answer, int]:
        """The answer as the models would write it now."""
        begun = replace(heard.begun, history=())
        answer = self._blank("anew", heard.understood)
        prompt = self._prompt(replace(heard, begun=begun, answer=answer))
        options = Options(payer=payer_of(begun, "judge"))
        async for _ in self.writers.write(taken.first, prompt, options, answer, likely=taken.likely):
            pass
        return answer, sum(self.price(name, usage) for name, usage in answer.usages)

    def _scope(self, heard: Heard) -> Scope:
        """All that an answer depends on besides its question; a change of any part makes the cache empty."""
        rules = heard.rules
        standing = (rules.name, rules.never_auto, rules.answer_from, rules.caveat_from)
        policy = repr((standing, self.writers.names, self.workspace, sorted(self.hosts.names)))
        return Scope(
            heard.begun.workspace_id, PUBLIC, locale_of(heard.begun), ANSWER, policy, heard.understood.found.snapshot_id
        )

    def _blank(self, turn_id: str, understood: Understood) -> Answer:
        evidence = Evidence.of([hit.passage for hit in understood.read], (self.workspace,), self.claims)
        return Answer(turn_id, evidence, self._hosts(understood.found), redact(understood.question))

    def _hosts(self, found: Found) -> Hosts:
        """Where an answer may point: the hosts that are always allowed, and those of the documents it rests on."""
        return Hosts(self.hosts.names | Hosts.of_documents(hit.passage.url for hit in found.hits).names)

    def _prompt(self, heard: Heard) -> Prompt:
        answer, voice = heard.answer, Voice(self.workspace, locale_of(heard.begun))
        said, marker = spoken(heard.begun.history), secrets.token_hex(6)
        prompt = answer_prompt(answer.redaction.text, answer.evidence.passages, said, marker, voice)
        return asking(prompt, asks_of(heard.understood, heard.words))

    async def _outcome(self, heard: Heard, basis: Basis, decision: Decision, taken: Taken | None) -> Outcome:
        begun, answer, words, draft = heard.begun, heard.answer, heard.words, None
        if decision.name in {"offer", "escalate"}:
            draft = await self.drafter.quick(heard.understood, decision, words, payer_of(begun, "draft"))
        back = heard.rules.office.back_at(now()) if heard.rules.office else None
        said, failed = bool(answer.text), basis.intent.failed
        missing = heard.understood.said_at(basis.missing) if decision.name == "caveat" else ()
        tail = closing(decision, heard.closing_words(basis), back, after=said, failed=failed, missing=missing)
        return Outcome(
            text=answer.text if said and decision.name == "answer" else "\n\n".join(filter(None, (answer.text, tail))),
            citations=answer.cited(),
            decision=decision.name,
            probability=decision.probability,
            reason=decision.reason,
            record=record(begun, heard.understood, answer, decision)
            | {"basis": basis.json(), "rules": heard.rules.json(), **(taken.record() if taken else {})},
            draft=draft,
            model=", ".join(dict.fromkeys(answer.models)),
            input_tokens=sum(usage.input_tokens_total for _, usage in answer.usages),
            output_tokens=sum(usage.output_tokens_total for _, usage in answer.usages),
            cost_micro_usd=self._cost(answer, taken),
            back_at=back.isoformat() if back else None,
            offers=bool(missing),
        )

    def _cost(self, answer: Answer, taken: Taken | None) -> int:
        """What was booked on the turn, which knows also of calls that broke off before they told their usage."""
        booked = taken.options.payer.used.cost_micro_usd if taken and taken.options.payer else 0
        return max(booked, sum(self.price(name, usage) for name, usage in answer.usages))


def _small_talk(begun: Begun, basis: Basis, rules: Rules) -> Outcome:
    """The reply to a greeting, to thanks, to a goodbye, or to who we are: nothing is searched for it."""
    decision, words = conclude(basis, rules), wording(locale_of(begun))
    told = {
        "rule": decision.reason,
        "question": redact(begun.question).text,
        "basis": basis.json(),
        "rules": rules.json(),
        "decision": decision.json(),
    }
    return Outcome(words.small_talk(basis.intent.small_talk), [], "answer", 1.0, told)
