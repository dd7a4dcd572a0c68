"""Makes small PDF files, byte by byte, so that a test says exactly what stands in them."""

from collections.abc import Sequence
from typing import NamedTuple


class Words(NamedTuple):
    """A line on a page."""

    text: str
    size: float = 11
    left: float = 72
    bottom: float = 700
    mode: int = 0
    colour: str = "0 g"


def pdf(pages: Sequence[Sequence[Words]], title: str = "", trailer: str = "", drawn: str = "") -> bytes:
    """A document with these lines on its pages, above whatever is drawn on each."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, words in enumerate(pages):
        stream = f"{drawn}\n" + "\n".join(
            f"BT {one.colour} /F1 {one.size} Tf {one.mode} Tr {one.left} {one.bottom} Td ({one.text}) Tj ET"
            for one in words
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    return _file(objects, trailer)


def _file(objects: Sequence[str], trailer: str) -> bytes:
    text, places = "%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R {trailer} >>"
    return f"{text}{head}{tail}\nstartxref\n{len(text)}\n%%EOF\n".encode()
