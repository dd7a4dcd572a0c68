"""What requests about snapshots may say."""

from typing import Annotated, Literal

from pydantic import Field

from app.insight.reviewing.foreseeing import Change as Impact
from app.knowledge.comparing.differences import Change
from app.web.bodies import Body, Line, Name, Number, Plain


class DiffSearch(Body):
    """Which documents that differ are wanted: against which snapshot, how they differ, and from where on."""

    against: Name | None = None
    change: Change = "changed"
    words: Name = ""
    after: Name = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class RowSearch(Body):
    """Which passages of a document that differs are wanted."""

    against: Name | None = None
    after: Number = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class Publishing(Body):
    """Whether a snapshot is to answer although a review found reasons against it."""

    anyway: bool = False


class ImpactSearch(Body):
    """Which questions whose answer changes are wanted, and from where on."""

    change: Impact | None = None
    after: Number = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CorrectionSearch(Body):
    """Which corrections are wanted: how far they are, about which document or words, and from which row on."""

    state: Literal["open", "sent", "discarded", "dismissed", "withdrawn"] = "open"
    document_id: Name = ""
    words: Name = ""
    after: Number = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NewProbe(Body):
    """A question that must keep working: the id or the address of the document to be found, or no answer at all."""

    question: Annotated[Plain, Field(min_length=1, max_length=1000)]
    expects: Literal["document", "url", "no_answer"]
    value: Line = ""


class NewPublishRule(Body):
    """When the runs of a source may publish by themselves; a share of null is no limit."""

    publish: Literal["always", "checks", "never"] = "checks"
    vanished: Annotated[float, Field(ge=0, le=1)] | None = 0.2
    impact: Annotated[float, Field(ge=0, le=1)] | None = None
    probes: bool = True
