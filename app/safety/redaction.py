"""Takes personal data out of a text before it reaches a provider or a log, and puts it back for the customer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.safety.personal import Span, find, without_overlap

PLACEHOLDER = re.compile(r"⟦\s*([A-Z_]+_\d+)\s*⟧")
_SHORT = {
    "EMAIL_ADDRESS": "EMAIL", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "US_SSN": "SSN", "PHONE_NUMBER": "PHONE",
    "NATIONAL_ID": "ID", "IP_ADDRESS": "IP",
}  # fmt: skip
SHORTEST_OWN = 3  # characters; a shorter own value would be found everywhere


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text with placeholders, and what each stands for. Kept in memory for the turn, never stored."""

    text: str
    hidden: tuple[tuple[str, str], ...] = ()

    def restore(self, text: str) -> str:
        """Put the originals back; a placeholder that we did not make stays as it is."""
        originals = dict(self.hidden)
        return PLACEHOLDER.sub(lambda match: originals.get(match[1], match[0]), text) if originals else text

    def also(self, text: str) -> "Redaction":
        """Redact a further text of the same turn: one value has one placeholder throughout."""
        return redact(text, before=self)


def redact(text: str, own: Iterable[str] = (), before: Redaction | None = None) -> Redaction:
    """Replace each piece of personal data by its kind and a number. `own` are values known to be this customer's."""
    hidden = list(before.hidden) if before else []
    names = {original: name for name, original in hidden}
    pieces, at = [], 0
    for span in _with_own(text, own):
        original = text[span.start : span.end]
        if original not in names:
            names[original] = _new_name(span.type, hidden, text)
            hidden.append((names[original], original))
        pieces += [text[at : span.start], f"⟦{names[original]}⟧"]
        at = span.end
    return Redaction("".join([*pieces, text[at:]]), tuple(hidden))


def scrubbed(text: str) -> str:
    """For logs: the kinds alone, with nothing to put back."""
    pieces, at = [], 0
    for span in find(text):
        pieces += [text[at : span.start], f"⟦{_SHORT.get(span.type, span.type)}⟧"]
        at = span.end
    return "".join([*pieces, text[at:]])


def _with_own(text: str, own: Iterable[str]) -> list[Span]:
    known = [
        Span(*match.span(), "CUSTOMER")
        for value in sorted({one.strip() for one in own}, key=len, reverse=True)
        if len(value) >= SHORTEST_OWN
        for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)
    ]
    return without_overlap([*known, *find(text)], len(text))


def _new_name(kind: str, hidden: list[tuple[str, str]], text: str) -> str:
    """The next number that neither we nor the text itself has used."""
    used = {name for name, _ in hidden} | set(PLACEHOLDER.findall(text))
    short, number = _SHORT.get(kind, kind), 1
    while f"{short}_{number}" in used:
        number += 1
    return f"{short}_{number}"
