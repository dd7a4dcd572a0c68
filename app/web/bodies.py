"""What requests may say. Unknown fields are refused, so that nobody sets what is not theirs to set."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from app.accounts.types import Role, Scope

LARGEST_NUMBER = 2**31 - 1
LARGEST_EXACT = 2**53
"""Up to here a number is the same in every language that reads JSON."""
MOST_FILES = 500


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("A text may not hold a NUL character. Please remove it and send again.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("A text must be valid Unicode; this one holds half a character.") from None
    return text


Plain = Annotated[str, AfterValidator(_storable)]
Name = Annotated[Plain, Field(max_length=100)]
Line = Annotated[Plain, Field(max_length=500)]
Address = Annotated[Plain, Field(max_length=2000)]
Writing = Annotated[Plain, Field(max_length=20_000)]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Whole = Annotated[int, Field(ge=-LARGEST_EXACT, le=LARGEST_EXACT)]
Decimal = Annotated[float, Field(ge=-LARGEST_EXACT, le=LARGEST_EXACT, allow_inf_nan=False)]


class Body(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Customer(Body):
    """What the site says about its visitor. Unproved, and shown as such."""

    id: Line | None = None
    name: Line | None = None
    email: Line | None = None
    attributes: Annotated[dict[Line, Line | bool | Whole | Decimal | None], Field(max_length=50)] = {}


class NewConversation(Body):
    """How a conversation begins."""

    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=20)] = "en"
    page_url: Address | None = None
    customer: Customer | None = None


class Question(Body):
    """A customer's message. How long it may be is for the turn to say."""

    text: Plain
    client_message_id: Annotated[Plain, Field(min_length=1, max_length=100)] | None = None


class Handoff(Body):
    """Why a person is wanted."""

    reason: Line = "The customer asked for a person."


class Contact(Body):
    """Where to write to."""

    email: Annotated[Plain, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class Rating(Body):
    """What a customer thinks of an answer."""

    value: Literal["up", "down"]
    reason: Line | None = None
    comment: Annotated[Plain, Field(max_length=2000)] | None = None


class Credentials(Body):
    """Who wants to sign in."""

    email: Line
    password: Annotated[SecretStr, Field(max_length=1000)]


class Acceptance(Body):
    """Who redeems a link."""

    name: Line
    email: Line
    password: Annotated[SecretStr, Field(max_length=1000)]


class Reply(Body):
    """What a person writes to a customer. `expected_version` is the last event that they had read."""

    text: Writing
    draft_id: Line | None = None
    expected_version: Number | None = None


class Note(Body):
    """What a person writes to colleagues."""

    text: Writing


class DraftVersion(Body):
    """The version of the draft that a person saw."""

    version: Number


class DraftEdit(DraftVersion):
    """A draft as a person would rather have it."""

    text: Writing


class Wish(Body):
    """How a draft should be different."""

    instruction: Line = ""


class Dismissal(Body):
    """Why a draft is of no use."""

    reason: Line = ""


class NewPerson(Body):
    """Somebody who is to come in."""

    email: Line
    name: Line
    role: Role


class NewKey(Body):
    """A key and what it is for."""

    name: Annotated[Plain, Field(min_length=1, max_length=120)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=4)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2999, 12, 31))]


class AuditSearch(Body):
    """Which entries of the audit log are wanted, and from where on."""

    action: Annotated[str, Field(pattern=r"^[a-z_.]*$", max_length=50)] = ""
    text: Annotated[Plain, Field(max_length=100)] = ""
    since: Day | None = None
    until: Day | None = None
    after: Number | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CompletionMessage(BaseModel):
    """One message of a chat, as OpenAI's clients send it."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None


class StreamOptions(BaseModel):
    """Whether the stream tells its usage."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class Completion(BaseModel):
    """A chat completion as OpenAI's clients ask for it; what we do not know is passed over, as they expect."""

    model_config = ConfigDict(extra="ignore")

    model: Line
    messages: Annotated[list[CompletionMessage], Field(min_length=1, max_length=500)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    metadata: dict[str, Any] | None = None
