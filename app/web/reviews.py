"""What a snapshot would change in answers, and the questions that must keep working, under an admin's hands."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.insight.reviewing.probes import json_of as probe_json
from app.insight.reviewing.rule import PublishRule
from app.web.identity import Admitted, App
from app.web.once import OnceRoute
from app.web.replies import json_of, nothing
from app.web.review_bodies import ImpactSearch, NewProbe, NewPublishRule

router = APIRouter(prefix="/api/admin", tags=["snapshots"], route_class=OnceRoute)


@router.get("/snapshots/{snapshot_id}/review")
async def read_review(application: App, caller: Admitted, snapshot_id: str) -> Response:
    """What the review of a snapshot found, or how far it is; `review` is null when there was none."""
    await application.library.snapshots.get(caller.workspace_id, snapshot_id)
    return json_of({"review": await application.reviews.view(caller.workspace_id, snapshot_id)})


@router.post("/snapshots/{snapshot_id}/review", status_code=202)
async def start_review(application: App, caller: Admitted, snapshot_id: str) -> Response:
    """Replay probe questions and recent questions against this snapshot and the published one."""
    await application.library.snapshots.get(caller.workspace_id, snapshot_id)
    await application.reviews.queue(caller.workspace_id, snapshot_id)
    payload = {"workspace_id": caller.workspace_id, "snapshot_id": snapshot_id}
    await asyncio.to_thread(application.jobs.enqueue, "review", payload)
    subject = f"snapshot:{snapshot_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "snapshot.review_started", subject)
    return json_of({"review": await application.reviews.view(caller.workspace_id, snapshot_id)}, 202)


@router.post("/snapshots/{snapshot_id}/review/stop")
async def stop_review(application: App, caller: Admitted, snapshot_id: str) -> Response:
    """Ask a review to stop. The snapshot stays as it is."""
    await application.reviews.cancel(caller.workspace_id, snapshot_id)
    subject = f"snapshot:{snapshot_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "snapshot.review_stopped", subject)
    return json_of({"review": await application.reviews.view(caller.workspace_id, snapshot_id)})


@router.get("/snapshots/{snapshot_id}/impact")
async def list_impact(
    application: App, caller: Admitted, snapshot_id: str, sought: Annotated[ImpactSearch, Query()]
) -> Response:
    """Questions whose answer would change, the gravest and most often asked first."""
    place = (caller.workspace_id, snapshot_id)
    rows = await application.reviews.affected(*place, sought.change, sought.after, sought.limit)
    return json_of({"data": rows, "next": rows[-1]["position"] if len(rows) == sought.limit else None})


@router.get("/publish-rules")
async def list_publish_rules(application: App, caller: Admitted) -> Response:
    """When the runs of each source may publish by themselves."""
    rules = await application.reviews.publish_rules(caller.workspace_id)
    rows = [{"id": one.id, "source": one.name, **PublishRule.of(one.stored).json()} for one in rules]
    return json_of({"data": rows, "next": None})


@router.put("/sources/{source_id}/publish-rule")
async def change_publish_rule(application: App, caller: Admitted, source_id: str, body: NewPublishRule) -> Response:
    """Say when the runs of a source may publish by themselves."""
    rule = PublishRule.of(body.model_dump())
    before = await application.reviews.set_publish_rule(caller.workspace_id, source_id, rule.json())
    sides = {"before": PublishRule.of(before).json(), "after": rule.json()}
    subject = f"source:{source_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "source.publish_rule_changed", subject, **sides)
    return json_of({"id": source_id, **rule.json()})


@router.get("/probes")
async def list_probes(application: App, caller: Admitted) -> Response:
    """The questions that must keep working."""
    probes = await application.probes.all(caller.workspace_id)
    return json_of({"data": [probe_json(one) for one in probes], "next": None})


@router.post("/probes", status_code=201)
async def add_probe(application: App, caller: Admitted, body: NewProbe) -> Response:
    """Keep another question that must keep working."""
    probe = await application.probes.add(caller.workspace_id, body.model_dump())
    told = probe_json(probe)
    await application.audit.record(caller.workspace_id, caller.actor, "probe.added", f"probe:{probe.id}", after=told)
    return json_of(told, 201)


@router.put("/probes/{probe_id}")
async def change_probe(application: App, caller: Admitted, probe_id: str, body: NewProbe) -> Response:
    """Change a question that must keep working, or what is expected of it."""
    before, after = await application.probes.change(caller.workspace_id, probe_id, body.model_dump())
    sides = {"before": probe_json(before), "after": probe_json(after)}
    await application.audit.record(caller.workspace_id, caller.actor, "probe.changed", f"probe:{probe_id}", **sides)
    return json_of(probe_json(after))


@router.delete("/probes/{probe_id}", status_code=204)
async def remove_probe(application: App, caller: Admitted, probe_id: str) -> Response:
    """This question need no longer work."""
    before = probe_json(await application.probes.remove(caller.workspace_id, probe_id))
    subject = f"probe:{probe_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "probe.removed", subject, before=before)
    return nothing()
