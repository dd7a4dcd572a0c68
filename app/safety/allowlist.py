"""The HTML that may reach a page: these tags, attributes and values; all else goes."""

import re
from functools import lru_cache

import nh3

REL = "noopener noreferrer nofollow"

_TAGS = frozenset(
    "a blockquote br button code del em h1 h2 h3 h4 h5 h6 hr li mark ol p pre s strong table tbody "
    "td th thead tr ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "button": {"type", "class", "data-cite", "aria-label"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
    "mark": {"id"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
_CLASS = re.compile(r"cite|language-[\w+#.-]{1,30}|align-(?:left|center|right)")
_ID = re.compile(r"cited|section-[\w-]{0,120}")


def cleaned(rendered: str) -> str:
    """What of it is allowed."""
    return _cleaner().clean(rendered)


@lru_cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_filtered,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        strip_comments=True,
    )


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if _CLASS.fullmatch(value) else None
    if attribute == "id":
        return value if _ID.fullmatch(value) else None
    if tag == "a" and attribute == "rel":
        return REL
    return value
