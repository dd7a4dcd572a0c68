"""Makes small Word documents, element by element, so that a test says exactly what stands in them."""

from tests.ingest.packing import packed

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def word(body: str, before: str = "", more: str = "", notes: str = "") -> bytes:
    """A Word document with this body, in WordprocessingML, with `more` styles and with footnotes."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="H{n}"><w:name w:val="heading {n}"/></w:style>' for n in (1, 2)
    )
    return packed(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELATED}" Target="word/document.xml"/></Relationships>',
            "word/styles.xml": f"<w:styles {W}>{styles}{more}</w:styles>",
            "word/footnotes.xml": f"<w:footnotes {W}>{notes}</w:footnotes>",
            "word/document.xml": f"<?xml version='1.0'?>{before}<w:document {W}><w:body>{body}</w:body></w:document>",
        }
    )


def paragraph(text: str, *runs: str, style: str = "") -> str:
    """A paragraph that begins with this text and goes on with these runs."""
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}{run(text)}{''.join(runs)}</w:p>"


def run(text: str, look: str = "") -> str:
    """A stretch of text that looks alike."""
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"
