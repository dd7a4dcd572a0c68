"""Sitemaps (sitemaps.org): lists of a site's pages, and lists of such lists; as XML or one address a line."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from ingest.loaders.refusal import Unreadable

LARGEST = 50_000_000
MOST_ENTRIES = 50_000
"""Both as the protocol has it."""


class Sitemap(NamedTuple):
    """What one lists, as it is written there."""

    pages: list[str]
    sitemaps: list[str]


def sitemap_of(data: bytes) -> Sitemap:
    """Read one. Raises `Unreadable`."""
    if not data.strip():
        raise Unreadable("This sitemap is empty.")
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _of_lines(data)
    if b"<!DOCTYPE" in data[:4096].upper() or b"<!ENTITY" in data[:4096].upper():
        raise Unreadable("This sitemap declares a document type, which none needs, so it is not read.")
    found = Sitemap([], [])
    for count, (kind, address) in enumerate(_entries(data)):
        if count >= MOST_ENTRIES:
            raise Unreadable(f"This sitemap lists more than {MOST_ENTRIES:,} addresses, the most that one may have.")
        (found.sitemaps if kind == "sitemap" else found.pages).append(address)
    if not found.pages and not found.sitemaps:
        raise Unreadable("This is not a sitemap: it lists no addresses.")
    return found


def _entries(data: bytes) -> Iterator[tuple[str, str]]:
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        for _, node in etree.iterparse(io.BytesIO(data), events=("end",), tag="{*}loc", **options):
            parent = node.getparent()
            yield (etree.QName(parent).localname if parent is not None else "", (node.text or "").strip())
            if parent is not None:
                parent.clear()
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"This sitemap is not valid XML (line {error.lineno}).") from error


def _of_lines(data: bytes) -> Sitemap:
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not all(line.startswith(("http://", "https://")) for line in lines):
        raise Unreadable("This is not a sitemap: it is neither XML nor a list of addresses.")
    if len(lines) > MOST_ENTRIES:
        raise Unreadable(f"This sitemap lists more than {MOST_ENTRIES:,} addresses, the most that one may have.")
    return Sitemap(lines, [])
