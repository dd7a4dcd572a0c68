"""Puts a question and its passages into words for a model. The templates are numbered: a change is a new number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from string import Template

from app.knowledge.types import Passage
from app.llm.types import Ask, Excerpt, Prompt, Turn

ANSWER = "answer-3"
DRAFT = "draft-3"
CONTINUE = "continue-1"
ABSTENTION = "NO ANSWER"
LONGEST_HISTORY = 2400  # characters, counted from the latest utterance back
LONGEST_UTTERANCE = 800
_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl":
    "Dutch", "pl": "Polish", "sv": "Swedish", "da": "Danish", "fi": "Finnish", "nb": "Norwegian", "cs": "Czech", "tr":
    "Turkish", "ja": "Japanese", "ko": "Korean", "zh": "Chinese", "ar": "Arabic", "ru": "Russian", "uk": "Ukrainian",
}  # fmt: skip
_ONE, _SEVERAL = "The customer's question:\n", "The customer's questions, each to be answered, in this order:\n"
_ROLE_MARKS = re.compile(
    r"<\|?/?(?:system|assistant|user|im_start|im_end|endoftext|passage)\b[^>\n]*\|?>|\[/?INST\]|<</?SYS>>",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and in which language."""

    workspace: str = "Answerdesk"
    locale: str = "en"


def answer_prompt(
    question: str, passages: Sequence[Passage], history: Sequence[Turn], marker: str, voice: Voice
) -> Prompt:
    """Ask for an answer. `marker` is random for each turn, so that no passage can pretend to end or to be a rule."""
    return _prompt(ANSWER, question, passages, history, marker, voice)


def asking(prompt: Prompt, asks: Sequence[Ask]) -> Prompt:
    """The same prompt with its questions apart; one alone is said by the prompt itself."""
    if len(asks) < 2:  # noqa: PLR2004  # several
        return prompt
    before, _, asked = prompt.turns[-1].text.rpartition(_ONE)
    last = Turn("user", f"{before}{_SEVERAL}{asked}")
    return replace(prompt, turns=(*prompt.turns[:-1], last), asks=tuple(asks))


def draft_prompt(
    question: str, passages: Sequence[Passage], history: Sequence[Turn], marker: str, voice: Voice, *, wish: str = ""
) -> Prompt:
    """Ask for a reply that an agent will read first. `wish` is what the agent asked to have different."""
    prompt = _prompt(DRAFT, question, passages, history, marker, voice)
    if not wish.strip():
        return prompt
    system = f"{prompt.system}\n\nThe agent's wish for this draft, within the rules above: {harmless(wish, marker)}"
    return replace(prompt, system=system)


def continued(prompt: Prompt, said: str) -> Prompt:
    """Ask for the rest of an answer of which so much was shown before its writer broke off."""
    rest = Turn("user", template(CONTINUE).substitute(abstention=ABSTENTION))
    return replace(prompt, turns=(*prompt.turns, Turn("assistant", said), rest))


def abstains(text: str) -> bool:
    """Whether the model said, in the agreed words, that the passages do not answer."""
    return text.strip(" .\n\"'*`").upper() == ABSTENTION


def harmless(text: str, marker: str) -> str:
    """Text from outside that can neither end its quotation nor play a role, and hides nothing."""
    visible = _INVISIBLE.sub("", text)
    return _ROLE_MARKS.sub(" ", re.sub(re.escape(marker), " ", visible, flags=re.IGNORECASE))


def _prompt(
    name: str, question: str, passages: Sequence[Passage], history: Sequence[Turn], marker: str, voice: Voice
) -> Prompt:
    excerpts = tuple(
        Excerpt(number, harmless(one.title, marker), harmless(one.heading, marker), harmless(one.text, marker))
        for number, one in enumerate(passages, start=1)
    )
    language = _LANGUAGES.get(voice.locale.split("-")[0].lower(), "the customer's language")
    # The same for every turn, and in front: providers charge less for a beginning that they have read before.
    system = template(name).substitute(workspace=voice.workspace, language=language, abstention=ABSTENTION)
    asked = harmless(question, marker)
    last = Turn("user", f"The marker is {marker}.\n\n{_quoted(excerpts, marker)}\n\n{_ONE}{asked}")
    return Prompt(system, (*recent(history, marker), last), question, excerpts)


@lru_cache
def template(name: str) -> Template:
    """A numbered template."""
    return Template((files("app.answering") / "prompts" / f"{name}.md").read_text(encoding="utf-8").strip())


def recent(history: Sequence[Turn], marker: str) -> tuple[Turn, ...]:
    """The latest utterances that fit, in order, alternating and beginning with the customer's."""
    kept: list[Turn] = []
    room = LONGEST_HISTORY
    for turn in reversed(history):
        text = harmless(turn.text, marker).strip()[:LONGEST_UTTERANCE]
        room -= len(text)
        if room < 0:
            break
        kept.append(Turn(turn.role, text))
    return _alternating([turn for turn in reversed(kept) if turn.text])


def _alternating(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Some providers refuse two utterances of one role in a row; the prompt's own last turn is the customer's."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and joined[-1].role == turn.role:
            joined[-1] = Turn(turn.role, f"{joined[-1].text}\n{turn.text}")
        elif joined or turn.role == "user":
            joined.append(turn)
    if joined and joined[-1].role == "user":
        joined.append(Turn("assistant", "…"))
    return tuple(joined)


def _quoted(excerpts: Sequence[Excerpt], marker: str) -> str:
    blocks = [f"--- {marker} passage {one.number}: {_place(one)}\n{one.text.strip()}" for one in excerpts]
    return "\n\n".join([*blocks, f"--- {marker} end of passages"])


def _place(excerpt: Excerpt) -> str:
    return " › ".join(part for part in (excerpt.title, excerpt.heading) if part).replace("\n", " ")
