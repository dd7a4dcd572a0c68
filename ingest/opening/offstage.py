"""What a presentation holds and its audience does not see: taken out before it is read, and told of with its slide."""

from collections.abc import Iterable, Iterator
from typing import Any

from ingest.loaders.hiding import HIDDEN, Flag, flag, worth_telling
from ingest.opening.backdrop import A, Backdrop

SMALLEST = 200
"""Hundredths of a point. What is smaller is not there to be read."""
FAINT = 10_000
"""Thousandths of a percent of opacity."""


def without_unseen(show: Any) -> list[Flag]:  # noqa: ANN401  # python-pptx's
    """Take hidden slides, shapes and runs out of a presentation; what they said."""
    flags: list[Flag] = []
    bounds = (show.slide_width or 0, show.slide_height or 0)
    for number, slide in enumerate(show.slides, start=1):
        taken = list(_everything(slide)) if _left_out(slide) else list(_unseen(slide.shapes, Backdrop(slide), bounds))
        flags += [flag(HIDDEN, f"slide {number}", text) for text in taken if worth_telling(text)]
    return flags


def _left_out(slide: Any) -> bool:  # noqa: ANN401  # python-pptx's
    return slide.element.get("show") in ("0", "false")


def _everything(slide: Any) -> Iterator[str]:  # noqa: ANN401  # python-pptx's
    """What a slide says that is not shown; it is left out whole."""
    yield " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def _unseen(shapes: Iterable[Any], backdrop: Backdrop, bounds: tuple[int, int] | None) -> Iterator[str]:
    """Shapes of a group have places of their own, which are not looked at."""
    for shape in list(shapes):
        if _is_hidden(shape) or (bounds and _is_outside(shape, bounds)):
            yield " ".join(said.text or "" for said in shape.element.iter(f"{A}t"))
            shape.element.getparent().remove(shape.element)
        elif hasattr(shape, "shapes"):
            yield from _unseen(shape.shapes, backdrop, None)
        else:
            yield " ".join(_runs(shape, backdrop))


def _is_hidden(shape: Any) -> bool:  # noqa: ANN401  # python-pptx's
    named = next(shape.element.iter("{*}cNvPr"), None)
    return named is not None and named.get("hidden") in ("1", "true")


def _is_outside(shape: Any, bounds: tuple[int, int]) -> bool:  # noqa: ANN401  # python-pptx's
    """Whether no part of it lies on the slide. A place that is not told is that of the layout."""
    if None in (shape.left, shape.top, shape.width, shape.height) or not all(bounds):
        return False
    beyond = shape.left >= bounds[0] or shape.top >= bounds[1]
    return bool(beyond or shape.left + shape.width <= 0 or shape.top + shape.height <= 0)


def _runs(shape: Any, backdrop: Backdrop) -> Iterator[str]:  # noqa: ANN401  # python-pptx's
    """The runs of a shape that nobody sees, taken out. A table colours its cells by a style that is not looked at."""
    own = backdrop.colour_of(next((one for one in shape.element if one.tag.endswith("}spPr")), None))
    ground = "" if shape.has_table else own or backdrop.ground
    for run in list(shape.element.iter(f"{A}r")):
        look, said = run.find(f"{A}rPr"), run.find(f"{A}t")
        if look is not None and said is not None and said.text and _cannot_be_read(look, ground, backdrop):
            yield said.text
            run.getparent().remove(run)


def _cannot_be_read(look: Any, ground: str, backdrop: Backdrop) -> bool:  # noqa: ANN401  # an element of lxml
    size = look.get("sz", "")
    if size.isdecimal() and int(size) < SMALLEST:
        return True
    if look.find(f"{A}noFill") is not None and look.find(f"{A}ln") is None:
        return True
    alpha = look.find(f"{A}solidFill/*/{A}alpha")
    if alpha is not None and alpha.get("val", "").isdecimal() and int(alpha.get("val")) < FAINT:
        return True
    return bool(ground) and backdrop.colour_of(look) == ground
