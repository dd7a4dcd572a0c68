"""Blocks, sentences, words and numbers of a text: pure functions, with offsets in code points."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

STOPWORDS = frozenset(
    (
        "a about above after again all also am an and any are as at be because been before being "
        "below between both but by"
        " can could did do does doing down during each few for from further get had has have having "
        "he her here hers him his"
        " how i if in into is it its itself just let me more most my myself no nor not now of off on "
        "once only or other our"
        " ours out over own please same shall she should so some such than that the their theirs "
        "them then there these they"
        " this those through to too under until up upon us very was we were what when where which "
        "while who whom why will"
        " with would you your yours"
    ).split()
)
ABBREVIATIONS = frozenset("e.g i.e etc vs mr mrs ms dr no nr st inc ltd co approx fig cf al dept est vol p pp".split())
_WORD = re.compile(r"\w+(?:['’.@:/_-]\w+)*")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_END = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?:[ \t]*\[\d+(?:,\s?\d+)*\])*(?=\s|$)|[。！？]+(?:\[\d+\])*|\n")
_LINE = re.compile(r"[^\n]*\n?")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_STARTS: tuple[tuple["Kind", re.Pattern[str]], ...] = (
    ("heading", re.compile(r"\s{0,3}#{1,6}\s")),
    ("item", re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")),
    ("table", re.compile(r"\s*\|")),
    ("quote", re.compile(r"\s{0,3}>")),
)
_INITIALS = re.compile(r"(?:\w\.)*\w")
LONGEST_BEGINNING = 80
WRAPPED = 50  # characters; a shorter line that stops without punctuation is a line of its own (an address, a label)

Kind = Literal["paragraph", "item", "heading", "table", "quote", "code"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; `text` equals the whole's text at [start, end)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A Markdown block: the text's stretch [start, end), its line break included."""

    start: int
    end: int
    kind: Kind


def blocks(text: str, *, midline: bool = False) -> list[Block]:
    """The Markdown blocks in order; blank lines belong to none. `midline`: the first line goes on a paragraph."""
    found: list[Block] = []
    fence, after_blank = "", True
    for start, end, line in _lines(text):
        closes = bool(fence) and line.strip().startswith(fence)
        kind: Kind = "code" if fence else ("paragraph" if midline and not start else _kind(line))
        if not fence and not line.strip():
            after_blank = True
            continue
        if not fence and kind == "code":
            fence = line.strip()[:3]
            found.append(Block(start, end, "code"))
        elif fence or (found and not after_blank and _continues(found[-1].kind, kind)):
            found[-1] = Block(found[-1].start, end, found[-1].kind)
            fence = "" if closes else fence
        else:
            found.append(Block(start, end, kind))
        after_blank = False
    return found


def sentences(text: str, *, midline: bool = False) -> list[Span]:
    """The sentences in order, trimmed: of prose, list items and headings; a table's rows; code whole.

    A line break ends a sentence where a reader would see it end, not where an editor wrapped the line.
    """
    return [span for block in blocks(text, midline=midline) for span in sentences_of(text, block) if span.text]


def sentences_of(text: str, block: Block) -> Iterator[Span]:
    """The sentences of one block."""
    if block.kind == "code":
        yield _trimmed(text, block.start, block.end)
        return
    start = block.start
    for match in _END.finditer(text, block.start, block.end):
        row = block.kind == "table"
        if match.group() == "\n" if row else _ends_sentence(text, start, match, block.end):
            yield _trimmed(text, start, match.end())
            start = match.end()
    yield _trimmed(text, start, block.end)


def beginning(text: str) -> str:
    """The first line, or as much of it as a title may be long: how a text without a title is called."""
    first = text.strip().partition("\n")[0].lstrip("#*>- ").rstrip()
    if len(first) <= LONGEST_BEGINNING:
        return first
    cut = first[:LONGEST_BEGINNING]
    return f"{cut.rpartition(' ')[0] or cut}…"


def words(text: str) -> list[str]:
    """The words in lower case; addresses, versions and hyphenated words stay whole."""
    return [word.lower() for word in _WORD.findall(text)]


def content_words(text: str) -> list[str]:
    """The words that carry meaning, cut to their stems."""
    return [stem(word) for word in words(text) if word not in STOPWORDS]


def numbers(text: str) -> set[str]:
    """The numbers as written, dates and times included, without thousands separators."""
    return {re.sub(r"(?<=\d),(?=\d{3}\b)", "", number) for number in _NUMBER.findall(text)}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light English stem (plural, then -ing, -ed, -ly, -ion), after Harman's S-stemmer; enough to compare texts."""
    if not word.isascii() or not word.isalpha():
        return word
    singular = _cut(word, _PLURALS)
    root = _cut(singular, _ENDINGS)
    if root != singular and root[-1] == root[-2] and root[-1] in "bdgmnprt":
        root = root[:-1]
    return root.removesuffix("e") if len(root) > 2 else root  # noqa: PLR2004  # "be", "me" keep theirs


_PLURALS = (
    ("sses", "ss", 4), ("ies", "y", 3), ("xes", "x", 3), ("ches", "ch", 4), ("shes", "sh", 4), ("ss", "ss", 2),
    ("us", "us", 2), ("is", "is", 2), ("s", "", 3),
)  # fmt: skip
_ENDINGS = (
    ("ically", "ic", 4), ("ied", "y", 3), ("eed", "eed", 3), ("ing", "", 2), ("ed", "", 2), ("ly", "", 4),
    ("tion", "t", 4), ("sion", "s", 4),
)  # fmt: skip


def _cut(word: str, endings: tuple[tuple[str, str, int], ...]) -> str:
    """The word with the first of these endings replaced, unless too little or no vowel would be left."""
    for ending, kept, least in endings:
        if word.endswith(ending):
            root = word[: len(word) - len(ending)] + kept
            return root if len(root) >= least and any(letter in "aeiouy" for letter in root) else word
    return word


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _LINE.finditer(text):
        if match.group():
            yield match.start(), match.end(), match.group()


def _kind(line: str) -> Kind:
    if _FENCE.match(line):
        return "code"
    return next((kind for kind, start in _STARTS if start.match(line)), "paragraph")


def _continues(before: Kind, kind: Kind) -> bool:
    """A plain line goes on the paragraph, item or quotation above; a table's or a quotation's rows belong together."""
    if kind == "paragraph":
        return before in ("paragraph", "item", "quote")
    return before == kind and kind in ("table", "quote")


def _ends_sentence(text: str, start: int, match: re.Match[str], end: int) -> bool:
    if match.group() == "\n":
        return not _wrapped(text, start, match.start(), end)
    if match.group()[0] != ".":
        return True
    before = text[start : match.start()].rsplit(None, 1)
    last = before[-1].lower().lstrip("(\"'“*_") if before else ""
    if last in ABBREVIATIONS or (len(before) < 2 and last.isdigit()):  # noqa: PLR2004  # "1." opens a list item
        return False
    following = text[match.end() : end].lstrip()[:1]
    return not (following.islower() or (_INITIALS.fullmatch(last) and not last.isdigit()))


def _wrapped(text: str, start: int, newline: int, end: int) -> bool:
    """Whether this line break is only where the line was full."""
    line = text[max(start, text.rfind("\n", start, newline) + 1) : newline].rstrip()
    following = text[newline + 1 : end].lstrip()[:1]
    if not line or not following or line[-1] in ".!?:;…。！？":
        return False
    return following.islower() or len(line) >= WRAPPED


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()), piece.strip())
