"""When people are there, in the zone's own time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.deciding.office import OfficeHours
from app.answering.tongues import is_foreign
from app.answering.wording import ENGLISH, GERMAN

BERLIN = OfficeHours.of({"zone": "Europe/Berlin", "monday": ["09:00-12:00", "13:00-17:00"], "friday": ["20:00-24:00"]})


@pytest.mark.parametrize(
    ("moment", "back"),
    [
        (datetime(2026, 11, 23, 8, 30, tzinfo=UTC), None),  # Monday, 09:30 in Berlin
        (datetime(2026, 11, 23, 7, 30, tzinfo=UTC), "2026-11-23T09:00:00+01:00"),
        (datetime(2026, 11, 23, 11, 30, tzinfo=UTC), "2026-11-23T13:00:00+01:00"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "2026-11-27T20:00:00+01:00"),
        (datetime(2026, 11, 27, 22, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 27, 23, 0, tzinfo=UTC), "2026-11-30T09:00:00+01:00"),
        (datetime(2027, 3, 26, 23, 0, tzinfo=UTC), "2027-03-29T09:00:00+02:00"),  # the clocks change in between
    ],
)
def test_people_are_back_at_the_next_opening(moment: datetime, back: str | None) -> None:
    found = BERLIN.back_at(moment)
    assert (found.isoformat() if found else None) == back


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001  # the zone is put on below
def test_when_they_are_back_they_are_there(moment: datetime) -> None:
    back = BERLIN.back_at(moment.replace(tzinfo=UTC))
    assert back is None or (BERLIN.back_at(back) is None and back > moment.replace(tzinfo=UTC))
    assert OfficeHours.of(BERLIN.json()) == BERLIN


def test_the_customer_reads_the_day_in_their_language() -> None:
    back = BERLIN.back_at(datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
    assert back is not None
    assert "on Monday at 09:00 (Europe/Berlin)" in ENGLISH.back(back)
    assert "am Montag um 09:00 Uhr" in GERMAN.back(back)


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("How do I reset my password?", False),
        ("password reset", False),
        ("Wie setze ich mein Passwort zurück?", True),
        ("¿Cómo puedo cambiar mi contraseña?", True),
        ("Comment puis-je changer mon mot de passe ?", True),
        ("パスワードを変更する方法", True),
        ("Как сбросить пароль?", True),
        ("Does the die roll for the Los Angeles office?", False),
        ("ANSWERDESK_DATA_DIR", False),
        ("???", False),
    ],
)
def test_other_languages_are_told_from_english(question: str, foreign: bool) -> None:
    assert is_foreign(question) == foreign
