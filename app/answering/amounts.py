"""Numbers and their units, read to one spelling, so that "two hours" and "2 hrs" are the same amount."""

import re
from dataclasses import dataclass

UNITS = {
    "%": "%", "percent": "%", "$": "$", "usd": "$", "dollar": "$", "€": "€", "eur": "€", "euro": "€", "£": "£", "gbp":
    "£", "second": "s", "sec": "s", "minute": "min", "min": "min", "hour": "h", "hr": "h", "day": "d", "week": "w",
    "month": "mo", "year": "y", "millisecond": "ms", "ms": "ms", "byte": "b", "kb": "kb", "mb": "mb", "megabyte":
    "mb", "gb": "gb", "gigabyte": "gb", "tb": "tb", "daily": "d", "weekly": "w", "monthly": "mo", "yearly": "y",
    "annual": "y", "annually": "y", "hourly": "h", "mile": "mile", "km": "km", "kg": "kg", "cm": "cm", "mm": "mm",
    "metre": "m", "meter": "m",
}  # fmt: skip
NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen"
        " eighteen nineteen twenty".split()
    )
    if word != "one"  # far more often a pronoun than a number
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100", "thousand": "1000"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, if it has one that we know."""

    value: str
    unit: str = ""


def number(text: str) -> str:
    """One spelling of a number: no thousands separators, no leading zeros, digits for words; empty when it is none."""
    if not text[0].isdigit():
        return NUMBER_WORDS.get(text, "")
    whole = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))|\.0+$", "", text)
    return whole.lstrip("0") or "0"


def amounts_in(words: list[str]) -> frozenset[Amount]:
    """Every number among the words, each with its unit."""
    found = set()
    for at, word in enumerate(words):
        value = (
            number(word)
            if word[0].isdigit() and not any(letter.isalpha() for letter in word)
            else NUMBER_WORDS.get(word, "")
        )
        if value:
            found.add(Amount(value, _unit(words, at)))
    return frozenset(found)


def _unit(words: list[str], at: int) -> str:
    """The unit before the number (a currency sign) or after it, "14 business days" included."""
    before = words[at - 1] if at else ""
    if before in {"$", "€", "£"}:
        return UNITS[before]
    following = words[at + 1 : at + 3]
    if following and following[0] in {"business", "working", "calendar"}:
        following = following[1:]
    return unit_of(following[0]) if following else ""


def unit_of(word: str) -> str:
    """One spelling of a unit; empty when the word is none that we know."""
    return UNITS.get(word) or UNITS.get(word.removesuffix("s"), "")
