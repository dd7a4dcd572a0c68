"""A reader looks at what was written, beside what was asked, before the turn is decided."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from app.answering.deciding.basis import Basis
from app.answering.deciding.outcomes import conclude, raw_score
from app.answering.deciding.rules import Rules
from app.answering.second_look import SecondLook
from app.conversations.tables import TurnRow
from app.database import Database, open_database
from app.errors import Unavailable
from app.knowledge.types import Found, Passage, Reading
from tests.answering.understanding.searching import House, Says, hits, passage

EMBED = passage("embed", "Embed the widget", "To embed the widget, add one script tag to your pages.")
COST = passage("cost", "What the widget costs", "The widget costs nothing on your site.")
SHELVES = {"cost": hits(COST), "embed": hits(EMBED), "missing": Found("s1", ())}
WHOLE = "To embed the widget, add one script tag to your pages. [1]"
BOTH = f"{WHOLE} The widget costs nothing on your site. [2]"


@dataclass(frozen=True)
class Looks:
    """Finds what it is told to find, and keeps what it looked at."""

    answers: float = 0.9
    name: str = "looks"
    seen: list[tuple[str, str]] = field(default_factory=list)

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        self.seen.extend((question, one.text) for one in passages)
        return [Reading(0.5, self.answers) for _ in passages]


class Broken:
    """Cannot look."""

    name = "broken"

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        raise Unavailable("The reader is broken.")


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite:///{tmp_path}/look.db")
    await database.write(lambda session: SQLModel.metadata.create_all(session.connection()))
    yield database
    await database.close()


async def records(database: Database) -> list[dict[str, Any]]:
    rows = await database.read(lambda session: [one.record for one in session.execute(select(TurnRow)).scalars()])
    return [dict(one or {}) for one in rows]


async def test_the_answer_is_read_beside_its_question_without_its_markers(opened: Database) -> None:
    looks = Looks(0.8)
    await House(opened, SHELVES, (Says(WHOLE),), second_look=SecondLook(looks)).ask("How do I embed the widget?")
    assert looks.seen == [("How do I embed the widget?", "To embed the widget, add one script tag to your pages.")]
    [told] = await records(opened)
    assert told["basis"]["looked"] == [0.8]
    assert told["decision"]["components"]["looked"] == 0.8


async def test_each_question_of_a_message_is_read_beside_its_own_sentences(opened: Database) -> None:
    looks = Looks()
    house = House(opened, SHELVES, (Says(BOTH),), second_look=SecondLook(looks))
    await house.ask("How do I embed the widget and how much does it cost?")
    assert [said for _, said in looks.seen] == [EMBED.text, COST.text]
    assert looks.seen[0][0] != looks.seen[1][0]


@pytest.mark.parametrize("look", [SecondLook(), SecondLook(Broken())])
async def test_without_a_look_the_turn_is_decided_by_search_and_check(opened: Database, look: SecondLook) -> None:
    await House(opened, SHELVES, (Says(WHOLE),), second_look=look).ask("How do I embed the widget?")
    [told] = await records(opened)
    assert told["basis"]["looked"] == []
    assert told["decision"]["name"] == "answer"


async def test_a_question_in_another_language_is_not_read(opened: Database) -> None:
    """The reader knows English alone, and what it does not know it would call no answer."""
    looks = Looks()
    house = House(opened, SHELVES, (Says(WHOLE),), second_look=SecondLook(looks))
    await house.ask("Wie kann ich das Widget mit embed auf meine Seite stellen?")
    assert not looks.seen


async def test_nothing_is_read_where_nothing_was_shown(opened: Database) -> None:
    looks = Looks()
    house = House(opened, SHELVES, (Says("It costs 400 euros a day. [1]"),), second_look=SecondLook(looks))
    await house.ask("What about what is missing?")
    assert not looks.seen


async def test_what_does_not_look_like_an_answer_is_less_sure_and_can_be_computed_again(opened: Database) -> None:
    await House(opened, SHELVES, (Says(WHOLE),), second_look=SecondLook(Looks(0.5))).ask("How do I embed the widget?")
    [told] = await records(opened)
    stored = Basis.of(told["basis"])
    scores = [raw_score(replace(stored, looked=(looked,))) for looked in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]
    assert conclude(stored, Rules()).json()["probability"] == told["decision"]["probability"]
