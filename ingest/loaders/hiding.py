"""What a file holds and nobody sees: it is left out of the document, and told of with its place and its words."""

import re
from collections.abc import Iterator

LONGEST_QUOTE = 160
FEWEST_WORDS = 3
"""Shorter than that, hidden text is an icon's name or a mark beside a heading."""
LONGEST_HIDDEN = 20_000
MOST_FLAGS = 200
HIDDEN = "hidden text"
INVISIBLE = "invisible characters"
Flag = dict[str, str]
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
_OVERRIDES = re.compile("[\u202d\u202e]")
_SPLITTING = re.compile("(?<=[^\\W\\d_])[\u200b\u2060-\u2064\ufeff\u00ad]+(?=[^\\W\\d_])")
_UNSEEN = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff\u202a-\u202e]")
_SOFT = re.compile("\u00ad+")
_OPENING = re.compile(r"<(?P<tag>[a-zA-Z][\w-]{0,30})\b(?P<said>[^<>]{1,2000})>")
_ATTRIBUTE = re.compile(
    r"""(?P<name>[\w-]+)\s*(?:=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>]+)))?"""
)
_MARKUP = re.compile(r"<[^<>]*>")
_NOT_SHOWN = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0?\.?0*\s*(?:;|!|$)"
    r"|font-size\s*:\s*[01]?(?:\.\d+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|right|top)\s*:\s*-\d{4,}|clip(?:-path)?\s*:\s*(?:rect\(0|inset\((?:50|100)%))",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|[;{\s])color\s*:\s*([^;!}]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!}]+)", re.IGNORECASE)
_SHORT_HEX = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+))?\s*\)")
_WHITE = "#ffffff"
_MEDIA = re.compile(r"@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_ASIDE = re.compile(r"/\*.*?\*/|@[^{};]{0,1000};", re.DOTALL)
"""Comments, and what stands before the first rule, such as an import."""
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{1,2000})\}")
_CHOSEN = re.compile(r"^\s*[\w-]*[.#][\w-]+\s*$")


def flag(kind: str, place: str, text: str) -> Flag:
    """One finding, as it is kept and shown."""
    said = " ".join(text.split())
    return {"kind": kind, "place": place, "quote": said if len(said) <= LONGEST_QUOTE else f"{said[:LONGEST_QUOTE]}…"}


def worth_telling(text: str) -> bool:
    """Whether hidden text says something."""
    return len(text.split()) >= FEWEST_WORDS


def visible(text: str) -> tuple[str, list[Flag]]:
    """The text without characters that nobody sees, and a flag for those that carry or disguise a message."""
    if text.isascii():
        return text, []
    flags = [flag(INVISIBLE, line_of(text, one.start()), _spelled(one[0])) for one in _TAGS.finditer(text)]
    text = _TAGS.sub("", text)
    if _OVERRIDES.search(text):
        flags.append(flag(INVISIBLE, _first(text, _OVERRIDES), "Letters are written backwards by an override."))
    if _SPLITTING.search(_SOFT.sub("", text)):
        flags.append(flag(INVISIBLE, _first(text, _SPLITTING), "Words are split by characters without width."))
    return _UNSEEN.sub("", text), flags


def line_of(text: str, at: int) -> str:
    """Where this is, for somebody who looks for it."""
    return f"line {text.count(chr(10), 0, at) + 1}"


def shown(text: str) -> tuple[str, list[Flag]]:
    """Markdown without the HTML elements in it that a browser would not show."""
    kept, flags, at = list[str](), list[Flag](), 0
    for opening in _OPENING.finditer(text):
        if opening.start() < at or not _hides(opening["said"]):
            continue
        closing = re.compile(f"</{opening['tag']}\\s*>", re.IGNORECASE)
        end = closing.search(text, opening.end(), opening.end() + LONGEST_HIDDEN)
        if end is None or len(kept) >= MOST_FLAGS:
            continue
        flags += _told(opening["tag"], _MARKUP.sub(" ", text[opening.end() : end.start()]))
        kept.append(text[at : opening.start()])
        at = end.end()
    return " ".join([*kept, text[at:]]), flags


def _told(tag: str, text: str) -> Iterator[Flag]:
    if worth_telling(text):
        yield flag(HIDDEN, f"a <{tag.lower()}>", text)


def _hides(said: str) -> bool:
    known = {
        one["name"].lower(): one["double"] or one["single"] or one["bare"] or "" for one in _ATTRIBUTE.finditer(said)
    }
    return "hidden" in known or unseen(known.get("style", ""), bare="class" not in known)


def unseen(style: str, *, bare: bool) -> bool:
    """Whether text in this style cannot be read. `bare`: nothing else is known to colour what lies behind it."""
    if _NOT_SHOWN.search(style):
        return True
    colour, behind = _last(_COLOUR, style), _last(_BACKGROUND, style)
    if colour is None:
        return False
    return colour == "transparent" or (colour == behind if behind is not None else bare and colour == _WHITE)


def unseen_classes(sheet: str) -> list[str]:
    """The classes and ids that a style sheet hides always, whatever the screen."""
    rules = _RULE.finditer(_MEDIA.sub("", _ASIDE.sub(" ", sheet[:200_000])))
    return [
        name.strip()
        for rule in rules
        if unseen(rule[2], bare=False)
        for name in rule[1].split(",")
        if _CHOSEN.match(name)
    ]


def _last(pattern: re.Pattern[str], style: str) -> str | None:
    found = pattern.findall(style)
    return _plain_colour(found[-1].strip().lower()) if found else None


def _plain_colour(said: str) -> str:
    """One way to write a colour; what has no opacity is `transparent`."""
    if rgb := _RGB.match(said):
        red, green, blue = (min(255, int(one)) for one in rgb.groups()[:3])
        return "transparent" if rgb[4] and float(rgb[4].strip(".") or 0) == 0 else f"#{red:02x}{green:02x}{blue:02x}"
    if short := _SHORT_HEX.fullmatch(said):
        return "#" + "".join(one * 2 for one in short.groups())
    return {"white": _WHITE, "black": "#000000"}.get(said, said)


def _spelled(tags: str) -> str:
    """Tag characters stand for ASCII, 0xE0000 higher."""
    return "".join(chr(ord(one) - 0xE0000) for one in tags if 0xE0020 <= ord(one) <= 0xE007E)  # noqa: PLR2004  # Unicode


def _first(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text)
    return line_of(text, found.start() if found else 0)
