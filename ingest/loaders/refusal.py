"""What a loader says when it cannot read something."""

from typing import NamedTuple

from app.errors import Invalid


class Unreadable(Invalid):
    """This file cannot be read."""


class Refused(NamedTuple):
    """One row of a file that could not be read, while others could."""

    name: str
    reason: str
