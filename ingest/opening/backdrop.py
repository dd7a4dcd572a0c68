"""What lies behind the text of a slide, as far as it is one plain colour."""

from itertools import chain
from typing import Any

from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATED

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
PAINTS = tuple(f"{A}{name}" for name in ("blip", "gradFill", "pattFill", "fillRef"))


class Backdrop:
    """The colours of one slide. A colour is six hexadecimal digits, or nothing where it is not known."""

    def __init__(self, slide: Any) -> None:  # noqa: ANN401  # python-pptx's
        master = slide.slide_layout.slide_master
        self._layers = [one.element for one in (slide, slide.slide_layout, master)]
        named = master.element.find(f"{P}clrMap")
        self._called = dict(named.attrib) if named is not None else {}
        theme = etree.fromstring(master.part.part_related_by(RELATED.THEME).blob)
        self._theme = {etree.QName(one).localname: one[0] for one in theme.iterfind(f".//{A}clrScheme/*") if len(one)}

    @property
    def ground(self) -> str:
        """The colour of the slide itself, unless something is painted on it that text may stand on."""
        painted = chain.from_iterable(layer.iter(*PAINTS) for layer in self._layers)
        shapes = (one for layer in self._layers for one in layer.iter(f"{P}spPr") if self.colour_of(one))
        if next(painted, None) is not None or next(shapes, None) is not None:
            return ""
        backs = (back for layer in self._layers if (back := layer.find(f"{P}cSld/{P}bg")) is not None)
        back = next(backs, None)
        found = None if back is None else next(back.iter(f"{A}srgbClr", f"{A}schemeClr", f"{A}sysClr"), None)
        return self._plain(found)

    def colour_of(self, look: Any) -> str:  # noqa: ANN401  # an element of lxml
        """What something is filled with."""
        return self._plain(look.find(f"{A}solidFill/*") if look is not None else None)

    def _plain(self, colour: Any) -> str:  # noqa: ANN401  # an element of lxml
        if colour is None or len(colour) > 0:  # darker or lighter than what it names
            return ""
        name = str(colour.get("val", ""))
        if colour.tag == f"{A}schemeClr":
            name = self._called.get(name, name)
            told = self._theme.get(name)
            return "" if told is None else str(told.get("lastClr") or told.get("val", "")).upper()
        return str(colour.get("lastClr") or name).upper()
