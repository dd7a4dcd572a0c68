"""What to say to a question: search, estimate, choose a model, check each sentence, decide.

Facts are yielded as soon as they are known and the outcome comes last; storing and telling is the assistant's part.
"""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace

import structlog

from app.answering.decision import Decision, Rules, before_writing, decide, may_show, p_answerable, signals
from app.answering.difficulty import route
from app.answering.drafting import Drafter
from app.answering.events import AnswerSentence, Fact, SourcesFound, TurnStage
from app.answering.evidence import Evidence
from app.answering.intent import read_intent
from app.answering.prompt import ANSWER, Voice, answer_prompt
from app.answering.rewriting import standalone
from app.answering.wording import Wording, wording
from app.answering.writing import Answer, write
from app.conversations.turns import Outcome
from app.conversations.types import Begun, Utterance
from app.knowledge.types import Found, Passage
from app.llm.errors import ModelError
from app.llm.types import Model, Options, Prompt, Turn, Usage
from app.safety.links import Hosts
from app.safety.redaction import redact
from app.safety.screening import screen

log = structlog.get_logger()
READ = 6
Search = Callable[[str, str], Awaitable[Found]]
Price = Callable[[str, Usage], int]


@dataclass(frozen=True, slots=True)
class Writers:
    """Who writes when the question is easy and who when it is hard, in the order in which they are tried."""

    cheap: tuple[Model, ...]
    strong: tuple[Model, ...]
    last: Model

    def chosen(self, difficulty: str) -> tuple[Model, ...]:
        """A hard question starts with the strong, an easy one with the cheap; the last always answers."""
        ordered = (*self.strong, self.last) if difficulty == "strong" else (*self.cheap, *self.strong, self.last)
        return tuple({id(model): model for model in ordered}.values())


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

    async def compose(self, begun: Begun) -> AsyncGenerator[Sequence[Fact] | Outcome]:
        """Yield what is found and every sentence that holds, then how the turn ends."""
        turn_id, words = str(begun.turn_id), wording(begun.lease.locale if begun.lease else "en")
        intent = read_intent(begun.question, self.rules.never_auto, offered=_offered(begun.history))
        if intent.small_talk and not begun.already:
            decision = before_writing(intent, Found("", ()), 1.0, 0, self.rules)
            yield Outcome(
                words.small_talk(intent.small_talk), [], "answer", 1.0, {"rule": decision and decision.reason}
            )
            return
        question = standalone(begun.question, begun.history)
        found = await self.search(begun.workspace_id, question)
        yield [TurnStage(turn_id, "reading"), SourcesFound(turn_id, _shown(found))]
        measured = signals(question, found)
        chance = p_answerable(measured)
        answer = Answer(turn_id, _evidence(found, self.workspace), self._hosts(found), redact(question))
        answer.remember(begun.already)
        decision = before_writing(intent, found, chance, _failures(begun.history), self.rules)
        if decision is None and may_show(chance, self.rules):
            difficulty, why = route(question, found, chance)
            async for fact in self._written(difficulty, self._prompt(answer, begun), answer):
                yield [fact]
            refused = answer.refused or (answer.abstained and not answer.supported)
            decision = _wary(decide(measured, answer.verdicts, self.rules, refused=refused, found=found), answer)
            log.info("turn.decided", turn_id=turn_id, decision=decision.name, route=difficulty, why=why)
        decision = decision or decide(measured, (), self.rules, refused=True, found=found)
        yield await self._outcome(begun, question, found, answer, decision, words)

    async def _written(self, difficulty: str, prompt: Prompt, answer: Answer) -> AsyncIterator[AnswerSentence]:
        """Let the models write in turn, until something holds or one says that there is no answer."""
        for model in self.writers.chosen(difficulty):
            try:
                async for fact in write(model, prompt, Options(), answer):
                    yield fact
            except ModelError as error:
                # The next model goes on after the last published sentence; what it repeats is not shown twice.
                log.warning("model.failed", model=model.name, kind=error.kind, status=error.status)
                answer.errors.append(f"{model.name}: {error.kind}")
                continue
            if answer.supported or answer.abstained or answer.refused:
                return

    def _hosts(self, found: Found) -> Hosts:
        """Where an answer may point: the hosts that are always allowed, and those of the documents it rests on."""
        return Hosts(self.hosts.names | Hosts.of_documents(hit.passage.url for hit in found.hits).names)

    def _prompt(self, answer: Answer, begun: Begun) -> Prompt:
        voice = Voice(self.workspace, begun.lease.locale if begun.lease else "en")
        passages = answer.evidence.passages
        return answer_prompt(answer.redaction.text, passages, spoken(begun.history), secrets.token_hex(6), voice)

    async def _outcome(  # what the turn has found out
        self, begun: Begun, question: str, found: Found, answer: Answer, decision: Decision, words: Wording
    ) -> Outcome:
        draft = None
        if decision.name in {"offer", "escalate"}:
            draft = await self.drafter.quick(question, found, decision, words)
        tail = "" if decision.name == "answer" and answer.text else _closing(decision, words)
        return Outcome(
            text="\n\n".join(part for part in (answer.text, tail) if part),
            citations=answer.cited(),
            decision=decision.name,
            probability=decision.probability,
            reason=decision.reason,
            record=_record(begun, question, found, answer, decision),
            draft=draft,
            model=", ".join(dict.fromkeys(answer.models)),
            input_tokens=sum(usage.input_tokens_total for _, usage in answer.usages),
            output_tokens=sum(usage.output_tokens_total for _, usage in answer.usages),
            cost_micro_usd=sum(self.price(name, usage) for name, usage in answer.usages),
        )


