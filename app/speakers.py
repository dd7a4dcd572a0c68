"""From the settings' models and routes to those who write: the part of the recipe that speaks of providers."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from app.answering.cascading import Writers
from app.llm.boards import open_board
from app.llm.connecting import EXTRACTIVE, ModelChoice
from app.llm.extractive.model import ExtractiveModel, Remembered
from app.llm.extractive.scoring import Embed
from app.llm.http import Timeouts
from app.llm.keeping import Keeper
from app.llm.prices import Price
from app.llm.registry import (
    Route,
    RouteChoice,
    build_models,
    build_route,
    choices_from_keys,
    cost_of,
    default_route,
)
from app.llm.sharing import Shared
from app.llm.types import Model, Usage
from app.settings import ModelSettings, Settings


@dataclass(frozen=True, slots=True)
class Speakers:
    """Every model by its name, who writes answers, who writes drafts, what each costs, and who keeps them up."""

    models: Mapping[str, Model]
    choices: Mapping[str, ModelChoice]
    answering: Writers
    drafting: tuple[Model, ...]
    keeper: Keeper

    @property
    def last(self) -> Model:
        """The model that needs no provider."""
        return self.models[EXTRACTIVE]

    def price(self, name: str, usage: Usage) -> int:
        """What a call cost, in millionths of a US dollar; nothing where no price is known."""
        cost = cost_of(self.choices[name], usage) if name in self.choices else None
        return cost.micro_usd if cost else 0


def open_speakers(settings: Settings, client: httpx.AsyncClient, embed: Embed) -> Speakers:
    """The models that the settings name, or those of the keys in the environment. Raises `Misconfigured`."""
    choices = {choice.name: choice for choice in model_choices(settings)}
    keeper = Keeper(open_board(settings.redis_url))
    models = build_models(tuple(choices.values()), os.environ, client, ExtractiveModel(Remembered(embed)), keeper)
    answer = build_route("answer", _route(settings, "answer", choices), models)
    draft = build_route("draft", _route(settings, "draft", choices), models)
    last = models[EXTRACTIVE]
    drafting = tuple(model for model in _in_order(draft.strong) if model is not last)
    return Speakers(models, choices, _writers(answer, last), drafting, keeper)


def model_choices(settings: Settings) -> tuple[ModelChoice, ...]:
    """The models that were written down, else those of the provider keys in the environment."""
    return tuple(_choice(one) for one in settings.model) or choices_from_keys(os.environ)[0]


def _choice(one: ModelSettings) -> ModelChoice:
    fields = one.model_dump(exclude={"price", "timeout"})
    price = Price(**one.price.model_dump()) if one.price else None
    return ModelChoice(**fields, price=price, timeouts=Timeouts(**one.timeout.model_dump()))


def _route(settings: Settings, name: str, choices: Mapping[str, ModelChoice]) -> RouteChoice:
    if name in settings.route:
        return RouteChoice(settings.route[name].cheap, settings.route[name].strong)
    if "answer" in settings.route:
        return _route(settings, "answer", choices)
    return default_route(tuple(choices.values())) if settings.model else choices_from_keys(os.environ)[1]


def _writers(answer: Route, last: Model) -> Writers:
    """Those of the answer route, each under its name once, so that turns that ask the same listen to one call."""
    lists = [[one for one in _in_order(route) if one.name != last.name] for route in (answer.cheap, answer.strong)]
    shared = {model.name: Shared(model) for models in lists for model in models}
    cheap, strong = (tuple(shared[model.name] for model in models) for models in lists)
    return Writers(cheap, strong, last)


def _in_order(route: Model) -> tuple[Model, ...]:
    """The models of a route one by one: a turn changes hands between sentences, which no wrapper could."""
    return getattr(route, "models", (route,))
