"""How corrections are shown: operations on a session, for their store."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlmodel import Session, col

from app.answering.wording import wording
from app.conversations.tables import ConversationRow, DraftRow
from app.errors import NotFound
from app.insight.correcting.tables import CorrectionRow, ToldRow
from app.insight.correcting.telling import Span, correction_of

State = Literal["open", "sent", "discarded", "dismissed", "withdrawn"]
_resolved = case((col(ConversationRow.status) == "resolved", 1), else_=0)
_draft = col(DraftRow.id) == col(CorrectionRow.draft_id)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which corrections are wanted: how far they are, about which document or words, and from which row on."""

    state: State = "open"
    document_id: str = ""
    words: str = ""
    after: int = 0
    limit: int = 50


def rows(session: Session, workspace_id: str, sought: Sought) -> list[dict[str, Any]]:
    """Open conversations first, then the newest."""
    columns: tuple[Any, ...] = (
        CorrectionRow,
        ConversationRow,
        col(DraftRow.state).label("draft_state"),
        col(DraftRow.version),
    )
    query = (
        select(*columns)
        .join(ConversationRow, col(ConversationRow.id) == col(CorrectionRow.conversation_id))
        .outerjoin(DraftRow, _draft)
        .where(col(CorrectionRow.workspace_id) == workspace_id, _is(sought.state), _about(sought))
        .order_by(_resolved, col(CorrectionRow.id).desc())
        .offset(sought.after)
        .limit(sought.limit)
    )
    found = session.execute(query).all()
    spans = spans_of(session, [row[0].id for row in found])
    return [_json(row, spans.get(row[0].id, [])) for row in found]


def counts(session: Session, workspace_id: str) -> dict[str, int]:
    """By how far they are."""
    states: tuple[State, ...] = ("open", "sent", "discarded", "dismissed", "withdrawn")
    mine = col(CorrectionRow.workspace_id) == workspace_id
    base = select(func.count()).select_from(CorrectionRow).outerjoin(DraftRow, _draft)
    return {state: session.execute(base.where(mine, _is(state))).scalar_one() for state in states}


def _is(state: State) -> ColumnElement[bool]:
    if state in ("dismissed", "withdrawn"):
        return col(CorrectionRow.state) == state
    still = col(CorrectionRow.state) == "open"
    if state == "open":
        return still & or_(col(DraftRow.state).is_(None), col(DraftRow.state) == "ready")
    return still & (
        col(DraftRow.state) == "sent" if state == "sent" else col(DraftRow.state).in_(("discarded", "stale"))
    )


def _about(sought: Sought) -> ColumnElement[bool]:
    conditions = [col(ToldRow.correction_id) == col(CorrectionRow.id)]
    if sought.document_id:
        conditions.append(col(ToldRow.document_id) == sought.document_id)
    for word in sought.words.split():
        places = (ToldRow.title, ToldRow.quote, ToldRow.now_quote)
        conditions.append(or_(*(col(place).icontains(word, autoescape=True) for place in places)))
    return select(col(ToldRow.message_id)).where(and_(true(), *conditions)).exists()


def _json(row: Any, spans: Sequence[Span]) -> dict[str, Any]:  # noqa: ANN401  # a row of the query above
    correction, conversation = row[0], row[1]
    return {
        "id": correction.id,
        "conversation_id": conversation.id,
        "subject": conversation.subject,
        "status": conversation.status,
        "locale": conversation.locale,
        "snapshot_id": correction.snapshot_id,
        "state": correction.state,
        "draft": {"id": correction.draft_id, "state": row[2], "version": row[3]} if correction.draft_id else None,
        "text": correction_of(spans, wording(conversation.locale))[0],
        "created_at": correction.created_at.isoformat(),
        "spans": [asdict(one) for one in spans],
    }


def spans_of(session: Session, correction_ids: Sequence[str]) -> dict[str, list[Span]]:
    """What each of these corrections is about."""
    order = (col(ToldRow.message_id), col(ToldRow.document_id), col(ToldRow.start))
    mine = select(ToldRow).where(col(ToldRow.correction_id).in_(correction_ids)).order_by(*order)
    found: dict[str, list[Span]] = {}
    for row in session.execute(mine).scalars():
        found.setdefault(row.correction_id, []).append(
            Span(**{one.name: getattr(row, one.name) for one in fields(Span)})
        )
    return found


def open_spans(session: Session, workspace_id: str) -> dict[str, list[Span]]:
    """Of corrections of which nothing was sent."""
    mine = (col(CorrectionRow.workspace_id) == workspace_id) & _is("open")
    return spans_of(
        session, list(session.execute(select(col(CorrectionRow.id)).outerjoin(DraftRow, _draft).where(mine)).scalars())
    )


def undrafted(session: Session, workspace_id: str, limit: int) -> list[str]:
    """Open corrections without a draft in conversations that go on."""
    query = select(col(CorrectionRow.id)).join(
        ConversationRow, col(ConversationRow.id) == col(CorrectionRow.conversation_id)
    )
    mine = (col(CorrectionRow.workspace_id) == workspace_id) & (col(CorrectionRow.state) == "open")
    goes_on = col(CorrectionRow.draft_id).is_(None) & (col(ConversationRow.status) != "resolved")
    return list(
        session.execute(query.where(mine, goes_on).order_by(col(CorrectionRow.id).desc()).limit(limit)).scalars()
    )


def own(session: Session, workspace_id: str, correction_id: str) -> CorrectionRow:
    """A correction of this workspace; another's looks like none at all."""
    row = session.get(CorrectionRow, correction_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such correction.")
    return row
