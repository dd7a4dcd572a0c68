"""The digits of card, bank and identity numbers, and the check digits among them."""

import re

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]|1800|2131"), (15,)),
    (re.compile(r"3[0689]"), (14, 16)),
    (re.compile(r"35"), (16, 19)),
    (re.compile(r"5[06-9]|6"), (12, 13, 14, 15, 16, 17, 18, 19)),
)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_ODD_VALUES = "1 0 5 7 9 13 15 17 19 21 1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23"
_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", map(int, _ODD_VALUES.split()), strict=True))
_EVEN = {letter: int(letter) if letter.isdigit() else ord(letter) - ord("A") for letter in _ODD}


def digits_of(text: str) -> str:
    """Those of a number, without what is written between them."""
    return "".join(letter for letter in text if letter.isdigit())


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return bool(digits) and sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def card(digits: str) -> bool:
    """A payment card: an issuer's first digits, a length that it uses, the check digit."""
    return len(set(digits)) > 1 and len(digits) in _card_lengths(digits) and luhn(digits)


def _card_lengths(digits: str) -> tuple[int, ...]:
    return next((lengths for first, lengths in _ISSUERS if first.match(digits)), ())


def iban_length(country: str) -> int:
    """How many characters the account numbers of a country have; 0 for those without."""
    return _IBAN_LENGTHS.get(country, 0)


def cpf(digits: str) -> bool:
    """Brazil."""
    return len(set(digits)) > 1 and all(
        (sum(int(digit) * (length + 1 - at) for at, digit in enumerate(digits[:length])) * 10 % 11 % 10)
        == int(digits[length])
        for length in (9, 10)
    )


def dni(text: str) -> bool:
    """Spain, for citizens and foreigners."""
    plain = text.upper().replace("-", "")
    number = plain[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and _DNI_LETTERS[int(number) % 23] == plain[-1]


def codice_fiscale(text: str) -> bool:
    """Italy."""
    code = text.upper()
    total = sum((_EVEN if at % 2 else _ODD)[letter] for at, letter in enumerate(code[:15]))
    return chr(ord("A") + total % 26) == code[15]


def nir(text: str) -> bool:
    """France."""
    plain = text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return plain.isdigit() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def pesel(digits: str) -> bool:
    """Poland."""
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
    return (10 - sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False)) % 10) % 10 == int(
        digits[10]
    )
