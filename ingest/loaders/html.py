"""Web pages: their main content as Markdown, without what surrounds it or what nobody sees."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.knowledge.readings import Reading
from ingest.loaders import hiding
from ingest.loaders.addresses import web_address
from ingest.loaders.encoding import normal
from ingest.loaders.plain import title_from
from ingest.loaders.refusal import Refused, Unreadable

AROUND = (
    "script style noscript template svg math iframe object canvas form button select input textarea nav header footer"
    " aside dialog [role=navigation] [role=banner] [role=contentinfo] [role=search]"
    " [role=dialog]"
).split()
MAIN = ("main", "[role=main]", "article", "#content", "#main-content")
LEAST_MAIN = 80
BLOCKS = frozenset(
    (
        "address article blockquote body center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr"
        " html li main ol p pre section summary table tbody td tfoot th thead tr ul"
    ).split()
)
MOST_ATTRIBUTES = 2000
MOST_CLASSES = 100
DEEPEST = 512
_SPACE = re.compile(r"\s+")
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{10000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def load(name: str, text: str) -> Iterator[Reading | Refused]:
    """One document."""
    _refuse_flood(text)
    page = LexborHTMLParser(text)
    _refuse_depth(page)
    title = _title(page)
    url = _attribute(page, "link[rel=canonical]", "href")
    locale = _attribute(page, "html", "lang")[:2].lower()
    flags = tuple(_without_hidden(page))
    body = normal("\n\n".join(_blocks(_main(page))))
    if body:
        yield Reading(name, title or title_from(name), body, web_address(url), locale, flags=flags)


def _refuse_flood(text: str) -> None:
    """The parser compares each attribute of a tag with all others: a hundred thousand take a quarter of a minute."""
    if any(len(_QUOTED.sub("", tag[0]).split()) > MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise Unreadable(f"A tag of this page has more than {MOST_ATTRIBUTES:,} attributes, so it is not read.")


def _refuse_depth(page: LexborHTMLParser) -> None:
    """Browsers stop at this depth too; the text of tables in tables would be looked at once for each of them."""
    waiting = [(page.root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise Unreadable("This page is nested too deeply to be read.")
        waiting += [(child, depth + 1) for child in node.iter()] if node is not None else []


def _title(page: LexborHTMLParser) -> str:
    """The page's own name; the text of <title> usually carries the site's name as well."""
    for choice in ("main h1", "article h1", "h1", "title"):
        node = page.css_first(choice)
        if node and _words(node.text()):
            return normal(_words(node.text()))
    return ""


def _attribute(page: LexborHTMLParser, choice: str, name: str) -> str:
    node = page.css_first(choice)
    return (node.attributes.get(name) or "") if node else ""


def _main(page: LexborHTMLParser) -> LexborNode:
    root = page.body or page.root
    if root is None:
        return page.css_first("*") or LexborHTMLParser("<p></p>").css("p")[0]
    for node in page.css(", ".join(AROUND)):
        if node.tag not in ("body", "html"):
            node.decompose()
    chosen = [node for choice in MAIN for node in page.css(choice)]
    longest = max(chosen, key=lambda node: len(node.text()), default=root)
    return longest if len(_words(longest.text())) >= LEAST_MAIN else root


def _without_hidden(page: LexborHTMLParser) -> Iterator[hiding.Flag]:
    """Takes out what no reader sees, and tells what it said."""
    sheet = "\n".join(node.text() for node in page.css("style"))
    for surrounding in page.css("script, style, noscript, template"):
        surrounding.decompose()
    hidden = [*page.css(", ".join(("[hidden]", "[aria-hidden=true]", *hiding.unseen_classes(sheet)[:MOST_CLASSES])))]
    hidden += [node for node in page.css("[style], font[color]") if _unseen(node)]
    told = 0
    for node in hidden:
        if node.tag in ("body", "html") or node.parent is None:
            continue
        if hiding.worth_telling(text := node.text(separator=" ")) and told < hiding.MOST_FLAGS:
            told += 1
            yield hiding.flag(hiding.HIDDEN, f"a <{node.tag}>", text)
        node.decompose()


def _unseen(node: LexborNode) -> bool:
    style = node.attributes.get("style") or f"color:{node.attributes.get('color')}"
    return hiding.unseen(style, bare=not _coloured(node))


def _coloured(node: LexborNode | None) -> bool:
    """Whether something on or around this element may colour what lies behind it."""
    while node is not None and node.tag not in ("html", "-undef"):
        known = node.attributes
        if "class" in known or "bgcolor" in known or "background" in (known.get("style") or ""):
            return True
        node = node.parent
    return False


def _blocks(node: LexborNode) -> Iterator[str]:
    """The Markdown blocks in a node. Text that stands loose between blocks is a paragraph."""
    loose: list[str] = []
    for child in node.iter(include_text=True):
        if child.tag in BLOCKS or (child.tag != "-text" and _holds_blocks(child)):
            yield from _paragraph(loose)
            loose = []
            yield from _block(child)
        else:
            loose.append("\n" if child.tag == "br" else child.text())
    yield from _paragraph(loose)


def _holds_blocks(node: LexborNode) -> bool:
    return any(child.tag in BLOCKS for child in node.iter())


def _block(node: LexborNode) -> Iterator[str]:
    match node.tag:
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            yield from _paragraph([f"{'#' * int(node.tag[1])} ", node.text()])
        case "ul" | "ol":
            yield "\n".join(_items(node, ""))
        case "table":
            yield "\n".join(_rows(node))
        case "pre":
            yield f"```\n{node.text().strip(chr(10))}\n```"
        case "dt" | "summary":
            yield from _paragraph(["**", _words(node.text()), "**"])
        case _:
            yield from _blocks(node)


def _items(node: LexborNode, indent: str) -> Iterator[str]:
    number = 0
    for child in node.iter():
        if child.tag == "li":
            number += 1
            mark = f"{number}. " if node.tag == "ol" else "- "
            yield from _item(child, indent, mark)


def _item(node: LexborNode, indent: str, mark: str) -> Iterator[str]:
    inside = indent + " " * len(mark)
    text: list[str] = []
    below: list[str] = []
    for child in node.iter(include_text=True):
        if child.tag in ("ul", "ol"):
            below += _items(child, inside)
        elif child.tag in BLOCKS or (child.tag != "-text" and _holds_blocks(child)):
            text += [" ", *(_words(block) if child.tag != "pre" else block for block in _block(child)), " "]
        else:
            text.append(child.text())
    yield f"{indent}{mark}{_words(''.join(text))}"
    yield from below


def _rows(node: LexborNode) -> Iterator[str]:
    rows = [[_words(cell.text()).replace("|", "\\|") for cell in row.css("th, td")] for row in node.css("tr")]
    rows = [row for row in rows if any(row)]
    for place, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if place == 0 and len(rows) > 1:
            yield f"|{' --- |' * len(row)}"


def _paragraph(pieces: list[str]) -> Iterator[str]:
    lines = [_words(line) for line in "".join(_flat(piece) for piece in pieces).split("\0")]
    text = "\n".join(line for line in lines if line)
    if text.strip("# *"):
        yield text


def _flat(piece: str) -> str:
    """A line break that was asked for, told apart from those in the source."""
    return "\0" if piece == "\n" else piece


def _words(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
