"""What requests about the policy and about answers may say."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from app.answering.events import DecisionName
from app.insight.decisions.listing import Reason
from app.web.bodies import Body, Decimal, Line, Name, Number

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _named(text: str) -> str:
    if text and not _ID.fullmatch(text):
        raise ValueError("“after” is not the id of a decision. Take it from “next” of the page before.")
    return text


Spans = Annotated[list[Line], Field(max_length=10)]


class PolicyChange(Body):
    """Parts of a policy; what they may be, the policy says. `version` is the one that the admin saw."""

    max_wrong: Decimal | None = None
    caveat_from: Decimal | None = None
    never_auto: Annotated[list[Line], Field(max_length=200)] | None = None
    office_hours: (
        Annotated[dict[Line, Line | Annotated[list[Line], Field(max_length=10)]], Field(max_length=8)] | None
    ) = None
    version: Number | None = None


class AnswerVerdict(Body):
    """Whether an answer of the bot was right."""

    right: bool


class DecisionSearch(Body):
    """Which decisions are wanted, and from where on. `last` asks for so many, each computed again."""

    outcome: DecisionName | None = None
    reason: Reason | None = None
    least: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    most: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    words: Name = ""
    days: Annotated[int, Field(ge=1, le=366)] = 90
    after: Annotated[str, AfterValidator(_named)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    last: Annotated[int, Field(ge=1, le=2000)] | None = None
