"""Takes the compression off what a site sends, and never more than it may be."""

import zlib
from collections.abc import AsyncIterator

from ingest.loaders import MEGABYTE
from ingest.loaders.refusal import Unreadable

PIECE = 64 * 1024
GZIP_OR_ZLIB = 47
"""What `zlib` wants to hear to recognise both by themselves."""
ENCODINGS = ("gzip", "x-gzip", "deflate")


class Unpacking:
    """One answer's content, piece by piece. Raises `Unreadable`."""

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", *ENCODINGS):
            raise Unreadable(f"The site compressed this with {self._encoding[:40]}, which it was not asked for.")
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB) if self._encoding in ENCODINGS else None
        self._largest = largest
        self._content = bytearray()

    async def all(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Everything, unpacked."""
        async for piece in pieces:
            self._add(piece)
        if self._inflate and not self._inflate.eof:
            raise Unreadable("This ends in the middle of its compressed content. Try again later.")
        return bytes(self._content)

    def _add(self, piece: bytes) -> None:
        if self._inflate is None:
            self._keep(piece)
            return
        try:
            while piece and not self._inflate.eof:
                self._keep(self._inflate.decompress(piece, PIECE))
                piece = self._inflate.unconsumed_tail
        except zlib.error as error:
            raise Unreadable("The compressed content of this is damaged.") from error

    def _keep(self, piece: bytes) -> None:
        self._content += piece
        if len(self._content) > self._largest:
            raise Unreadable(f"This is larger than the {self._largest / MEGABYTE:g} MB that are read.")


async def unpacked(data: bytes, largest: int) -> bytes:
    """A file that is compressed by itself, as sitemaps often are; any other as it is."""
    if not data.startswith(b"\x1f\x8b"):
        return data

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    return await Unpacking("gzip", largest).all(pieces())
