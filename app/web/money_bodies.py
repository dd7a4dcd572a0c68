"""What requests about models and money may say."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from app.web.bodies import LARGEST_NUMBER, Body, Line, Plain

Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class NewRoute(Body):
    """Names of models in the order in which they are tried. What may stand in a route, the route says."""

    cheap: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    strong: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    strong_from: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None


class NewBudgets(Body):
    """What may be spent, in US dollars; nothing means no limit. The names are those of `[budget]` in the settings."""

    workspace_daily_usd: Dollars | None = None
    workspace_monthly_usd: Dollars | None = None
    route_daily_usd: Annotated[dict[Line, Dollars], Field(max_length=20, default_factory=dict)]
    customer_daily_usd: Dollars | None = None
    conversation_usd: Dollars | None = None
    turn_tokens: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    when_exhausted: Literal["extractive", "handoff"] = "extractive"


class ModelTest(Body):
    """What a model is asked for a test."""

    prompt: Annotated[Plain, Field(min_length=1, max_length=500)] = "What is the capital of France?"


class NewProviderKey(Body):
    """A provider's key, on its only way in."""

    key: Annotated[SecretStr, Field(min_length=1, max_length=4_000)]
