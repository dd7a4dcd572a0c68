"""The model that answers in the passages' own sentences."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.errors import Unavailable
from app.language import content_words
from app.llm.extractive import ExtractiveModel, Remembered
from app.llm.extractive.composing import compose
from app.llm.extractive.scoring import Asked, Scored
from app.llm.extractive.units import units
from app.llm.types import Ask, Excerpt, Options, Part, Prompt, Stop, Text, Usage

PUBLISH = """To publish a snapshot, open the snapshots page and choose Publish. Only a ready snapshot can be published.

## Publish in the console

1. Sign in as an admin.
2. Open the page of snapshots.
3. Choose Publish and confirm.

Related: [Roll back a snapshot](/help/roll-back)."""
LIMITS = """Answerdesk accepts these files:

| Format | Endings |
| --- | --- |
| Markdown | `.md` |
| CSV | `.csv` |

A question can have up to 4,000 characters. It is refused when it is longer. What counts as a character?"""
REFUND = (
    "Refunds reach your card within 14 days. Refunds reach your card within 14 days of the request. Coffee is free."
)


async def embed(texts: list[str]) -> NDArray[np.float32]:
    """Cosine of shared words: enough meaning for a test, and the same on every machine."""
    rows = np.zeros((len(texts), 512), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in content_words(text):
            row[crc32(word.encode()) % 512] = 1
    vectors: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return vectors


async def parts(question: str, *texts: str, title: str = "Help") -> list[Part]:
    excerpts = tuple(Excerpt(number, title, "", text) for number, text in enumerate(texts, 1))
    prompt = Prompt("", (), question, excerpts)
    return [part async for part in ExtractiveModel(embed).stream(prompt, Options())]


async def answer(question: str, *texts: str, title: str = "Help") -> str:
    return "".join(part.text for part in await parts(question, *texts, title=title) if isinstance(part, Text))


async def test_a_how_to_question_gets_the_whole_procedure_in_order() -> None:
    assert await answer("How do I publish a snapshot in the console?", PUBLISH, title="Publish a snapshot") == (
        "1. Sign in as an admin. [1]\n2. Open the page of snapshots. [1]\n3. Choose Publish and confirm. [1]\n\n"
    )


async def test_a_question_for_a_fact_gets_the_sentence_that_states_it() -> None:
    text = await answer("How many characters can a question have?", REFUND, LIMITS)
    assert text.startswith("A question can have up to 4,000 characters. [2]")


async def test_each_sentence_is_a_text_of_its_own_that_ends_in_white_space() -> None:
    texts = [part.text for part in await parts("Which snapshot can be published?", PUBLISH) if isinstance(part, Text)]
    assert texts
    assert all(re.search(r"\[1\]\s+$", text) for text in texts)


async def test_a_table_stays_whole_below_the_sentence_that_announces_it() -> None:
    assert await answer("Which format and endings do files have?", LIMITS) == (
        "Answerdesk accepts these files: [1]\n\n"
        "| Format | Endings |\n| --- | --- |\n| Markdown | `.md` |\n| CSV | `.csv` [1] |\n\n"
    )


async def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    text = await answer("When is it refused because longer?", LIMITS)
    assert "4,000 characters. [1] It is refused when it is longer. [1]" in text


async def test_nearly_the_same_sentence_is_said_once() -> None:
    assert (await answer("When do refunds reach my card?", REFUND)).count("Refunds reach") == 1


async def test_questions_and_pointers_to_other_articles_are_not_repeated() -> None:
    text = await answer("What counts as a character in a question?", LIMITS)
    assert "What counts" not in text
    assert "Related" not in await answer("How do I roll back a snapshot?", PUBLISH)


async def test_steps_that_go_on_in_the_next_excerpt_are_joined() -> None:
    first, second = "## Reset\n\n1. Open the menu.\n2. Choose Reset.", "## Reset\n\n3. Wait a minute.\n4. Start again."
    text = await answer("How do I reset the device?", first, second, title="Reset the device")
    assert re.findall(r"(\d)\. .*? \[(\d)\]", text) == [("1", "1"), ("2", "1"), ("3", "2"), ("4", "2")]


async def test_steps_written_into_one_line_become_a_list() -> None:
    text = await answer(
        "How do I export my vault?",
        "To export your vault: 1. Open Tools. 2. Choose Export. It takes a while to finish.",
    )
    assert text == "To export your vault: [1]\n\n1. Open Tools. [1]\n2. Choose Export. [1]\n\n"


async def test_steps_towards_the_contrary_are_not_the_answer() -> None:
    restore, back_up = "1. Stop it.\n2. Move the copied folder in its place.", "1. Stop it.\n2. Copy the folder."
    text = f"## Restore the server\n\n{restore}\n\n## Back up the server\n\n{back_up}"
    assert (await answer("How do I do a backup of the server?", text, title="Safety")).endswith(
        "2. Copy the folder. [1]\n\n"
    )


async def test_an_indented_paragraph_belongs_to_its_step() -> None:
    text = await answer(
        "How do I start it?", "## Start it\n\n1. Press the button.\n\n   The light turns green.\n2. Wait."
    )
    assert text == "1. Press the button. [1]\n   The light turns green. [1]\n2. Wait. [1]\n\n"


@pytest.mark.parametrize("question", ["", "   ", "?!", "the of and"])
async def test_it_abstains_when_nothing_is_asked(question: str) -> None:
    assert await parts(question, PUBLISH, LIMITS, REFUND) == [
        Usage(0, 0),
        Stop("stop", native="abstain", model="extractive"),
    ]


async def test_what_is_asked_in_other_words_is_answered_with_what_was_found() -> None:
    """Whether that is enough is for the decision to say, which knows how sure the search is."""
    assert "14 days" in await answer("my money isnt back yet, its been ages", REFUND)


async def test_it_abstains_without_passages() -> None:
    assert await parts("How do I publish?") == [Usage(0, 0), Stop("stop", native="abstain", model="extractive")]


async def test_an_answer_ends_with_a_plain_stop() -> None:
    assert (await parts("How many characters can a question have?", LIMITS))[-1] == Stop("stop", model="extractive")


async def test_words_alone_decide_when_meanings_cannot_be_had() -> None:
    async def broken(_: list[str]) -> NDArray[np.float32]:
        raise Unavailable

    prompt = Prompt("", (), "How many characters can a question have?", (Excerpt(1, "Limits", "", LIMITS),))
    texts = [part.text async for part in ExtractiveModel(broken).stream(prompt, Options()) if isinstance(part, Text)]
    assert texts[0].startswith("A question can have up to 4,000 characters.")


async def test_prose_stays_short() -> None:
    sentences = " ".join(f"Refund number {at} reaches the card of customer {at} after {at} days." for at in range(60))
    assert len((await answer("When does a refund reach my card?", sentences)).split()) < 160


async def test_a_text_is_embedded_once_and_the_oldest_is_forgotten() -> None:
    asked: list[list[str]] = []

    async def counting(texts: list[str]) -> NDArray[np.float32]:
        asked.append(texts)
        return await embed(texts)

    remembered = Remembered(counting, most=2)
    both = await remembered(["one word", "two words", "one word"])
    assert np.array_equal(both, await embed(["one word", "two words", "one word"]))
    await remembered(["two words"])
    await remembered(["three words"])
    await remembered(["one word"])
    assert asked == [["one word", "two words"], ["three words"], ["one word"]]


LINES = st.sampled_from(
    "To do it, press the button.;It is done.;1. Open it.;2. Close it.;   indented;- one;* two;| a | b |;| --- | --- |"
    ";# Head;```;code;> quoted;What is it?;Related: [x](y);**Note**;[1];;: ;1. A step. 2. Another. 3. The end.".split(
        ";"
    )
)
TEXTS = st.lists(LINES, max_size=14).map("\n".join) | st.text(max_size=120)


@given(st.text(max_size=60) | st.just("How do I press the button?"), st.lists(TEXTS, max_size=5))
@settings(max_examples=150, deadline=None)
async def test_whatever_is_asked_each_line_stands_verbatim_in_the_excerpt_it_cites(
    question: str, texts: list[str]
) -> None:
    found = [part.text for part in await parts(question, *texts) if isinstance(part, Text)]
    for text in found:
        body, number = marked(text)
        assert all(line.strip() in texts[number - 1] for line in body.splitlines())


def marked(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*?)\s*\[(\d+)\](?: \|)?\s*", text, re.DOTALL)
    assert match
    return match.group(1), int(match.group(2))


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_taking_excerpts_apart_never_fails_and_invents_nothing(texts: Sequence[str]) -> None:
    for unit in units([Excerpt(number, "", "", text) for number, text in enumerate(texts, 1)]):
        assert all(piece in texts[unit.number - 1] for piece in (*unit.pieces, unit.lead))


def composed(question: str, *excerpts: Excerpt) -> list[str]:
    """The kinds and first words of an answer when every unit scores alike, in the order in which they are given."""
    found = units(excerpts)
    asked = Asked.of(question, found)
    ranked = [Scored(one, 0.9, 0.9, 0.9) for one in found]
    return [f"{one.kind}: {one.pieces[0][:12]}" for one in compose(asked, found, ranked)]


def test_code_that_nothing_announces_comes_after_a_sentence() -> None:
    code = Excerpt(1, "Budgets", "", "```toml\ndaily = 20\n```")
    said = Excerpt(2, "Limits", "", "The daily budget stands in one file.")
    assert composed("Which daily budget?", code, said) == ["sentence: The daily bu", "code: ```toml\ndail"]


def test_another_article_adds_only_what_speaks_of_the_question_itself() -> None:
    first = Excerpt(1, "A provider", "", "When a provider is down, the next model answers.")
    idle = Excerpt(2, "A provider is down", "", "Nothing needs to be done here.")
    apt = Excerpt(3, "Outages", "", "Customers never see errors of a provider.")
    found = composed("What happens when a provider is down?", first, idle, apt)
    assert found == ["sentence: When a provi", "sentence: Customers ne"]


async def test_several_questions_are_answered_in_order_each_from_its_own_excerpts() -> None:
    excerpts = (
        Excerpt(1, "Snapshots", "", PUBLISH),
        Excerpt(2, "Limits", "", LIMITS),
        Excerpt(3, "Refunds", "", REFUND),
    )
    asks = (
        Ask("When do refunds reach my card?", (3, 1), "First:"),
        Ask("How do I boil an egg?", (), "Second:"),
        Ask("How many characters can a question have?", (2, 1), "Third:"),
    )
    text, stop = await several(excerpts, asks)
    assert text.index("14 days. [3]") < text.index("Third:") < text.index("4,000 characters. [2]")
    assert "First:" not in text
    assert "Second:" not in text
    assert stop == Stop("stop", model="extractive", unanswered=(1,))


async def test_what_answers_two_questions_is_said_once_and_both_are_answered() -> None:
    asks = tuple(Ask(text, (1,), "Then:") for text in ("When do refunds reach my card?", "Do refunds reach my card?"))
    text, stop = await several((Excerpt(1, "Refunds", "", REFUND),), asks)
    assert text.count("Refunds reach your card within 14 days.") == 1
    assert "Then:" not in text
    assert stop == Stop("stop", model="extractive", unanswered=())


async def several(excerpts: tuple[Excerpt, ...], asks: tuple[Ask, ...]) -> tuple[str, Part]:
    written = [part async for part in ExtractiveModel(embed).stream(Prompt("", (), "", excerpts, asks), Options())]
    return "".join(part.text for part in written if isinstance(part, Text)), written[-1]
