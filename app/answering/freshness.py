"""Whether what an answer rests on is past the day on which somebody wanted to look at it again.

A rule, and no part of the probability: no labels say how much likelier an answer is wrong because its article is old,
and a weight that was thought up would spoil a number that is measured. The day itself is a fact that its owner wrote
down. So the answer stands, with a caveat that names the day. A document without a review date is never overdue,
however old: that a text is old says nothing about the thing it describes.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import date

from app.answering.events import Citation
from app.errors import NotFound
from app.knowledge.reviews import review_of
from app.knowledge.types import DocumentVersion

Versions = Callable[[str, str, int], Awaitable[DocumentVersion]]
"""A version of a document of a workspace. Raises `NotFound` when it is gone."""


async def overdue(versions: Versions, workspace_id: str, cited: Collection[Citation], today: date) -> tuple[str, ...]:
    """The review days of cited documents that have passed, the earliest first, as 2026-01-31."""
    places = {(one.document_id, one.version) for one in cited}
    due = [await _due(versions, workspace_id, *place) for place in places]
    return tuple(sorted({one.isoformat() for one in due if one and one < today}))


async def _due(versions: Versions, workspace_id: str, document_id: str, number: int) -> date | None:
    try:
        return review_of((await versions(workspace_id, document_id, number)).front_matter)
    except NotFound:
        return None  # erased since: then nothing is known of it


async def undated(*_: str | int) -> DocumentVersion:
    """Where no versions are kept."""
    raise NotFound
