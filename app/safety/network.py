"""Internet addresses in text, without taking version numbers for them."""

import ipaddress
import re
from collections.abc import Iterator

_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w]|\.\d)")
_V6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f:.]{0,45}:[0-9A-Fa-f:.]{0,45}:)[0-9A-Fa-f:]{1,36}(?:(?<=:)[0-9A-Fa-f]{1,4}|"
    r"::?|(?<=[:\d])(?:\.\d{1,3}){3})"
    r"(?:%\w{1,10})?(?:/\d{1,3})?(?![\w:]|\.\d)"
)
_VERSION = re.compile(
    r"\b(?:version|ver|v|build|firmware|release|driver|update|patch|app|software|section|chapter|"
    r"clause|oid)\b[\s.:=#]*(?:number|no|is|to|from)?\s*$",
    re.IGNORECASE,
)


def ip_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses of version 4 and 6 stand, with their prefix length."""
    if text.count(":") >= 2:  # noqa: PLR2004
        for match in _V6.finditer(text):
            if _is_address(match.group().split("%")[0]):
                yield match.span()
    if text.count(".") >= 3:  # noqa: PLR2004  # the fewest that an address has
        for match in _V4.finditer(text):
            if _is_address(match.group()) and not _VERSION.search(text[max(0, match.start() - 24) : match.start()]):
                yield match.span()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True
