"""Everything that the front door has, put onto the application."""

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from app.web import (
    administration,
    articles,
    audit_sheet,
    budgets,
    corrections,
    customers,
    decisions,
    door,
    drafts,
    entrance,
    gaps,
    health,
    help,  # noqa: A004  # the help centre's pages
    help_search,
    help_texts,
    inbox,
    judging,
    knowledge,
    overrides,
    pages,
    problems,
    provider_keys,
    pushed,
    reviews,
    runs,
    snapshots,
    sources,
    spending,
    tasks,
    templates,
    ui_door,
)
from app.web.identity import admitted
from app.web.protection import Guard, Protection

ROUTERS = (
    health.router,
    customers.router,
    entrance.router,
    inbox.router,
    drafts.router,
    knowledge.searching,
    knowledge.router,
    sources.router,
    pushed.router,
    snapshots.router,
    reviews.router,
    corrections.router,
    runs.router,
    articles.router,
    overrides.router,
    administration.router,
    audit_sheet.router,
    decisions.router,
    judging.router,
    judging.saying,
    spending.router,
    budgets.router,
    provider_keys.router,
    tasks.router,
    gaps.router,
    door.router,
    ui_door.router,
    pages.router,
    help_search.router,
    help_texts.router,
    help.router,
)


def mount(app: FastAPI, guard: Guard) -> None:
    """Add the routes, each under its rule, and what every request passes."""
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(admitted)], generate_unique_id_function=_name)
    problems.register(app)
    templates.mount(app)
    app.state.registry = guard.registry
    app.state.turns_running = health.register_figures(guard.registry)
    app.add_middleware(Protection, guard=guard)


def _name(route: APIRoute) -> str:
    """What an operation is called in the OpenAPI description, which must not change when an address does."""
    return route.name
