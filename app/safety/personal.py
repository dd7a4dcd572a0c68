"""Finds personal data and secrets in text: patterns narrow the search, checksums and the words around decide."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.safety.checksums import card, codice_fiscale, cpf, digits_of, dni, iban_length, luhn, nir, pesel
from app.safety.credentials import PASSWORD, SECRETS, is_key, looks_random
from app.safety.labels import is_numbered
from app.safety.network import ip_addresses
from app.safety.phones import phone_numbers

Check = Callable[[str, "re.Match[str]"], tuple[int, int] | None]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Personal data at [start, end), in code points."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A pattern, and what must hold for a match to count; the check may narrow it."""

    type: str
    pattern: re.Pattern[str]
    check: Check


@lru_cache(32)  # a question is looked through for the model, for the record of its turn and for the log
def find(text: str) -> tuple[Span, ...]:
    """All spans in order. Where two overlap, the surer kind of recogniser wins."""
    return tuple(without_overlap(_candidates(text), len(text)))


def without_overlap(spans: Iterable[Span], length: int) -> list[Span]:
    """Those that touch none before them, in order of place."""
    taken, kept = bytearray(length), []
    for span in spans:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            kept.append(span)
    return sorted(kept)


def _candidates(text: str) -> Iterator[Span]:
    for recogniser in RECOGNISERS:
        for match in recogniser.pattern.finditer(text):
            found = recogniser.check(text, match)
            if found:
                yield Span(*found, recogniser.type)
    for start, end in ip_addresses(text):
        yield Span(start, end, "IP_ADDRESS")
    for start, end in phone_numbers(text):
        yield Span(start, end, "PHONE_NUMBER")


def _whole(_text: str, match: re.Match[str]) -> tuple[int, int]:
    return match.span()


def _group(_text: str, match: re.Match[str]) -> tuple[int, int]:
    return match.span(1)


