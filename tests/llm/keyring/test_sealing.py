from hypothesis import given
from hypothesis import strategies as st

from app.llm.keyring.sealing import ABSENT, SHORT, Seals

OLD, NEW = "o" * 32, "n" * 32


@given(st.text(min_size=1), st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
def test_what_was_sealed_is_read_again_with_the_same_secret_and_at_the_same_place_alone(place: str, text: str) -> None:
    sealed = Seals(NEW).seal(place, text)
    assert Seals(NEW).read(place, sealed) == text
    assert Seals(OLD).read(place, sealed) is None
    assert Seals(NEW).read(place + "x", sealed) is None


def test_the_text_is_not_in_what_is_stored_and_no_two_are_alike() -> None:
    once, again = (Seals(NEW).seal("place", "sk-very-secret") for _ in range(2))
    assert once != again
    assert "secret" not in once


def test_a_secret_can_be_changed() -> None:
    sealed = Seals(OLD).seal("place", "a key")
    changed = Seals(NEW, (OLD,))
    assert changed.read("place", sealed) == "a key"
    renewed = changed.renewed("place", sealed)
    assert renewed
    assert Seals(NEW).read("place", renewed) == "a key"
    assert changed.renewed("place", renewed) is None
    assert Seals(NEW).renewed("place", sealed) is None


def test_what_is_no_seal_is_not_read() -> None:
    assert [Seals(NEW).read("place", odd) for odd in ("", "a key", "gAAAAA==", "schlüssel")] == [None] * 4


def test_without_a_good_secret_it_says_how_to_mend_that() -> None:
    assert (Seals().trouble, Seals("s" * 31).trouble, Seals(NEW).trouble) == (ABSENT, SHORT, None)
    assert Seals().read("place", Seals(NEW).seal("place", "a key")) is None


def test_a_secret_is_not_told() -> None:
    assert "nnn" not in repr(Seals(NEW, (OLD,)))
