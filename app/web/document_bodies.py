"""What requests may say about documents that are pushed or written here, and about their passages."""

from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AfterValidator, Field, field_validator, model_validator

from app.knowledge.overriding.store import Shown
from app.knowledge.overriding.types import Wish
from app.knowledge.writing.types import Writing
from app.web.bodies import Body, Day, Line, Number, Plain

LONGEST_TEXT = 1_000_000
LONGEST_ARTICLE = 100_000
LARGEST_FRONT_MATTER = 16_000
MOST_AT_ONCE = 500


def _small(known: dict[str, Any]) -> dict[str, Any]:
    try:
        said = orjson.dumps(known)
    except (TypeError, orjson.JSONEncodeError):
        raise ValueError("Front matter must be valid JSON with whole letters.") from None
    if len(said) > LARGEST_FRONT_MATTER or b"\\u0000" in said:
        raise ValueError(f"Front matter may have at most {LARGEST_FRONT_MATTER} bytes, and no NUL character.")
    return known


Text = Annotated[Plain, Field(min_length=1, max_length=LONGEST_TEXT)]
Article = Annotated[Plain, Field(max_length=LONGEST_ARTICLE)]
Name = Annotated[Plain, Field(min_length=1, max_length=500)]
SourceName = Annotated[Plain, Field(min_length=1, max_length=100)]
Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=20)]
Audience = Literal["public", "customers", "internal"]
Link = Annotated[Plain, Field(max_length=2000, pattern=r"^(https?://\S+)?$")]
FrontMatter = Annotated[dict[str, Any], AfterValidator(_small)]


class PushedDocument(Body):
    """A document that other software sends: its text, or its HTML, and what is known about it."""

    text: Text | None = None
    html: Text | None = None
    content_type: Literal["text/markdown", "text/html", "text/plain"] = "text/markdown"
    title: Annotated[Line, Field(min_length=1)] | None = None
    url: Link | None = None
    locale: Locale | None = None
    audience: Audience | None = None
    front_matter: FrontMatter | None = None

    @model_validator(mode="after")
    def _has_one_text(self) -> Self:
        if (self.text is None) == (self.html is None) or not (self.text or self.html or "").strip():
            raise ValueError("Send the document either as `text` or as `html`, and not empty.")
        return self


class OnePushedDocument(PushedDocument):
    """The same, with the source that it belongs to."""

    source: SourceName = "push"


class NamedDocument(PushedDocument):
    """The same, with the name that the sender gives it."""

    external_id: Name


class PushedDocuments(Body):
    """Many documents of one source in one request."""

    source: SourceName = "push"
    documents: Annotated[list[NamedDocument], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ArticleBody(Body):
    """An article as its editor has it. An empty slug is made from the title."""

    title: Annotated[Plain, Field(min_length=1, max_length=200)]
    slug: Annotated[Plain, Field(max_length=100)] = ""
    category: Annotated[Plain, Field(min_length=1, max_length=100)] = "General"
    locale: Locale = "en"
    audience: Audience = "public"
    owner: Annotated[Plain, Field(max_length=200)] = ""
    review_on: Day | None = None
    text: Article = ""

    @property
    def writing(self) -> Writing:
        """As the store takes it."""
        return Writing(**dict(self))


class ArticleSearch(Body):
    """Which articles are wanted."""

    q: Annotated[Plain, Field(max_length=200)] = ""
    overdue: bool = False


class Preview(Body):
    """A text to be shown as the help centre would show it."""

    title: Annotated[Plain, Field(max_length=200)] = ""
    text: Article


Question = Annotated[Plain, Field(min_length=1, max_length=300)]
Keyword = Annotated[Plain, Field(min_length=1, max_length=100)]


class WishBody(Body):
    """What is wished of a passage: to be left out, another text, help to be found, to be the first answer."""

    disabled: bool = False
    text: Annotated[Plain, Field(min_length=1, max_length=20_000)] | None = None
    questions: Annotated[tuple[Question, ...], Field(max_length=20)] = ()
    keywords: Annotated[tuple[Keyword, ...], Field(max_length=50)] = ()
    pins: Annotated[tuple[Question, ...], Field(max_length=20)] = ()

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str | None) -> str | None:
        if text is not None and not text.strip():
            raise ValueError("The text may not be empty. To leave the passage out, disable it.")
        return text.strip() if text else None

    @property
    def wish(self) -> Wish:
        """As the store takes it."""
        return Wish(self.disabled, self.text, self.questions, self.keywords, self.pins)


class PassagePlace(Body):
    """A passage as the console showed it: a stretch of a version, in code points, under these headings."""

    document_id: Annotated[Plain, Field(max_length=100)]
    version: Number
    heading: Annotated[Plain, Field(max_length=2000)] = ""
    start: Number
    end: Number

    @property
    def shown(self) -> Shown:
        """As the store takes it."""
        return Shown(self.document_id, self.version, self.heading, self.start, self.end)


class NewOverride(WishBody, PassagePlace):
    """A wish about a passage."""
