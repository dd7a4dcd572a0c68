"""Each kind of file in each way of being bad: a sentence for the admin, and the rest of the run goes on.

What is bad in a way of its own stands in the tests of its loader; sitemaps, redirects and repositories in `sources/`.
"""

from pathlib import Path

import pytest

from app.database import Database
from app.errors import Invalid
from app.knowledge.readings import Reading
from app.knowledge.run_log import Wanted
from ingest.discover import discover
from ingest.loaders import ENDINGS, Refused, Unreadable, load
from tests.ingest.packing import packed
from tests.ingest.papers import Words, pdf
from tests.ingest.samples import CHAPTER, SENTENCE, TEXTS, book, samples
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

BINARY = sorted(set(ENDINGS) - set(TEXTS))
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
"""How a document begins that Office has put a password on."""
SECRET_MAIL = (
    "From: a@example.com\nSubject: Secret\nMIME-Version: 1.0\n"
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\n'
    "Content-Transfer-Encoding: base64\n\nMIIB\n"
)
PGP_MAIL = (
    "From: a@example.com\nSubject: Secret\nMIME-Version: 1.0\n"
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\n\n'
    "--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
    "--x\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--x--\n"
)


def told(name: str, data: bytes, largest: int = 1_000_000) -> str:
    """The sentence with which a file is refused; nothing when it is read."""
    try:
        found = load(name, data, largest)
    except Unreadable as refusal:
        assert refusal.detail.endswith(".")  # noqa: PT017  # one of two good ends
        assert refusal.detail[0].isupper()  # noqa: PT017  # the same
        return refusal.detail
    assert found
    assert all(one.reason.endswith(".") for one in found if isinstance(one, Refused))
    return ""


def flagged(data: bytes) -> bytes:
    """An archive of which each entry says that it has a password."""
    marked = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(mark)
        while at >= 0:
            marked[at + place] |= 1
            at = marked.find(mark, at + 4)
    return bytes(marked)


def test_there_is_a_good_file_of_each_kind() -> None:
    assert set(samples()) == set(ENDINGS)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_good_file_is_read(ending: str) -> None:
    found = load(f"returns{ending}", samples()[ending])
    assert any(isinstance(one, Reading) and SENTENCE in one.text for one in found)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("data", [b"", b" \r\n\t \n"], ids=["empty", "blank"])
