"""DOCX: styles become headings, lists and tables, by way of HTML. Pictures stay behind."""

import io
from pathlib import Path

import mammoth

from ingest.opening.container import container
from ingest.opening.parts import Part, part
from ingest.opening.unseen import without_unseen

LARGEST_WRITTEN = 0
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\\n')
p[style-name='HTML Preformatted'] => pre:separator('\\n')
"""


def opened(data: bytes, folder: Path) -> list[Part]:
    """The document as HTML."""
    del folder
    with container(data, "word/", "a Word document") as archive:
        seen, flags = without_unseen(archive, data)
    made = mammoth.convert_to_html(
        io.BytesIO(seen), style_map=STYLES, include_embedded_style_map=False, convert_image=_without_picture
    )
    return [part("html", f"<html><body><main>{made.value}</main></body></html>", flags=flags)]


def _without_picture(picture: object) -> list[object]:
    del picture
    return []
