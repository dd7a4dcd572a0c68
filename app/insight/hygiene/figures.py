"""Numbers, dates and times in a sentence as things that can be compared: 24 hours and 1 day are the same figure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.answering.amounts import number, unit_of
from app.answering.statements import carries_meaning
from app.language import stem

Bound = Literal["", "least", "most"]

_MONTH = 2_629_746.0
"""Seconds in a twelfth of a year; a month may be called four weeks or 30 days."""
_ROUGH = 1.2
_MEASURES = {
    "ms": ("time", 0.001), "s": ("time", 1.0), "min": ("time", 60.0), "h": ("time", 3600.0), "d": ("time", 86_400.0),
    "w": ("time", 604_800.0), "mo": ("time", _MONTH), "y": ("time", 12 * _MONTH), "b": ("size", 1.0),
    "kb": ("size", 1e3), "mb": ("size", 1e6), "gb": ("size", 1e9), "tb": ("size", 1e12), "mm": ("length", 0.001),
    "cm": ("length", 0.01), "m": ("length", 1.0), "km": ("length", 1000.0), "mile": ("length", 1609.344),
    "kg": ("mass", 1.0),
}  # fmt: skip
_MONTHS = {
    name: at % 12 + 1
    for at, name in enumerate(
        "january february march april may june july august september october november december "
        "jan feb mar apr may jun jul aug sep oct nov dec".split()
    )
}
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_LEAST = frozenset("least minimum min minimal from over above exceed exceeds exceeding longer older".split())
_MOST = frozenset("most maximum max maximal up within under below fewer less until by".split())
_NAMING = frozenset(
    "version v step section chapter page figure table error code http status release build phase option level".split()
)
"""Words before a number that is part of a name: another number is another thing, not another claim."""
CALENDAR = frozenset(_MONTHS) | _DAYS
"""Words that are written large and name no thing."""
_SIGNS = frozenset("$€£%")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_LOOK_BACK = 3
_YEARS = range(1900, 2200)
_LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of a dimension: seconds of `time`, bytes of `size`, `date`, `clock`, or how many of something."""

    dimension: str
    value: str
    bound: Bound = ""
    months: bool = False


def figures_in(sequence: Sequence[str]) -> tuple[frozenset[Figure], frozenset[int]]:
    """The figures of a sentence in lower case, and the positions of the words that they are made of."""
    words = list(sequence)
    found: set[Figure] = set()
    used: set[int] = set()
    for at, word in enumerate(words):
        if at in used:
            continue
        figure, places = _figure(words, at)
        if figure is not None and word:
            found.add(figure)
            used.update(places)
    return frozenset(found), frozenset(used)


def conflicts(one: frozenset[Figure], other: frozenset[Figure]) -> bool:
    """Whether both give another value for the same: where one only says more than the other, nothing conflicts."""
    dimensions = {figure.dimension for figure in one} & {figure.dimension for figure in other}
    return any(_conflict(_of(one, name), _of(other, name)) for name in dimensions)


def _of(figures: frozenset[Figure], dimension: str) -> list[Figure]:
    return [figure for figure in figures if figure.dimension == dimension]


def _conflict(one: list[Figure], other: list[Figure]) -> bool:
    bounds = {figure.bound for figure in (*one, *other)} - {""}
    if len(one) != len(other) or len(bounds) > 1:
        return False
    if {figure.value for figure in one} & {figure.value for figure in other}:
        return False
    return not any(_about_as_long(mine, yours) for mine in one for yours in other)


def _about_as_long(one: Figure, other: Figure) -> bool:
    """Whether one is given in months and the other is not, and they mean the same."""
    if one.dimension != "time" or one.months == other.months:
        return False
    shorter, longer = sorted((float(one.value), float(other.value)))
    return longer <= _ROUGH * shorter


def _figure(words: list[str], at: int) -> tuple[Figure | None, Iterator[int] | range]:
    word = words[at]
    if word in _DAYS or word.removesuffix("s") in _DAYS:
        return Figure("weekday", word.removesuffix("s")), range(at, at + 1)
    dated = _date(words, at)
    if dated:
        return dated
    value = number(word) if word[0].isdigit() else _spelled(words, at)
    if not value:
        return None, range(0)
    if _CLOCK.fullmatch(word) or words[at + 1 : at + 2] in (["am"], ["pm"]):
        half = words[at + 1] if words[at + 1 : at + 2] in (["am"], ["pm"]) else ""
        return Figure("clock", value + half), range(at, at + 1 + bool(half))
    return _amount(words, at, value)