def _key(_text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return match.span() if is_key(match.group()) else None


def _numeric_group(_text: str, match: re.Match[str]) -> tuple[int, int] | None:
    end = match.start(1) + len(match[1].rstrip())
    return (match.start(1), end) if len(digits_of(match[1])) >= _FEWEST_ID_DIGITS else None


def _card(_text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return match.span() if card(digits_of(match.group())) else None


def _iban(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Country, check digits, and as many characters as that country's numbers have."""
    start = match.start()
    length, end = iban_length(match.group()[:2].upper()), start
    kept = ""
    while end < len(text) and len(kept) < length:
        if text[end].isalnum():
            kept += text[end]
        elif text[end] not in " -\u00a0":
            break
        end += 1
    if length and len(kept) == length and _mod97(kept.upper()) and not text[end : end + 1].isalnum():
        return start, end
    return None


def _mod97(iban: str) -> bool:
    rearranged = iban[4:] + iban[:4]
    return (
        all(letter.isascii() for letter in iban)
        and int("".join(str(int(letter, 36)) for letter in rearranged)) % 97 == 1
    )


def _ssn(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """US social security numbers have no checksum; areas 000, 666 and 900 on, group 00 and serial 0000 do not exist."""
    digits = digits_of(match.group())
    possible = digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"
    named = bool(_SSN_WORDS.search(text[max(0, match.start() - 40) : match.start()]))
    shaped = "-" in match.group() and not is_numbered(text, match.start())
    return match.span() if possible and (named or shaped) else None


def _national(check: Callable[[str], bool]) -> Check:
    return lambda _text, match: match.span() if check(match.group()) else None


def _named(check: Callable[[str], bool], words: str) -> Check:
    """For numbers with a weak checksum: a word before must name them."""
    pattern = re.compile(words, re.IGNORECASE)

    def hold(text: str, match: re.Match[str]) -> tuple[int, int] | None:
        before = text[max(0, match.start() - 40) : match.start()]
        return match.span() if pattern.search(before) and check(digits_of(match.group())) else None

    return hold


def _random(_text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return match.span(1) if looks_random(match[1]) else None


_FEWEST_ID_DIGITS = 6
_SSN_WORDS = re.compile(r"\bssn\b|social\s+security|national\s+id|taxpayer", re.IGNORECASE)
_AT = r"(?:@|\s?[\[({<]\s?at\s?[\])}>]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?)"

RECOGNISERS: tuple[Recogniser, ...] = (
    *(Recogniser("SECRET", pattern, _key) for pattern in SECRETS),
    Recogniser(
        "SECRET",
        re.compile(
            r"(?i)\b[\w.-]{0,40}(?:api|access|auth|secret|private|client|bearer|token|"
            r"credential)[\w.-]{0,30}[\"'`]?\s{0,4}(?::=|=>|=|:|is|"
            r",)\s{0,4}(?:bearer\s)?[\"'`]?([\w.+/=~-]{16,200})"
        ),
        _random,
    ),
    Recogniser("PASSWORD", PASSWORD, _group),
    Recogniser(
        "EMAIL_ADDRESS",
        re.compile(
            rf"(?<![\w.+-])[\w.!#$%&'*+/=?^{{|}}~-]{{1,64}}{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,5}}[^\W\d_][\w-]{{1,62}}",
            re.IGNORECASE,
        ),
        _whole,
    ),
    Recogniser("IBAN_CODE", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[ \u00a0-]?[A-Za-z0-9]{2,4}"), _iban),
    Recogniser("CREDIT_CARD", re.compile(r"(?<![\d.,+-])\d(?:[ \u00a0.-]?\d){11,18}(?![\d]|[.,]\d)"), _card),
    Recogniser("US_SSN", re.compile(r"(?<![\w-])\d{3}(?P<gap>[- ]?)\d{2}(?P=gap)\d{4}(?![\w-])"), _ssn),
    Recogniser(
        "NATIONAL_ID",
        re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"),
        _national(lambda text: cpf(digits_of(text))),
    ),
    Recogniser(
        "NATIONAL_ID", re.compile(r"\b[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]\b"), _national(codice_fiscale)
    ),
    Recogniser("NATIONAL_ID", re.compile(r"\b(?:\d{8}-?|[XYZxyz]-?\d{7}-?)[A-Za-z]\b"), _national(dni)),
    Recogniser(
        "NATIONAL_ID",
        re.compile(r"(?<!\d)[12][ ]?\d{2}[ ]?(?:0[1-9]|1[0-2])[ ]?(?:\d{2}|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}(?!\d)"),
        _national(nir),
    ),
    Recogniser(
        "NATIONAL_ID",
        re.compile(r"(?<!\d)(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}(?!\d)"),
        _national(lambda text: luhn(digits_of(text)[-10:])),
    ),
    Recogniser("NATIONAL_ID", re.compile(r"(?<!\d)\d{11}(?!\d)"), _named(pesel, r"pesel")),
    Recogniser(
        "NATIONAL_ID",
        re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)"),
        _named(luhn, r"\bsin\b|national\s+id|social\s+insurance"),
    ),
    Recogniser("NATIONAL_ID", re.compile(r"\b[A-Z]{2} ?(?:\d{6}|\d{2} \d{2} \d{2}) ?[A-DT]\b"), _whole),
    Recogniser(
        "NATIONAL_ID",
        re.compile(
            r"(?i)\b(?:national\s+id(?:entity)?(?:\s+(?:number|card))?|nino|aadhaar|steuer-?id|"
            r"idnr\.?|rrn|tax\s+(?:file|id)\s+number|pan\s+card)\b[\s:#.]*(?:is\s+)?([A-Z\d](?:[ "
            r".-]?[A-Z\d]){4,16}(?<=[A-Z\d])(?![A-Z\d]))"
        ),
        _numeric_group,
    ),
    Recogniser(
        "MAC", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:])"), _whole
    ),
)
