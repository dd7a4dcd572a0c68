"""What requests about the policy and about answers may say."""

from typing import Annotated

from pydantic import Field

from app.web.bodies import Body, Decimal, Line, Number

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
