"""Bytes to text, whatever wrote them."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from ingest.loaders.refusal import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+(?=\n|$)")


def text_of(data: bytes) -> str:
    """The text: by its byte-order mark, as UTF-8, else by the most likely encoding."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _guessed(data)
    return _guessed(data) if "\0" in text else text


def normal(text: str) -> str:
    """One way to write the same: NFC, line feeds, no control characters, no trailing space, single blank lines."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub("", plain))
    return _MANY_BLANK_LINES.sub("\n\n", _TRAILING.sub("", plain)).strip()


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"This file says that it is {encoding.upper()}, but it is damaged at byte {error.start}."
        ) from error


def _guessed(data: bytes) -> str:
    best = from_bytes(data).best()
    if best is None:
        raise Unreadable("The encoding of this file is unknown. Save it as UTF-8.")
    return str(best)
