"""Runs of a Word document that its reader does not see: taken out before it is read, and told of."""

import io
import zipfile

from lxml import etree

from ingest.loaders.hiding import HIDDEN, Flag, flag, worth_telling
from ingest.opening.container import MOST_UNPACKED, unpacked

DOCUMENT = "word/document.xml"
MEDIA = "word/media/"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SMALLEST = 4
"""Half points. What is smaller is not there to be read."""
OFF = ("0", "false", "off")
WHITE = ("FFFFFF", "WHITE")
PLAIN = ("auto", *WHITE, "")


def without_unseen(archive: zipfile.ZipFile, data: bytes) -> tuple[bytes, list[Flag]]:
    """The document without its hidden runs; the same bytes where there are none."""
    if DOCUMENT not in archive.namelist():
        return data, []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(unpacked(archive, archive.getinfo(DOCUMENT), MOST_UNPACKED), parser)
    except etree.XMLSyntaxError:
        return data, []
    flags = _taken_out(tree)
    return (data, []) if flags is None else (_packed(archive, etree.tostring(tree)), flags)


def _taken_out(tree: etree._Element) -> list[Flag] | None:
    """Neighbouring hidden runs are one finding; none at all when nothing was hidden."""
    flags: list[Flag] = []
    changed = False
    for number, paragraph in enumerate(tree.iter(f"{W}p"), start=1):
        hidden = [run for run in paragraph.iter(f"{W}r") if _unseen(run)]
        text = "".join(said.text or "" for run in hidden for said in run.iter(f"{W}t"))
        for run in hidden:
            changed = True
            for said in list(run.iter(f"{W}t")):
                said.text = ""
        if worth_telling(text):
            flags.append(flag(HIDDEN, f"paragraph {number}", text))
    return flags if changed else None


def _unseen(run: etree._Element) -> bool:
    look = run.find(f"{W}rPr")
    if look is None:
        return False
    vanish = look.find(f"{W}vanish")
    if vanish is not None and vanish.get(f"{W}val") not in OFF:
        return True
    size = _said(look, "sz")
    if size.isdecimal() and int(size) < SMALLEST:
        return True
    return _said(look, "color").upper() in WHITE and not _shaded(run)


def _said(look: etree._Element, name: str) -> str:
    found = look.find(f"{W}{name}")
    return "" if found is None else str(found.get(f"{W}val", ""))


def _shaded(run: etree._Element) -> bool:
    """Whether anything around the run has a colour of its own, on which white can be read."""
    if run.find(f"{W}rPr/{W}highlight") is not None:
        return True
    around = [run, *run.iterancestors(f"{W}p", f"{W}tc", f"{W}tbl", f"{W}txbxContent")]
    shades = [shade for one in around for shade in one.findall(f"{W}*/{W}shd")]
    styled = any(one.find(f"{W}*/{W}{name}") is not None for one in around for name in ("pStyle", "tblStyle"))
    return styled or any(shade.get(f"{W}fill", "auto") not in PLAIN for shade in shades)


def _packed(archive: zipfile.ZipFile, document: bytes) -> bytes:
    """Pictures stay behind."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.infolist():
            if entry.filename == DOCUMENT:
                copy.writestr(DOCUMENT, document)
            elif not entry.filename.startswith(MEDIA):
                copy.writestr(entry.filename, unpacked(archive, entry, MOST_UNPACKED))
    return made.getvalue()
