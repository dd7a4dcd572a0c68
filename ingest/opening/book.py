"""EPUB: the chapters of a book in the order of its spine, each a page of HTML."""

import posixpath
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


def opened(data: bytes, folder: Path) -> list[Part]:
    """One part for each chapter, named by its place in the book."""
    del folder
    archive = container(data, "META-INF/", "an EPUB book")
    place = _package_place(archive)
    package = _tree(archive, place)
    title = " ".join((package.findtext(".//{*}title") or "").split())
    locked = _locked(archive)
    chapters = list(_chapters(package, posixpath.dirname(place)))
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
    return _data(archive, chapter).decode("utf-8-sig", "replace")
