"""What requests may say about sources."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from app.errors import AppError
from app.knowledge.sourcing.types import WEB, minutes_of
from app.web.bodies import Body, Plain

MOST_ADDRESSES = 500
_LOCALE = re.compile(r"([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*)?")


def _schedule(text: str) -> str:
    try:
        minutes_of(text)
    except AppError as error:
        raise ValueError(error.detail) from None
    return text


def _locale(text: str) -> str:
    if not _LOCALE.fullmatch(text):
        raise ValueError("“locale” must be a language such as en or pt-BR, or empty to leave it to the documents.")
    return text


def _pattern(text: str) -> str:
    if not text.startswith(("/", "*")):
        raise ValueError(f"The pattern “{text[:40]}” must begin with / or *, as in /help/*.")
    return text


Url = Annotated[Plain, Field(min_length=1, max_length=2000)]
Patterns = Annotated[list[Annotated[Plain, Field(max_length=200), AfterValidator(_pattern)]], Field(max_length=50)]
Schedule = Annotated[Plain, Field(max_length=20), AfterValidator(_schedule)]
Locale = Annotated[Plain, Field(max_length=20), AfterValidator(_locale)]
Audience = Literal["public", "customers", "internal"]
Kind = Literal["upload", "folder", "url", "sitemap", "crawl", "git", "export"]
ALLOWED = {
    "upload": frozenset[str](),
    "export": frozenset[str](),
    "folder": frozenset({"path", "watch"}),
    "url": frozenset({"urls"}),
    "sitemap": frozenset({"url", "include", "exclude", "pages"}),
    "crawl": frozenset({"url", "include", "exclude", "pages", "depth"}),
    "git": frozenset({"repository", "branch", "folder"}),
}
NEEDED = {"folder": "path", "url": "urls", "sitemap": "url", "crawl": "url", "git": "repository"}


class Place(Body):
    """Where a source lies, and what of it counts. Which fields there are depends on its kind."""

    url: Url | None = None
    urls: Annotated[list[Url], Field(min_length=1, max_length=MOST_ADDRESSES)] | None = None
    include: Patterns | None = None
    exclude: Patterns | None = None
    pages: Annotated[int, Field(ge=1, le=100_000)] | None = None
    depth: Annotated[int, Field(ge=0, le=50)] | None = None
    repository: Url | None = None
    branch: Annotated[Plain, Field(max_length=200)] | None = None
    folder: Annotated[Plain, Field(max_length=500)] | None = None
    path: Annotated[Plain, Field(min_length=1, max_length=1000)] | None = None
    watch: bool | None = None

    @property
    def said(self) -> dict[str, Any]:
        """As it is kept."""
        return self.model_dump(exclude_none=True)

    def problem(self, kind: str) -> str:
        """What does not fit a source of this kind, in one sentence; nothing when all does."""
        needed, strange = NEEDED.get(kind), self.said.keys() - ALLOWED[kind]
        if strange:
            return f"A source of the kind “{kind}” has no “{min(strange)}”. Leave it out."
        if needed and needed not in self.said:
            return f"“{needed}” is missing: a source of the kind “{kind}” needs it."
        return ""

    def addresses(self, kind: str) -> list[str]:
        """The web addresses in it."""
        return [*(self.urls or ()), *([self.url] if self.url else [])] if kind in WEB else []


class NewSource(Body):
    """Where documents are to come from."""

    name: Annotated[Plain, Field(min_length=1, max_length=100)]
    kind: Kind = "upload"
    settings: Place = Place()
    schedule: Schedule = "manual"
    audience: Audience = "public"
    locale: Locale = ""
    owner: Annotated[Plain, Field(max_length=100)] | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problem = self.settings.problem(self.kind)
        if problem:
            raise ValueError(problem)
        if self.schedule != "manual" and self.kind not in NEEDED:
            raise ValueError("Only a source that can be read again has a schedule; files come when they are uploaded.")
        return self


class SourceChange(Body):
    """What is to be different; what is left out stays."""

    settings: Place | None = None
    schedule: Schedule | None = None
    audience: Audience | None = None
    locale: Locale | None = None
    owner: Annotated[Plain, Field(max_length=100)] | None = None
    enabled: bool | None = None
