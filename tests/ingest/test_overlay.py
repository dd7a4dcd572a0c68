"""Overrides of passages survive whatever becomes of a document, or say that they do not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.overriding.types import APPLIED, CONFLICT, MOVED, Anchor, Override, Wish
from app.knowledge.types import DocumentVersion
from ingest.overlay import overlaid
from ingest.passages import Laid
from ingest.split import Piece, Window, split

REFUNDS = "Refunds take ten days, counted from the day on which the parcel came back to us in its old box."
WINDOW = Window(40, HashEmbedder().count_tokens)
PARAGRAPHS = st.sampled_from(
    [
        "Refunds take ten days.",
        "Yes.",
        "A parcel may weigh at most thirty kilograms. Heavier ones go by freight.",
        "- One point\n- Another point\n- A third point",
        "1. Open the page\n2. Choose a parcel\n3. Print the label",
        "| size | price |\n|---|---|\n| small | 3 |\n| large | 9 |",
        "Words " * 50,
        "```\nprint('hello')\n```",
        "Ein Paket wiegt höchstens dreißig Kilo. 包裹最多三十公斤。",
    ]
)
SECTIONS = st.tuples(st.sampled_from(["# Title", "## Prices", "## Sizes", "### Detail", ""]), PARAGRAPHS)
TEXTS = st.lists(SECTIONS, min_size=1, max_size=7).map(
    lambda found: "\n\n".join(part for one in found for part in one if part).strip()
)
WISHES = st.builds(
    Wish,
    disabled=st.booleans(),
    text=st.none() | st.sampled_from(["Edited.", "Edited at length. " * 40, "## Heading\n\nEdited."]),
    questions=st.sampled_from([(), ("How much is it?",)]),
    keywords=st.sampled_from([(), ("tariff", "fee")]),
    pins=st.sampled_from([(), ("What does it cost?",)]),
)


def version(text: str, number: int = 1) -> DocumentVersion:
    return DocumentVersion("d", number, "Title", "", text)


@st.composite
def overridden(draw: st.DrawFn) -> tuple[str, list[Override]]:
    """A document with wishes about some of its passages."""
    text = draw(TEXTS)
    pieces = split("Title", text, WINDOW)
    chosen = draw(st.lists(st.sampled_from(pieces), unique=True, max_size=4)) if pieces else []
    anchors = [Anchor("d", one.heading, text[one.start : one.end], one.start) for one in chosen]
    return text, [Override(str(number), anchor, draw(WISHES)) for number, anchor in enumerate(anchors)]


def quotes(text: str, passages: list[Laid]) -> list[str]:
    return [text[one.piece.start : one.piece.end] for one in passages]


@settings(max_examples=300, deadline=None)
@given(overridden(), TEXTS, st.integers(10, 80))
def test_no_override_vanishes_whatever_the_source_says_next(
    before: tuple[str, list[Override]], after: str, tokens: int
) -> None:
    _, overrides = before
    shown = overlaid(version(after, 2), overrides, Window(tokens, WINDOW.count))
    assert sorted(one.override_id for one in shown.outcomes) == sorted(one.id for one in overrides)
    for outcome in shown.outcomes:
        override = next(one for one in overrides if one.id == outcome.override_id)
        said = shown.text[outcome.start : outcome.end]
        if outcome.state == CONFLICT:
            assert outcome.reason
            assert after[outcome.start : outcome.end] != override.anchor.quote or outcome.reason
        else:
            assert outcome.state in (APPLIED, MOVED)
            edited = override.wish.text if not override.wish.disabled else None
            assert said == (edited if edited is not None else override.anchor.quote)


@settings(max_examples=300, deadline=None)
@given(overridden())
def test_while_the_source_says_the_same_every_override_applies(before: tuple[str, list[Override]]) -> None:
    text, overrides = before
    shown = overlaid(version(text), overrides, WINDOW)
    assert {one.state for one in shown.outcomes} <= {APPLIED}


@settings(max_examples=300, deadline=None)
@given(overridden(), TEXTS, st.integers(10, 80))
def test_passages_are_stretches_of_the_text_that_never_overlap(
    before: tuple[str, list[Override]], after: str, tokens: int
) -> None:
    shown = overlaid(version(after, 2), before[1], Window(tokens, WINDOW.count))
    end = 0
    for passage in shown.passages:
        assert end <= passage.piece.start < passage.piece.end <= len(shown.text)
        end = passage.piece.end
    assert all(quote.strip() for quote in quotes(shown.text, shown.passages))


@settings(max_examples=300, deadline=None)
@given(overridden())
def test_what_is_not_overridden_keeps_its_words_and_headings(before: tuple[str, list[Override]]) -> None:
    text, overrides = before
    shown = overlaid(version(text), overrides, WINDOW)
    spans = [(one.anchor.start, one.anchor.start + len(one.anchor.quote)) for one in overrides]
    others = [piece for piece in split("Title", text, WINDOW) if (piece.start, piece.end) not in spans]
    kept = [
        (one.piece.heading, quote)
        for one, quote in zip(shown.passages, quotes(shown.text, shown.passages), strict=True)
    ]
    assert all((piece.heading, text[piece.start : piece.end]) in kept for piece in others)


def test_a_passage_that_moved_under_another_heading_is_followed() -> None:
    anchor = Anchor("d", "Prices", REFUNDS, 0)
    text = f"# Title\n\n## Money\n\n{REFUNDS}\n\n## Prices\n\n{REFUNDS.replace('ten', 'five')}"
    shown = overlaid(version(text), [over(anchor)], WINDOW)
    assert [(one.state, one.heading) for one in shown.outcomes] == [(MOVED, "Money")]


def test_a_passage_that_changed_is_a_conflict_that_names_what_became_of_it() -> None:
    anchor = Anchor("d", "Prices", REFUNDS, 0)
    changed = REFUNDS.replace("ten", "five")
    text = f"# Title\n\n## Prices\n\n{changed}\n\n## Sizes\n\n{'Something quite different stands here. ' * 4}"
    (outcome,) = overlaid(version(text), [over(anchor)], WINDOW).outcomes
    assert (outcome.state, outcome.reason) == (CONFLICT, "The source no longer says this.")
    assert text[outcome.start : outcome.end] == changed


def test_a_short_passage_is_not_found_inside_another_sentence() -> None:
    anchor = Anchor("d", "", "Yes.", 0)
    (outcome,) = overlaid(version("Is it so? Yes. Mostly."), [over(anchor)], WINDOW).outcomes
    assert outcome.state == CONFLICT


def test_a_passage_that_stands_in_two_other_places_is_a_conflict() -> None:
    anchor = Anchor("d", "Prices", "Refunds take ten days.", 0)
    text = "## A\n\nRefunds take ten days.\n\n## B\n\nRefunds take ten days."
    (outcome,) = overlaid(version(text), [over(anchor)], Window(200, WINDOW.count)).outcomes
    assert "several places" in outcome.reason


def test_a_disabled_passage_is_no_passage_and_its_neighbours_stay() -> None:
    text = "## A\n\nFirst part of it all.\n\n## B\n\nSecond part of it all."
    first, second = split("Title", text, Window(12, WINDOW.count))
    anchor = Anchor("d", first.heading, text[first.start : first.end], first.start)
    shown = overlaid(version(text), [Override("o", anchor, Wish(disabled=True))], Window(12, WINDOW.count))
    assert [one.piece for one in shown.passages] == [Piece(second.heading, second.start, second.end)]
    assert shown.text == text


def over(anchor: Anchor) -> Override:
    return Override("o", anchor, Wish(questions=("Which?",)))
