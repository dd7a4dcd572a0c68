"""Slips of the pen are mended only where the knowledge base and the language know what was meant."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.lexical import TantivyIndex, build_lexical
from app.knowledge.spelling import Mended, mended
from app.knowledge.types import Found

TEXTS = ["Download the widget and upload your logo.", "Forgot your password? Passwords are reset by e-mail.", "Shows"]
ENGLISH = {"download", "upload", "password", "widgets", "the", "information", "shoes", "where", "there", "refund"}


class Wordy(HashEmbedder):
    """Takes what is no English word to pieces, as embedders do."""

    def count_tokens(self, text: str) -> int:
        return 3 if text in ENGLISH else 5


class Lengthy(HashEmbedder):
    """Guesses by length."""

    def count_tokens(self, text: str) -> int:
        return len(text)


@dataclass
class Asked:
    """Remembers what it was asked."""

    questions: list[str] = field(default_factory=list)

    async def search(self, question: str, k: int) -> Found:
        self.questions.append(question)
        return Found("s", (), float(k))


@pytest.fixture
def lexical(tmp_path: Path) -> TantivyIndex:
    build_lexical(tmp_path / "lexical", ((str(number), text) for number, text in enumerate(TEXTS)))
    return TantivyIndex(tmp_path / "lexical")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("how do i dowload it", "how do i download it"),
        ("Uplaod my logo", "Upload my logo"),
        ("i forgot my pasword?", "i forgot my password?"),
        ("passwodr or passworrd or passwird", "password or password or password"),
        ("uploads of widgets", "uploads of widgets"),  # forms of words that passages hold
        ("do you sell shoes", "do you sell shoes"),  # a real word that no passage holds
        (
            "dowload@example.com and https://dowload.example/pasword",
            "dowload@example.com and https://dowload.example/pasword",
        ),
        ("DOWLOAD pasWord x-dowload", "DOWLOAD pasWord x-dowload"),  # names of something
        ("xyzzyxyz", "xyzzyxyz"),
        ("Shaws", "Shaws"),  # too short to be sure
        ("", ""),
    ],
)
def test_a_slip_is_read_as_the_word_that_was_meant(lexical: TantivyIndex, written: str, meant: str) -> None:
    assert mended(written, lexical, Wordy()) == meant


@pytest.mark.parametrize("embedder", [Lengthy(), HashEmbedder()])
def test_nothing_is_mended_where_nobody_knows_the_language(lexical: TantivyIndex, embedder: HashEmbedder) -> None:
    assert mended("how do i dowload it", lexical, embedder) == "how do i dowload it"


async def test_it_is_told_how_a_question_was_read(lexical: TantivyIndex) -> None:
    inner = Asked()
    search = Mended(inner, lexical, Wordy()).search
    assert (await search("the pasword", 3)).read_as == "the password"
    assert not (await search("the password", 3)).read_as
    assert inner.questions == ["the password", "the password"]


def test_words_are_counted_in_every_form(lexical: TantivyIndex) -> None:
    assert lexical.frequencies(["passwords", "Widget", "shoes", ""]) == [1, 1, 0, 0]
