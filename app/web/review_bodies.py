"""What requests about snapshots may say."""

from typing import Annotated

from pydantic import Field

from app.knowledge.comparing.differences import Change
from app.web.bodies import Body, Name, Number


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