def _wary(decision: Decision, answer: Answer) -> Decision:
    """A procedure that lost a step to the check is not shown as if it were whole."""
    steps = [verdict.kept for verdict in answer.claims if verdict.kind == "item"]
    if decision.name == "answer" and any(steps) and not all(steps):
        return replace(decision, name="caveat", reason="a step was left out")
    return decision


def spoken(history: Sequence[Utterance]) -> tuple[Turn, ...]:
    """What was said before, as a model sees it, with personal data replaced."""
    return tuple(Turn("user" if said.author == "customer" else "assistant", redact(said.text).text) for said in history)


def _evidence(found: Found, workspace: str) -> Evidence:
    return Evidence.of([hit.passage for hit in found.hits[:READ]], known=(workspace,))


def _shown(found: Found) -> tuple[dict[str, object], ...]:
    return tuple(_source(number, hit.passage) for number, hit in enumerate(found.hits[:READ], 1))


def _source(number: int, passage: Passage) -> dict[str, object]:
    named = ("document_id", "version", "title", "url", "heading", "start", "end")
    return {"number": number, **{name: getattr(passage, name) for name in named}}


def _failures(history: Sequence[Utterance]) -> int:
    """How many answers in a row, up to now, were none or were called unhelpful."""
    count = 0
    for said in reversed([said for said in history if said.author == "bot"]):
        if said.rating != "down" and said.decision not in {"offer", "escalate"}:
            break
        count += 1
    return count


def _offered(history: Sequence[Utterance]) -> bool:
    """Whether the last thing that we said was to offer a person."""
    last = next((said for said in reversed(history) if said.author == "bot"), None)
    return last is not None and last.decision == "offer"


def _closing(decision: Decision, words: Wording) -> str:
    """What the product itself says at the end of a turn that is not a plain answer."""
    if decision.name == "escalate":
        return words.sensitive if decision.reason.startswith("never-auto") else words.escalated
    if decision.name == "clarify":
        return words.asking_back(decision.choices)
    if decision.name == "caveat":
        return words.caveat
    by_reason = {"upset": words.upset, "did not help before": words.did_not_help, "not confident": words.not_confident}
    return by_reason.get(decision.reason, words.not_found)


def _record(begun: Begun, question: str, found: Found, answer: Answer, decision: Decision) -> dict[str, object]:
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
    }
