"""Runs of a Word document that its reader does not see: taken out before it is read, and told of."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.loaders.hiding import HIDDEN, Flag, flag, worth_telling
from ingest.opening.container import MOST_UNPACKED, unpacked

PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
STYLES = "word/styles.xml"
MEDIA = "word/media/"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SMALLEST = 4
"""Half points. What is smaller is not there to be read."""
OFF = ("0", "false", "off")
WHITE = ("FFFFFF", "WHITE")
PLAIN = ("auto", *WHITE, "")
LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Styles:
    """What the styles of a document say; one may build on another."""

    known: dict[str, etree._Element]

    @classmethod
    def of(cls, sheet: etree._Element | None) -> "Styles":
        """Those in the document's sheet, where it has one."""
        found = sheet.iter(f"{W}style") if sheet is not None else ()
        return cls({str(style.get(f"{W}styleId")): style for style in found})

    def behind(self, run: etree._Element) -> list[etree._Element]:
        """The styles that a run follows, the nearest first: its own, then that of its paragraph."""
        paragraph = next(run.iterancestors(f"{W}p"), None)
        named = [_named(run, "rPr", "rStyle"), _named(paragraph, "pPr", "pStyle")]
        return [style for name in named for style in self._chain(name)]

    def _chain(self, name: str) -> Iterator[etree._Element]:
        for _ in range(LONGEST_CHAIN):
            style = self.known.get(name)
            if style is None:
                return
            yield style
            name = _said(style, "basedOn")


def without_unseen(archive: zipfile.ZipFile, data: bytes) -> tuple[bytes, list[Flag]]:
    """The document without its hidden runs; the same bytes where there are none."""
    trees = {name: tree for name in PARTS if (tree := _tree(archive, name)) is not None}
    styles = Styles.of(_tree(archive, STYLES))
    flags, changed = list[Flag](), dict[str, bytes]()
    for name, tree in trees.items():
        found = _taken_out(tree, styles, "paragraph" if name == PARTS[0] else "note")
        if found is not None:
            flags += found
            changed[name] = etree.tostring(tree)
    return (_packed(archive, changed), flags) if changed else (data, [])


def _tree(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    if name not in archive.namelist():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(unpacked(archive, archive.getinfo(name), MOST_UNPACKED), parser)
    except etree.XMLSyntaxError:
        return None


def _taken_out(tree: etree._Element, styles: Styles, called: str) -> list[Flag] | None:
    """Neighbouring hidden runs are one finding; none at all when nothing was hidden."""
    flags: list[Flag] = []
    changed = False
    for number, paragraph in enumerate(tree.iter(f"{W}p"), start=1):
        hidden = [run for run in paragraph.iter(f"{W}r") if _unseen(run, styles)]
        text = "".join(said.text or "" for run in hidden for said in run.iter(f"{W}t"))
        for run in hidden:
            changed = True
            for said in list(run.iter(f"{W}t")):
                said.text = ""
        if worth_telling(text):
            flags.append(flag(HIDDEN, f"{called} {number}", text))
    return flags if changed else None


def _unseen(run: etree._Element, styles: Styles) -> bool:
    """What stands at the run wins over its styles, and a nearer style over one that it builds on."""
    behind = styles.behind(run)
    looks = [look for one in (run, *behind) if (look := one.find(f"{W}rPr")) is not None]
    vanish = next((found for look in looks if (found := look.find(f"{W}vanish")) is not None), None)
    if vanish is not None and vanish.get(f"{W}val") not in OFF:
        return True
    size = next((size for look in looks if (size := _said(look, "sz"))), "")
    if size.isdecimal() and int(size) < SMALLEST:
        return True
    own = run.find(f"{W}rPr")
    if own is not None and _said(own, "color"):
        return _said(own, "color").upper() in WHITE and not _shaded(run)
    colour = next((colour for look in looks if (colour := _said(look, "color"))), "")
    return colour.upper() in WHITE and not _on_ground(run, behind)


def _said(look: etree._Element, name: str) -> str:
    found = look.find(f"{W}{name}")
    return "" if found is None else str(found.get(f"{W}val", ""))


def _named(element: etree._Element | None, where: str, name: str) -> str:
    look = element.find(f"{W}{where}") if element is not None else None
    return _said(look, name) if look is not None else ""


def _shaded(run: etree._Element) -> bool:
    """Whether anything around the run has, or may have by its style, a colour on which white can be read."""
    if run.find(f"{W}rPr/{W}highlight") is not None:
        return True
    around = _around(run)
    styled = any(one.find(f"{W}*/{W}{name}") is not None for one in around for name in ("pStyle", "tblStyle"))
    return styled or _coloured(around)


def _on_ground(run: etree._Element, behind: list[etree._Element]) -> bool:
    """The same of a run whose styles are known to make it white: a table may still colour its cells."""
    around = _around(run)
    in_table = any(one.find(f"{W}*/{W}tblStyle") is not None for one in around)
    return in_table or run.find(f"{W}rPr/{W}highlight") is not None or _coloured([*around, *behind])


def _around(run: etree._Element) -> list[etree._Element]:
    return [run, *run.iterancestors(f"{W}p", f"{W}tc", f"{W}tbl", f"{W}txbxContent")]


def _coloured(elements: list[etree._Element]) -> bool:
    shades = [shade for one in elements for shade in one.findall(f"{W}*/{W}shd")]
    return any(shade.get(f"{W}fill", "auto") not in PLAIN for shade in shades)


def _packed(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    """Pictures stay behind."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.infolist():
            if entry.filename in changed:
                copy.writestr(entry.filename, changed[entry.filename])
            elif not entry.filename.startswith(MEDIA):
                copy.writestr(entry.filename, unpacked(archive, entry, MOST_UNPACKED))
    return made.getvalue()
