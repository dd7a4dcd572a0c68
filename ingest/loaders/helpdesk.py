"""Articles as help desks export them: each desk is known by its fields. Drafts are left out, and bodies are HTML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.knowledge.readings import Reading
from ingest.loaders import html
from ingest.loaders.addresses import web_address
from ingest.loaders.encoding import normal
from ingest.loaders.refusal import Refused

INTERNAL = "internal"
FRESHDESK_PUBLISHED = "2"


@dataclass(frozen=True, slots=True)
class Article:
    """One, whatever desk it comes from. `said` goes into its front matter."""

    id: str
    title: str
    body: str
    url: str = ""
    locale: str = ""
    audience: str = ""
    published: bool = True
    said: Mapping[str, str] | None = None


def articles_of(values: Mapping[str, Any], category: str = "") -> list[Article] | None:
    """The articles in an object: one, or one for each language; none when no help desk writes such objects."""
    has = values.keys()
    if values.get("type") == "article" and "body" in has:
        return _intercom(values)
    if "body" in has and "section_id" in has:
        return [_zendesk(values, category)]
    if "description" in has and "title" in has and ("folder_id" in has or "description_text" in has):
        return [_freshdesk(values, category)]
    if "text" in has and "name" in has and has & {"collectionId", "publicUrl"}:
        return [_helpscout(values, category)]
    return None


def readings_of(article: Article) -> Iterator[Reading | Refused]:
    """What the article says; nothing of a draft."""
    if not article.published:
        return
    found = list(html.load(article.id, f"<main>{article.body}</main>"))
    if not found:
        yield Refused(article.id, "This article has no text.")
    for one in found:
        if isinstance(one, Refused):
            yield one
            continue
        known = {name: value for name, value in (article.said or {}).items() if value}
        title = normal(article.title) or one.title
        said = replace(one, title=title, url=web_address(article.url), locale=article.locale, front_matter=known)
        yield replace(said, audience=article.audience)


def _zendesk(values: Mapping[str, Any], category: str) -> Article:
    locale, own = _text(values, "locale"), _text(values, "source_locale")
    other = f"/{locale}" if own and locale and locale != own else ""
    restricted = _text(values, "user_segment_id") not in ("", "0")
    return Article(
        f"zendesk#{_text(values, 'id')}{other}",
        _text(values, "title") or _text(values, "name"),
        _text(values, "body"),
        _text(values, "html_url"),
        _language(locale),
        INTERNAL if restricted else "",
        published=not _true(values.get("draft")),
        said={"category": category, "updated": _day(values.get("updated_at")), "tags": _tags(values, "label_names")},
    )


def _intercom(values: Mapping[str, Any]) -> list[Article]:
    whole = _one_intercom(values, values, _text(values, "default_locale"))
    others = values.get("translated_content")
    found = [whole]
    for locale, one in (others if isinstance(others, Mapping) else {}).items():
        if isinstance(one, Mapping) and "body" in one and locale != values.get("default_locale"):
            other = _one_intercom({**one, "id": values.get("id")}, one, str(locale))
            found.append(replace(other, id=f"{other.id}/{locale}"))
    return found


def _one_intercom(values: Mapping[str, Any], told: Mapping[str, Any], locale: str) -> Article:
    return Article(
        f"intercom#{_text(values, 'id')}",
        _text(told, "title"),
        _text(told, "body"),
        _text(told, "url"),
        _language(locale),
        published=_text(told, "state") == "published",
        said={"updated": _day(told.get("updated_at"))},
    )


def _freshdesk(values: Mapping[str, Any], category: str) -> Article:
    return Article(
        f"freshdesk#{_text(values, 'id')}",
        _text(values, "title"),
        _text(values, "description"),
        _text(values, "url"),
        _language(_text(values, "language")),
        published=_text(values, "status") == FRESHDESK_PUBLISHED,
        said={"category": category, "updated": _day(values.get("updated_at")), "tags": _tags(values, "tags")},
    )


def _helpscout(values: Mapping[str, Any], category: str) -> Article:
    return Article(
        f"helpscout#{_text(values, 'id')}",
        _text(values, "name"),
        _text(values, "text"),
        _text(values, "publicUrl"),
        published=_text(values, "status") == "published",
        said={"category": category, "updated": _day(values.get("updatedAt")), "tags": _tags(values, "keywords")},
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value).strip()


def _true(value: Any) -> bool:  # noqa: ANN401  # a table has only text
    return str(value).lower() in ("true", "1", "yes")


def _language(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()


def _tags(values: Mapping[str, Any], name: str) -> str:
    tags = values.get(name)
    return ", ".join(str(tag) for tag in tags) if isinstance(tags, list) else ""


def _day(value: Any) -> str:  # noqa: ANN401  # seconds since 1970, or a moment as text
    if isinstance(value, int) and 0 < value < 2**35:
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return str(value or "")[:10]
