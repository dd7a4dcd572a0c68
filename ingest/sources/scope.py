"""Which addresses belong to a source, and one form for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

from app.safety.addresses import Unreachable, place_of

_TRACKING = ("utm_", "gclid", "fbclid", "mc_cid", "mc_eid", "msclkid", "ref_src")
_NO_DOCUMENTS = tuple(
    ".png .jpg .jpeg .gif .webp .svg .ico .bmp .avif .css .js .mjs .map .json .woff .woff2 .ttf .otf .eot .mp3 .mp4"
    " .webm .ogg .mov .avi .zip .gz .tgz .bz2 .7z .rar .exe .dmg .deb .rpm .apk .iso .rss .atom".split()
)


def one_form(url: str, base: str = "") -> str:
    """The address as it is known here: absolute, without fragment and tracking. Raises `Unreachable`."""
    try:
        joined = urljoin(base, url.strip()).partition("#")[0]
    except ValueError as error:
        raise Unreachable from error
    place_of(joined)
    parts = httpx.URL(joined)
    query = parts.query.decode("ascii", "replace")
    if any(mark in query for mark in _TRACKING):
        kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith(_TRACKING)]
        parts = parts.copy_with(query=urlencode(kept).encode() or None)
    return str(parts)


def below(url: str) -> str:
    """The part of a site that a crawl which begins here stays in: its folder."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/"


def site_of(url: str) -> str:
    """The whole site of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


@dataclass(frozen=True, slots=True)
class Scope:
    """What begins with one of the prefixes, matches an include if there are any, and no exclude.

    Patterns are those of a shell, for the path: `/help/*`.
    """

    prefixes: Sequence[str]
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def holds(self, url: str) -> bool:
        """Whether this address belongs to the source."""
        if not any(_under(url, prefix) for prefix in self.prefixes):
            return False
        path = urlsplit(url).path or "/"
        wanted = not self.include or any(fnmatchcase(path, pattern) for pattern in self.include)
        return wanted and not any(fnmatchcase(path, pattern) for pattern in self.exclude)

    def follows(self, url: str) -> bool:
        """Whether a link there may lead to a document of the source."""
        return self.holds(url) and not urlsplit(url).path.lower().endswith(_NO_DOCUMENTS)


def _under(url: str, prefix: str) -> bool:
    """A site that answers over http as well is the same site."""
    plain, start = url.partition("://")[2], prefix.partition("://")[2]
    return plain.startswith(start) or plain == start.rstrip("/")
