"""What the embedder learns from: a question, the passage that answers it, and what is only near it."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.knowledge.types import Passage
from ingest.split import embedded_text
from scripts.train_reader.documentation import Shelf
from scripts.train_reader.examples import SAME

WRONG = 10
"""Of the hits of our own search, so many wrong ones are drawn from."""


@dataclass(frozen=True, slots=True)
class Example:
    """`near` are questions on the passage's subject that it does not answer; `wrong` are passages that do not."""

    shelf: str
    asked: str
    passage: str
    near: tuple[str, ...]
    wrong: tuple[str, ...]


def examples(shelf: Shelf) -> Iterator[Example]:
    """One for each question that a passage of the shelf answers."""
    places = {passage.document_id: row for row, passage in enumerate(shelf.passages)}
    near = [(question.row["of"], question.text) for question in shelf.questions if not question.relevant]
    for question, found in zip(shelf.questions, shelf.found, strict=True):
        if not question.relevant:
            continue
        of = question.row["of"]
        right = shelf.vectors[places[of]]
        others = [hit.passage for hit in found.hits if hit.passage.document_id != of]
        wrong = [one for one in others if float(shelf.vectors[places[one.document_id]] @ right) < SAME]
        yield Example(
            shelf.name,
            question.text,
            _text(shelf.passages[places[of]]),
            tuple(text for id_, text in near if id_ == of),
            tuple(_text(one) for one in wrong[:WRONG]),
        )


def _text(passage: Passage) -> str:
    return embedded_text(passage.title, passage.heading, passage.text)
