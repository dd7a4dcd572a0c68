"""EPUB: the chapters of a book in the order of its spine, each a page of HTML."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from ingest.opening.container import container, unpacked
from ingest.opening.limits import MEGABYTE
from ingest.opening.parts import Closed, Part, part

LARGEST_WRITTEN = 0
LARGEST_CHAPTER = 10 * MEGABYTE
NO_BOOK = "The name of this file says an EPUB book, but no table of contents is in it."
PROTECTED = "This book is protected against copying, so its text cannot be read. Use a copy without protection."
TEXT = ("application/xhtml+xml", "text/html")
MOST_SHEETS = 20
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_SHEET = re.compile(r"\brel\s*=\s*[\"']?[^\"'>]*\bstylesheet\b", re.IGNORECASE)
_PLACE = re.compile(r"\bhref\s*=\s*[\"']([^\"'<>]+)[\"']", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"')\s;]+)", re.IGNORECASE)
_HEAD_ENDS = re.compile(r"</head\s*>|<body\b", re.IGNORECASE)


def opened(data: bytes, folder: Path) -> list[Part]:
    """One part for each chapter, named by its place in the book."""
    del folder
    archive = container(data, "META-INF/", "an EPUB book")
    place = _package_place(archive)
    package = _tree(archive, place)
    title = " ".join((package.findtext(".//{*}title") or "").split())
    locked = _locked(archive)
    chapters = list(dict.fromkeys(_chapters(package, posixpath.dirname(place))))
    if locked.intersection(chapters):
        raise Closed(PROTECTED)
    return [part("html", _page(archive, chapter), title, chapter) for chapter in chapters]


def _package_place(archive: zipfile.ZipFile) -> str:
    root = _tree(archive, "META-INF/container.xml").find(".//{*}rootfile")
    if root is None:
        raise Closed(NO_BOOK)
    return str(root.get("full-path", ""))


def _tree(archive: zipfile.ZipFile, place: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(_data(archive, place), parser)
    except etree.XMLSyntaxError as error:
        raise Closed(NO_BOOK) from error


def _data(archive: zipfile.ZipFile, place: str) -> bytes:
    try:
        entry = archive.getinfo(place)
    except KeyError as error:
        raise Closed(NO_BOOK) from error
    return unpacked(archive, entry, LARGEST_CHAPTER)


def _locked(archive: zipfile.ZipFile) -> set[str]:
    """Fonts are often scrambled, which hurts nobody; what counts is whether chapters are."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    tree = _tree(archive, "META-INF/encryption.xml")
    return {unquote(one.get("URI", "")) for one in tree.iterfind(".//{*}CipherReference")}


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and item.get("media-type") in TEXT and item.get("properties") != "nav":
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _page(archive: zipfile.ZipFile, chapter: str) -> str:
    """A chapter with its style sheets in it, because they say what of it is seen."""
    page = _data(archive, chapter).decode("utf-8-sig", "replace")
    linked = [found[1] for tag in _LINK.findall(page) if _SHEET.search(tag) and (found := _PLACE.search(tag))]
    sheets = "\n".join(_sheets(archive, [_beside(chapter, one) for one in linked]))
    return _HEAD_ENDS.sub(lambda end: f"<style>{sheets}</style>{end[0]}", page, count=1) if sheets else page


def _sheets(archive: zipfile.ZipFile, places: list[str]) -> Iterator[str]:
    """These style sheets and those that they import, each once; one that is not in the book says nothing."""
    known = set(archive.namelist())
    waiting, met = list(places), set[str]()
    while waiting and len(met) < MOST_SHEETS:
        place = waiting.pop()
        if place in known - met:
            met.add(place)
            sheet = _data(archive, place).decode("utf-8-sig", "replace").replace("<", " ")
            waiting += [_beside(place, one) for one in _IMPORT.findall(sheet)]
            yield sheet


def _beside(place: str, named: str) -> str:
    """Where something lies that is named from this place of the book."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(named.partition("#")[0])))
