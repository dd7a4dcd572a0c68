"""What a page says to a robot: where it links to, what its proper address is, whether it wants to be shown."""

from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from app.safety.addresses import Unreachable
from ingest.sources.scope import one_form

MOST_LINKS = 2000


class Said(NamedTuple):
    """What a page says. Addresses are absolute and in one form; those that cannot be fetched are left out."""

    links: tuple[str, ...]
    canonical: str
    hidden: bool


def said_by(url: str, body: bytes) -> Said:
    """Read a page."""
    tree = LexborHTMLParser(body)
    base = _valid(_first(tree, "base[href]", "href"), url) or url
    said = " ".join(_meta(tree, name).lower() for name in ("robots", "answerdesk"))
    links = () if "nofollow" in said else tuple(dict.fromkeys(_links(tree, base)))
    canonical = _valid(_first(tree, "link[rel=canonical]", "href"), base)
    return Said(links[:MOST_LINKS], canonical, "noindex" in said or "none" in said.split())


def _links(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css("a[href]"):
        if "nofollow" not in (node.attributes.get("rel") or ""):
            yield from _found(node.attributes.get("href") or "", base)
    for node in tree.css("meta[http-equiv=refresh], meta[http-equiv=Refresh]"):
        yield from _found((node.attributes.get("content") or "").partition("url=")[2], base)


def _found(href: str, base: str) -> Iterator[str]:
    valid = _valid(href, base)
    if valid:
        yield valid


def _valid(href: str, base: str) -> str:
    if not href.strip() or href.strip().startswith("#"):
        return ""
    try:
        return one_form(href, base)
    except Unreachable:
        return ""


def _first(tree: LexborHTMLParser, choice: str, name: str) -> str:
    node = tree.css_first(choice)
    return (node.attributes.get(name) or "") if node else ""


def _meta(tree: LexborHTMLParser, name: str) -> str:
    return _first(tree, f"meta[name={name}]", "content")
