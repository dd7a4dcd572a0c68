import pytest
from hypothesis import given
from hypothesis import strategies as some
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer

from app.knowledge.reading.windows import END, FOR_QUESTIONS, START, Cutter, window

LONG = " ".join(f"w{number}" for number in range(300))


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    words = ["[UNK]", "refund", "within", "thirty", "days", "open", "the", "page", *LONG.split()]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return Cutter(tokenizer)


def test_the_stretch_that_shares_most_with_the_question_is_read(cutter: Cutter) -> None:
    (pair,) = cutter.pairs("refund within thirty days", [("", f"{LONG} refund thirty days")])
    assert pair.ids[-2] == 4
    assert pair.ids[0] == START
    assert pair.ids[pair.asked - 1] == END


def test_a_short_passage_is_read_whole(cutter: Cutter) -> None:
    (pair,) = cutter.pairs("refund", [("page", "open the page")])
    assert pair.ids == (START, 1, END, 7, 1024, 5, 6, 7, END)


def test_of_equal_stretches_the_first_is_read() -> None:
    assert window([""] * 200, {}, 50) == 0
    assert window(["a", *[""] * 199], {"a": 1.0}, 50) == 0


def test_no_pair_is_longer_than_the_room(cutter: Cutter) -> None:
    pairs = cutter.pairs(LONG, [(LONG, LONG), ("", ""), ("page", "")])
    assert len(pairs[0].ids) == FOR_QUESTIONS.whole
    assert all(len(pair.ids) <= FOR_QUESTIONS.whole for pair in pairs)


@given(
    some.lists(some.sampled_from(["", "a", "b", "c"]), max_size=200),
    some.dictionaries(some.sampled_from(["a", "b"]), some.floats(0, 5), max_size=2),
    some.integers(1, 80),
)
def test_a_window_lies_inside_the_text(stems: list[str], weights: dict[str, float], room: int) -> None:
    start = window(stems, weights, room)
    assert 0 <= start <= max(0, len(stems) - room)
