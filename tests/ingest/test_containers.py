"""Mails, books and archives: what is in them, and how little a hostile one can do."""

import io
import stat
import warnings
import zipfile
from collections.abc import Mapping

import pytest

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable, archive, load
from tests.ingest.packing import packed

HEAD = "From: a@acme.example\nTo: b@acme.example\nSubject: =?utf-8?q?R=C3=BCckgabe?=\nMIME-Version: 1.0\n"
BOTH = (
    'Content-Type: multipart/alternative; boundary="x"\n\n--x\nContent-Type: text/plain\n\nIn 30 days.\n'
    "--x\nContent-Type: text/html\n\n<p>In <b>30</b> days.</p>\n--x--\n"
)
ROOT = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Handbook</dc:title></metadata><manifest>
<item id="b" href="second%20one.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="first.xhtml" media-type="application/xhtml+xml"/><item id="c" href="c.css" media-type="text/css"/>
</manifest><spine><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>"""
BOOK = {
    "META-INF/container.xml": ROOT,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/first.xhtml": "<html><body><h1>Start</h1><p>Plug it in.</p></body></html>",
    "OEBPS/second one.xhtml": "<html><body><p>Switch it on.</p></body></html>",
}
LOCK = '<encryption><CipherReference URI="OEBPS/first.xhtml"/></encryption>'


def linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as one:
        entry = zipfile.ZipInfo("passwords.md")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        one.writestr(entry, "/etc/passwd")
    return made.getvalue()


def twice() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as one, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one.writestr("a.md", "One.")
        one.writestr("a.md", "Two.")
    return made.getvalue()


def encrypted() -> bytes:
    data = bytearray(packed({"a.md": "Secret."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    """Says that it holds ten bytes, and holds thirty million."""
    data = bytearray(packed({"a.txt": b"x" * 30_000_000}))
    for start, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(start) + place
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (BOTH, "In 30 days."),
        ("Content-Type: text/html\n\n<h2>How</h2><p>So.</p>", "## How\n\nSo."),
        ("Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: base64\n\nR3L832U=", "Grüße"),
        ("Content-Type: text/plain; charset=no-such\n\nHello.", "Hello."),
    ],
)
def test_a_mail_is_its_text_under_its_subject(body: str, text: str) -> None:
    assert load("x.eml", (HEAD + body).encode()) == [Reading("x.eml", "Rückgabe", text)]


def test_a_book_is_its_chapters_in_their_order() -> None:
    assert load("book.epub", packed(BOOK)) == [
        Reading("book.epub#OEBPS/first.xhtml", "Handbook: Start", "# Start\n\nPlug it in."),
        Reading("book.epub#OEBPS/second one.xhtml", "Handbook: Second one", "Switch it on."),
    ]


def test_an_archive_is_a_folder() -> None:
    files: Mapping[str, str | bytes] = {
        "guide/a.md": "# A\n\nText.",
        "faq.csv": "id,text\n7,So.\n8,\n",
        "b.png": b"\x89PNG",
        "inner.zip": packed({"a.md": "x"}),
        "__MACOSX/a.md": "x",
        ".git/config.txt": "x",
        "book.epub": packed(BOOK),
    }
    found = load("docs.zip", packed(files))
    assert [one.external_id for one in found if isinstance(one, Reading)] == [
        "docs.zip#guide/a.md",
        "docs.zip#faq.csv#7",
        "docs.zip#book.epub#OEBPS/first.xhtml",
        "docs.zip#book.epub#OEBPS/second one.xhtml",
    ]
    refused = {one.name: one.reason for one in found if isinstance(one, Refused)}
    assert refused.keys() == {"docs.zip#faq.csv#3", "docs.zip#b.png", "docs.zip#inner.zip"}
    assert "archive inside an archive" in refused["docs.zip#inner.zip"]


def test_an_archive_that_takes_too_long_names_what_is_left() -> None:
    found = list(archive.load(load, "x.zip", packed({"a.md": "x", "b.md": "y"}), 0))
    assert [one.name for one in found if isinstance(one, Refused)] == ["x.zip#a.md", "x.zip#b.md"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.eml", b"Just text.", "head of a mail"),
        ("a.eml", (HEAD + "Content-Type: image/png\n\nxx").encode(), "no text of its own"),
        ("a.eml", b"PK\x03\x04", "says a mail, but it is a zip archive"),
        ("a.epub", packed({"x": "y"}), "says an EPUB book, but"),
        ("a.epub", packed({"META-INF/container.xml": "<broken"}), "no table of contents"),
        ("a.epub", packed({"META-INF/container.xml": ROOT}), "no table of contents"),
        ("a.epub", packed(BOOK | {"META-INF/encryption.xml": LOCK}), "protected against copying"),
        ("a.zip", b"Just text.", "says a zip archive, but it is something else"),
        ("a.zip", b"PK\x03\x04 broken", "damaged"),
        ("a.zip", packed({"a.md": "x" * 5000})[:-40], "damaged"),
        ("a.zip", packed({"../../evil.md": "x"}), "names a file outside of itself, ../../evil.md"),
        ("a.zip", packed({"/etc/evil.md": "x"}), "outside of itself"),
        ("a.zip", packed({"C:\\evil.md": "x"}), "outside of itself"),
        ("a.zip", packed({"a\\..\\..\\evil.md": "x"}), "outside of itself"),
        ("a.zip", linked(), "holds a link, passwords.md"),
        ("a.zip", twice(), "two files that are called a.md"),
        ("a.zip", encrypted(), "protected with a password"),
        ("a.zip", lying(), "damaged|larger than 25 MB"),
        ("a.zip", packed({"a.txt": b"\0" * 20_000_000}), "more than 200 times its size"),
        ("a.zip", packed({str(n): "" for n in range(2001)}), "holds 2,001 files"),
        ("a.zip", packed({f"{n}.txt": b"x" * 21_000_000 for n in range(10)}), "larger than 200 MB"),
        ("a.zip", packed({"n" * 201 + ".md": "x"}), "longer than 200 characters"),
        ("a.zip", packed({"folder/": ""}), "no text"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_plain_sentence(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refusal:
        load(name, data)
    assert refusal.value.detail.endswith(".")