def test_an_empty_file_is_said_to_be_empty(ending: str, data: bytes) -> None:
    assert told(f"a{ending}", data) == "This file is empty."


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_too_large_is_refused_before_it_is_opened(ending: str) -> None:
    assert told(f"a{ending}", samples()[ending] + bytes(100_000), 100_000).startswith(
        "This file is larger than 0.1 MB."
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_file_that_breaks_off_is_read_as_far_as_it_goes_or_refused(ending: str, share: float) -> None:
    data = samples()[ending]
    sentence = told(f"a{ending}", data[: int(len(data) * share)])
    if ending in BINARY:
        assert "damaged" in sentence


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_damaged_in_the_middle_is_read_or_refused(ending: str) -> None:
    data = bytearray(samples()[ending])
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(range(200, 240))
    told(f"a{ending}", bytes(data))


@pytest.mark.parametrize("real", [".pdf", ".zip", ".docx"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_with_the_name_of_another_kind_is_told_what_it_is(real: str, ending: str) -> None:
    sentence = told(f"a{ending}", samples()[real])
    office = {".docx", ".pptx", ".xlsx", ".epub", ".zip"}
    if ending == real or (".zip" in (ending, real) and {ending, real} <= office and ending == ".zip"):
        return
    assert "The name of this file says" in sentence


@pytest.mark.parametrize("ending", BINARY)
@pytest.mark.parametrize("data", [TEXTS[".txt"].encode(), TEXTS[".html"].encode(), b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_text_and_pictures_with_the_name_of_a_document_are_told_apart(ending: str, data: bytes) -> None:
    assert "The name of this file says" in told(f"a{ending}", data)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.docx", OLD_OFFICE, "has a password or an old format"),
        ("a.pptx", OLD_OFFICE, "has a password or an old format"),
        ("a.xlsx", OLD_OFFICE, "has a password or an old format"),
        *((f"a{one}", flagged(samples()[one]), "password") for one in (".docx", ".pptx", ".xlsx", ".epub", ".zip")),
        ("a.eml", SECRET_MAIL.encode(), "This mail is encrypted"),
        ("a.eml", PGP_MAIL.encode(), "This mail is encrypted"),
        ("a.txt", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n", "it is an encrypted text"),
    ],
)
def test_an_encrypted_file_is_said_to_be_encrypted(name: str, data: bytes, sentence: str) -> None:
    assert sentence in told(name, data)


def turning(pages: str) -> bytes:
    """A PDF whose table of pages leads back to itself."""
    return pdf([[Words("Text.")]]).replace(b"/Kids [4 0 R] /Count 1", pages.encode().ljust(22))


def archive_of_itself() -> bytes:
    """An archive in an archive in an archive, of one name."""
    data = packed({"a.md": "Text."})
    for _ in range(3):
        data = packed({"a.zip": data})
    return data


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", turning("/Kids [2 0 R] /Count 1")),
        ("a.pdf", turning("/Kids[2 0 R 2 0 R]")),
        ("a.zip", archive_of_itself()),
        ("a.md", b"---\na: &a [*a]\n---\nText."),
        ("a.rst", b"Returns\n=======\n\n.. include:: a.rst\n\nText |x|.\n\n.. |x| replace:: |x|\n"),
        ("a.adoc", b"= Returns\n\n:a: {b}\n:b: {a}\n\ninclude::a.adoc[]\n\nText {a}.\n"),
        ("a.md", b"Text [a].\n\n[a]: #b\n[b]: #a\n"),
        ("a.html", b"<main><p>Text.</p><iframe src=a.html></iframe><object data=a.html></object></main>"),
    ],
    ids=["pages of itself", "pages twice itself", "zip in zip", "yaml", "rst", "adoc", "links", "frames"],
)
@pytest.mark.timeout(120)
def test_what_leads_back_to_itself_comes_to_an_end(name: str, data: bytes) -> None:
    told(name, data)


def test_a_book_whose_spine_names_a_chapter_again_and_again_has_it_once() -> None:
    found = load("a.epub", book({"one.xhtml": CHAPTER}, "<itemref idref='one.xhtml'/>" * 5_000))
    assert [one.external_id for one in found if isinstance(one, Reading)] == ["a.epub#one.xhtml"]


def test_a_folder_that_links_to_itself_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "kb" / "below").mkdir(parents=True)
    (tmp_path / "kb" / "a.md").write_text("Text.")
    (tmp_path / "kb" / "below" / "round").symlink_to(tmp_path / "kb", target_is_directory=True)
    (tmp_path / "kb" / "out").symlink_to(tmp_path, target_is_directory=True)
    assert [file.name for file in discover([str(tmp_path / "kb")])] == ["a.md"]


@pytest.mark.parametrize(
    ("name", "piece", "end"),
    [
        ("a.html", b"<div>", b"Text."),
        ("a.html", b"<ul><li>", b"Text."),
        ("a.html", b"<table><tr><td>", b"Text."),
        ("a.md", b"> ", b"Text."),
        ("a.md", b"- ", b"Text."),
        ("a.json", b"[", b"1"),
        ("a.jsonl", b'{"a":', b"1"),
        ("a.rst", b"* ", b"Text."),
        ("a.adoc", b"* ", b"Text."),
    ],
)
@pytest.mark.timeout(60)
def test_what_is_nested_beyond_measure_is_read_or_refused(name: str, piece: bytes, end: bytes) -> None:
    told(name, piece * (90_000 // len(piece)) + end)


async def test_a_run_goes_on_past_every_bad_file_and_one_without_good_ones_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    library = open_library(database, tmp_path / "data")
    bad = {f"empty{ending}": b"" for ending in ENDINGS}
    bad |= {f"cut{ending}": samples()[ending][: len(samples()[ending]) // 2] for ending in BINARY}
    bad |= {f"named{ending}": samples()[".pdf"] for ending in TEXTS}
    bad |= {"locked.docx": OLD_OFFICE, "secret.eml": SECRET_MAIL.encode(), "front.md": b"---\na: &a [*a]\n---\nText."}
    report = await ingestion(library).ingest(
        order(write(tmp_path / "kb", bad | {"good.md": f"# Good\n\n{SENTENCE}\n"}))
    )
    assert (report.published, report.counts.added, report.counts.failed) == (True, 1, len(bad))
    failed = await library.runs.items(WORKSPACE, str(report.run_id), Wanted())
    reasons = {one["name"]: one["detail"] for one in failed if one["name"] != "good.md"}
    assert set(reasons) == set(bad)
    assert all(reason.endswith(".") for reason in reasons.values())
    with pytest.raises(Invalid, match="Nothing could be read"):
        await ingestion(library).ingest(order(write(tmp_path / "bad", bad)))
    assert await library.snapshots.published_id(WORKSPACE) == report.snapshot_id
    await library.close()
