"""Phone numbers in text: by how they are written, or by the words that announce them."""

import re
from collections.abc import Iterator

from app.safety.checksums import digits_of
from app.safety.labels import is_numbered

_FEWEST_DIGITS, _MOST_DIGITS = 7, 15
_PHONE = re.compile(
    r"(?<![\w.@/#%-])(?:\+|00)?\(?\d(?:[\s()./\u2010-\u2015\u00a0-]{0,3}\d){5,16}(?:\s?(?:x|ext\.?|"
    r"extension)\s?\d{1,6})?(?![\w%@]|[.:]\d)",
    re.IGNORECASE,
)
_SHAPED = re.compile(
    r"\+[\d\s()./-]+(?:\s?(?:x|ext\.?)\s?\d+)?|00[1-9]\d[\d\s()./-]{6,}|\+?1?[-. "
    r"]?\(?[2-9]\d{2}\)?[-. ]{0,2}[2-9]\d{2}[-. ]\d{4}(?:\s?(?:x|ext\.?)\s?\d+)?"
    r"|\(0\d{1,5}\)[\d\s/.-]{4,}|0\d{1,4}[\s/-]\d[\d\s/.-]{4,}|0\d(?:[. ]\d{2}){4}|\(\d{2,4}\)[\s-]?\d[\d\s-]{4,}",
    re.IGNORECASE,
)
_NOT_A_PHONE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\D.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:\D.*)?|\d{1,3}(?:[ "
    r"]\d{3})+|\d{1,3}(?:\.\d{3})+|\d+\.\d+|(?:19|20)\d\d\s?[-/]\s?(?:19|20)\d\d|\d{13}"
)
_PHONE_WORDS = re.compile(
    r"(?:\b(?:phone|tel(?:e(?:phone|fon|fone|foon|fonnummer|fono))?|t[ée]l(?:[ée]phone|[ée]fono)?|"
    r"mobile?|cell(?:phone)?|handy|fax|call(?:\s+(?:me|us|him|her))?|ring|dial|text|sms|whatsapp"
    r"|reach(?:\s+(?:me|us))?|contact|numbers?|numéro|nummer|hotline|line|"
    r"answering)\b[\s:#.=\"'&]*(?:is|on|at|to|via|est le|es|é|is:|number|no\.?|nr\.?)?[\s:.=\"']*"
    r"|\b(?:reach|call|contact|text|ring)\s+(?:me|us)\b[^\n!?]{0,60}\bor\s+)$",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|extension)\s?\d+$", re.IGNORECASE)
_PHONE_WORDS_AFTER = re.compile(r"[\s-]*(?:office|mobile|fax|cell|phone|home|work)\b", re.IGNORECASE)


def phone_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand, with their extension."""
    for match in _PHONE.finditer(text):
        if _is_phone(text, match):
            yield match.span()


def _is_phone(text: str, match: re.Match[str]) -> bool:
    """A number that is written or announced like a phone number, and not like an order, a date or a price."""
    number, digits = match.group(), digits_of(_EXTENSION.sub("", match.group()))
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS or is_numbered(text, match.start()):
        return False
    announced = bool(_PHONE_WORDS.search(text[max(0, match.start() - 90) : match.start()])) or bool(
        _PHONE_WORDS_AFTER.match(text, match.end())
    )
    shaped = bool(_SHAPED.fullmatch(number)) and not _NOT_A_PHONE.fullmatch(number)
    return announced or shaped
