"""What a fetched document is: which loader reads it."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.loaders import supported

_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "text/vtt": ".vtt",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_VAGUE = ("", "application/octet-stream", "binary/octet-stream", "text/plain")


def ending_of(media: str, url: str) -> str:
    """The ending that a file of this content would have; nothing for content that cannot be read.

    The address decides where the site names no type, or one that says little.
    """
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if media in _VAGUE and suffix and supported(f"page{suffix}"):
        return suffix
    return _ENDINGS.get(media, ".html" if media == "" else "")
