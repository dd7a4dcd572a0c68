"""What lies behind the text of a PDF page, and whether the text can be told from it."""

import ctypes
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

INVISIBLE = 3
PALE = 245
"""Of 255, for each of red, green and blue: text as pale as that needs something behind it."""
FAINT = 12
"""Of 255: more transparent than that, nothing is seen."""
DEEPEST = 3
PICTURES = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING)


class _Area(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, across: float, up: float) -> bool:
        return self.left <= across <= self.right and self.bottom <= up <= self.top


class Ground:
    """The coloured areas and pictures of a page, looked for when they are first asked about."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._areas: list[_Area] | None = None
        self.pictured = any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=DEEPEST))

    def shows(self, glyphs: raw.FPDF_PAGEOBJECT, across: float, up: float) -> bool:
        """Whether the text at this point of the page can be seen."""
        if raw.FPDFTextObj_GetTextRenderMode(glyphs) == INVISIBLE:
            return False
        colour = _fill(glyphs)
        if colour is None:
            return True
        if colour[3] <= FAINT:
            return False
        return min(colour[:3]) < PALE or any(area.holds(across, up) for area in self._coloured())

    def _coloured(self) -> list[_Area]:
        if self._areas is None:
            self._areas = list(self._found())
        return self._areas

    def _found(self) -> Iterator[_Area]:
        for one in self._page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH, *PICTURES], max_depth=DEEPEST):
            colour = _fill(one.raw)
            if one.type in PICTURES or (colour is not None and min(colour[:3]) < PALE and colour[3] > FAINT):
                yield _Area(*one.get_bounds())


def _fill(thing: raw.FPDF_PAGEOBJECT) -> tuple[int, int, int, int] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not raw.FPDFPageObj_GetFillColor(thing, *parts):
        return None
    red, green, blue, alpha = (part.value for part in parts)
    return red, green, blue, alpha
