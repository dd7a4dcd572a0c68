"""The audit log as a sheet, for whoever keeps it elsewhere."""

import csv
import io
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.accounts.audit import Sought
from app.web.bodies import AuditSearch
from app.web.identity import Admitted, App

router = APIRouter(prefix="/api/admin", tags=["administration"])
MOST = 50_000
COLUMNS = ("sequence", "at", "actor", "actor_name", "action", "subject", "before", "after", "hash")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@router.get("/audit.csv")
async def export_audit(application: App, caller: Admitted, sought: Annotated[AuditSearch, Query()]) -> Response:
    """The entries that fit the search, newest first, for a spreadsheet. That it was taken is an entry of its own."""
    wanted = Sought(sought.action, sought.text, sought.since, sought.until)
    entries = await application.audit.entries(caller.workspace_id, sought.after, MOST, wanted)
    told = {"entries": len(entries)}
    await application.audit.record(caller.workspace_id, caller.actor, "audit.exported", "audit", after=told)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for entry in entries:
        sheet.writerow([_cell(entry.json()[name]) for name in COLUMNS])
    headers = {"content-disposition": 'attachment; filename="answerdesk-audit.csv"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: Any) -> str:  # noqa: ANN401  # any JSON
    """A spreadsheet takes what begins like a formula for one."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA) else text