def _spelled(words: list[str], at: int) -> str:
    """A number word counts when something is counted by it, and "one" only before a unit: it is mostly a pronoun."""
    if words[at] == "one":
        return "1" if unit_of("".join(words[at + 1 : at + 2])) else ""
    return number(words[at]) if words[at].isalpha() and at + 1 < len(words) else ""


def _date(words: list[str], at: int) -> tuple[Figure, range] | None:
    """The date that begins here, in any of the usual orders: of day, month and year what is given."""
    month = _MONTHS.get(words[at])
    if month is not None:
        parts, end = _numbers(words, at + 1, 2)
        return (_dated(month, parts), range(at, end)) if parts else None
    if _is_day(words[at]) and at + 1 < len(words) and words[at + 1] in _MONTHS:
        years, end = _numbers(words, at + 2, 1)
        return _dated(_MONTHS[words[at + 1]], [words[at], *years]), range(at, end)
    return None


def _numbers(words: list[str], start: int, most: int) -> tuple[list[str], int]:
    end = start
    while end < min(len(words), start + most) and (_is_day(words[end]) or _is_year(words[end])):
        end += 1
    return list(words[start:end]), end


def _dated(month: int, parts: list[str]) -> Figure:
    year = next((part for part in parts if _is_year(part)), "")
    day = next((part for part in parts if _is_day(part)), "")
    kind = "date" + (" with year" if year else "") + (" with day" if day else "")
    return Figure(kind, f"{year}-{month}-{day}")


def _is_day(word: str) -> bool:
    return word.isdigit() and 1 <= int(word) <= _LAST_DAY


def _is_year(word: str) -> bool:
    return word.isdigit() and int(word) in _YEARS


def _amount(words: list[str], at: int, value: str) -> tuple[Figure, Iterator[int] | range]:
    before = words[at - 1] if at else ""
    if (
        before not in _SIGNS
        and words[at + 1 : at + 2] in (["and"], ["to"], ["or"])
        and at + 2 < len(words)
        and number(words[at + 2])
    ):
        last, _ = _amount(words, at + 2, number(words[at + 2]))
        return Figure(f"range of {last.dimension}", f"{value}-{last.value}"), range(at, at + 3)
    if before in _NAMING:
        return Figure("name", f"{before} {value}"), range(at, at + 1)
    if before in _SIGNS:
        return _measured(value, unit_of(before), _bound(words, at - 1)), iter((at - 1, at))
    after = at + 1 + (words[at + 1 : at + 2] in (["business"], ["working"], ["calendar"]))
    unit = unit_of(words[after]) if after < len(words) else ""
    if unit:
        kind = words[at + 1] if after > at + 1 else ""
        return _measured(value, unit, _bound(words, at), kind), range(at, after + 1)
    counted = next((stem(word) for word in words[at + 1 : at + 3] if carries_meaning(word) and word.isalpha()), "")
    thing = counted or (stem(before) if before.isalpha() else "")
    return Figure(f"count of {thing}", value, _bound(words, at)), range(at, at + 1)


def _measured(value: str, unit: str, bound: Bound, kind: str = "") -> Figure:
    dimension, factor = _MEASURES.get(unit, (unit, 1.0))
    try:
        size = f"{float(value) * factor:.9g}"
    except ValueError:
        size = value
    return Figure(f"{kind} {dimension}".strip(), size, bound, unit in ("mo", "y"))


def _bound(words: list[str], at: int) -> Bound:
    """Whether the words before say that it may be more, or less; "no less than" turns them round."""
    near = words[max(0, at - _LOOK_BACK) : at]
    least = any(word in _LEAST for word in near) or near[-2:] == ["more", "than"]
    most = any(word in _MOST for word in near) or near[-3:] == ["no", "more", "than"]
    if least == most:
        return "most" if near[-3:] == ["no", "more", "than"] else ""
    return "least" if least else "most"
