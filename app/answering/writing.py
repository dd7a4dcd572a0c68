"""One answer as it is written: the model's stream, cut into sentences, each checked before anybody sees it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.answering.events import AnswerSentence, Citation
from app.answering.evidence import Evidence
from app.answering.grounding import Verdict, check
from app.answering.markers import unmarked
from app.answering.prompt import abstains, continued
from app.answering.sentencing import Cutter, Sentence, joint
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.types import Model, Options, Part, Prompt, Refusal, Stop, Text, Usage
from app.safety.links import Hosts
from app.safety.redaction import Redaction

ABSTAINED = "abstain"
_LIST_MARK = re.compile(r"^(?:[-*+]|\d{1,3}[.)])\s+")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Answer:
    """What was shown so far, and what became of every sentence. Models may take turns in writing it."""

    turn_id: str
    evidence: Evidence
    hosts: Hosts
    redaction: Redaction
    text: str = ""
    shown: int = 0
    citations: list[Citation] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    models: list[str] = field(default_factory=list)
    usages: list[tuple[str, Usage]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: bool = False
    abstained: bool = False
    finished: bool = False
    spent: bool = False
    """A budget had no room for some model."""
    unanswered: tuple[int, ...] | None = None
    """Which of several questions the last writer found no answer to, if it said so."""
    _last: Sentence | None = None
    _hand: int = 0

    @property
    def claims(self) -> list[Verdict]:
        """The verdicts on sentences that say something that could be wrong."""
        return [verdict for verdict in self.verdicts if verdict.is_claim]

    @property
    def supported(self) -> list[Verdict]:
        """The claims that were shown."""
        return [verdict for verdict in self.claims if verdict.kept]

    @property
    def last_hand(self) -> list[Verdict]:
        """The verdicts on what the last writer said."""
        return self.verdicts[self._hand :]

    @property
    def standing(self) -> list[Verdict]:
        """The verdicts on what stands: what was shown, and what the last writer said."""
        return [verdict for verdict in self.verdicts[: self._hand] if verdict.kept] + self.last_hand

    @property
    def hidden_text(self) -> str:
        """What was shown, as a model may see it: with the customer's personal data replaced again."""
        text = self.text
        for name, original in self.redaction.hidden:
            text = text.replace(original, f"⟦{name}⟧")
        return text

    @property
    def is_none(self) -> bool:
        """Whether the writer said that there is no answer."""
        return self.refused or (self.abstained and not self.supported)

    def remember(self, sentences: tuple[dict[str, Any], ...]) -> None:
        """Take up what an earlier try had shown before its process died."""
        for sentence in sentences:
            self.text += sentence["joint"] + sentence["text"]
            self.shown = sentence["index"] + 1
            self.said.add(_plain(sentence["text"]))
            self.citations += [Citation(**one) for one in sentence["citations"]]

    def take(self, sentence: Sentence) -> AnswerSentence | None:
        """Check a sentence; the fact that shows it, unless it is unsupported or was said before."""
        if abstains(sentence.text):
            self.abstained = True
            return None
        return self.accept(sentence, check(sentence, self.evidence, self.hosts))

    def accept(self, sentence: Sentence, verdict: Verdict) -> AnswerSentence | None:
        """The fact that shows a sentence that was checked, unless it is unsupported or was said before."""
        self.verdicts.append(verdict)
        text = self.redaction.restore(verdict.text)
        if not verdict.kept or _plain(text) in self.said:
            return None
        between = joint(self._last, sentence) if self._last or not self.text else "\n\n"
        fact = AnswerSentence(self.turn_id, self.shown, text, verdict.citations, between)
        self.text, self.shown, self._last = self.text + between + text, self.shown + 1, sentence
        self.said.add(_plain(text))
        self.citations += verdict.citations
        return fact

    def state(self, text: str, citations: tuple[Citation, ...]) -> AnswerSentence | None:
        """A sentence of the product's own that quotes what it cites; nothing when it was said before."""
        if _plain(text) in self.said:
            return None
        fact = AnswerSentence(self.turn_id, self.shown, text, citations, "\n\n" if self.text else "")
        self.text, self.shown, self._last = self.text + fact.joint + text, self.shown + 1, None
        self.said.add(_plain(text))
        self.citations += citations
        return fact

    def new_hand(self, model: str) -> None:
        """This model goes on from here; what another one thought of the question is forgotten."""
        self.models.append(model)
        self._last, self._hand = None, len(self.verdicts)
        self.refused = self.abstained = self.finished = False
        self.unanswered = None

    def cited(self) -> list[dict[str, Any]]:
        """Each citation once, in order of appearance."""
        return [asdict(citation) for citation in dict.fromkeys(self.citations)]


async def write(model: Model, prompt: Prompt, options: Options, answer: Answer) -> AsyncIterator[AnswerSentence]:
    """Let one model write; yields each sentence that holds. Raises `ModelError` when the model breaks off.

    When something was shown already, the model is told what, and asked for the rest.
    """
    cutter = Cutter()
    answer.new_hand(model.name)
    if answer.text:
        prompt = continued(prompt, answer.hidden_text)
    async with asked(model, prompt, options) as parts:
        async for part in parts:
            _note(part, model.name, answer)
            async for fact in _taken(cutter.feed(part.text) if isinstance(part, Text) else [], answer):
                yield fact
    async for fact in _taken(cutter.flush(), answer):
        yield fact
    answer.finished = True


async def _taken(sentences: Sequence[Sentence], answer: Answer) -> AsyncIterator[AnswerSentence]:
    for sentence in sentences:
        fact = await _checked(sentence, answer)
        if fact:
            yield fact


async def _checked(sentence: Sentence, answer: Answer) -> AnswerSentence | None:
    """Take a sentence; while a reader looks at it, other turns go on."""
    if answer.evidence.reader is None or abstains(sentence.text):
        return answer.take(sentence)
    return answer.accept(sentence, await asyncio.to_thread(check, sentence, answer.evidence, answer.hosts))


def _note(part: Part, model: str, answer: Answer) -> None:
    """Keep what a part says about the call rather than to the customer."""
    if isinstance(part, Usage):
        answer.usages.append((model, part))
    elif isinstance(part, Refusal):
        answer.refused = True
    elif isinstance(part, Stop):
        _note_end(part, answer)


def _note_end(stop: Stop, answer: Answer) -> None:
    answer.refused = answer.refused or stop.reason in {"refusal", "content_filter"}
    answer.abstained = answer.abstained or stop.native == ABSTAINED
    answer.unanswered = stop.unanswered
    if stop.reason == "error":
        raise ModelError("malformed", "The stream ended with an error.", at="mid-stream")


def _plain(text: str) -> str:
    """The words alone: the same sentence with another marker, number of a list or emphasis is the same sentence."""
    body = _LIST_MARK.sub("", unmarked(text)[0].strip())
    return " ".join(_WORD.findall(body.lower())) or text.strip()
