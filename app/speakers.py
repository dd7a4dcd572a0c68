"""From the settings' models and routes to those who write: the part of the recipe that speaks of providers."""

import os
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass

import httpx

from app.answering.cascading import Writers
from app.database import Database
from app.errors import NotFound, Unavailable
from app.knowledge.types import Vectors
from app.llm.batching.batches import Batches
from app.llm.batching.kept import BatchStore
from app.llm.batching.providers import open_batches
from app.llm.connecting import EXTRACTIVE, ModelChoice, refuse_missing_keys
from app.llm.enrolling import Enrolment
from app.llm.extractive.model import ExtractiveModel, Remembered
from app.llm.extractive.scoring import Embed
from app.llm.keyring.keyring import Keyring, open_keyring
from app.llm.keyring.sealing import Seals
from app.llm.keyring.store import KeyStore
from app.llm.lineup import FALLS_BACK_ON, Lineup, Routes
from app.llm.money.books import Books, refuse_what_cannot_be_limited
from app.llm.money.budget import Allowance, Limits, Terms
from app.llm.money.ledger import Ledger
from app.llm.money.payer import Payer
from app.llm.money.prices import Price
from app.llm.registry import (
    RouteChoice,
    build_models,
    build_route,
    choices_from_keys,
    cost_of,
    default_route,
    led_to_models,
)
from app.llm.resilience.boards import open_board
from app.llm.resilience.keeping import Keeper
from app.llm.resilience.sharing import Sharing, open_sharing
from app.llm.types import Model, Usage
from app.llm.wire.http import open_client
from app.llm.wire.patience import Timeouts
from app.llm.wire.remote import RemoteModel
from app.settings import ModelSettings, Settings


@dataclass(frozen=True, slots=True)
class Speakers:
    """Every model by its name, who writes answers and drafts, what each costs, and who keeps them up."""

    models: Mapping[str, Model]
    choices: Mapping[str, ModelChoice]
    routes: Routes
    answering: Writers
    keeper: Keeper
    sharing: Sharing
    books: Books
    client: httpx.AsyncClient
    enrolment: Enrolment

    @property
    def drafting(self) -> Lineup:
        """Who writes drafts."""
        return self.routes.strong["draft"]

    @property
    def rewriting(self) -> Lineup:
        """Who rewrites follow-up questions; nobody unless a route says so."""
        return self.routes.cheap["rewrite"]

    @property
    def summarising(self) -> Lineup:
        """Who sums conversations up."""
        return self.routes.cheap["summary"]

    @property
    def judging(self) -> Lineup:
        """Who judges past answers."""
        return self.routes.strong["judge"]

    @property
    def last(self) -> Model:
        """The model that needs no provider."""
        return self.models[EXTRACTIVE]

    def batches(self, name: str) -> Batches:
        """What can wait, for this model. Raises `NotFound`."""
        if name not in self.models:
            raise NotFound(f"There is no model “{name}”. These are known: {', '.join(sorted(self.models))}.")
        store = BatchStore(self.books.ledger.database)
        choice = self.choices.get(name, ModelChoice(EXTRACTIVE, EXTRACTIVE))
        return open_batches(store, choice, self.models[name], self.books, self.client, self.enrolment.keyring)

    def price(self, name: str, usage: Usage) -> int:
        """What a call cost, in millionths of a US dollar; nothing where no price is known."""
        cost = cost_of(self.choices[name], usage) if name in self.choices else None
        return cost.micro_usd if cost else 0

    async def close(self) -> None:
        """Stop looking after models, and write down every call."""
        await self.keeper.close()
        await self.sharing.close()
        await self.books.ledger.close()


async def open_keys(settings: Settings, database: Database, workspace_id: str) -> Keyring:
    """The environment, and over it the keys that were stored in the console."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    former = tuple(one.get_secret_value() for one in settings.former_secret_keys)
    return await open_keyring(os.environ, KeyStore(database, workspace_id), Seals(secret, former))


def open_speakers(
    settings: Settings, client: httpx.AsyncClient, embed: Embed, ledger: Ledger, keyring: Keyring
) -> Speakers:
    """The models that the settings name, or those of the keys that are there. Raises `Misconfigured`.

    Around each, from the inside out: what keeps it up, the books, and one call for all who ask the same at a time.
    """
    listed = model_choices(settings, keyring)
    choices = {choice.name: choice for choice in listed}
    books = Books(ledger, Allowance(terms_of(settings)))
    payer, sharing = Payer(keyring.store.workspace_id, "probe"), open_sharing(settings.redis_url)
    keeper = Keeper(open_board(settings.redis_url), book=books.keep, payer=payer)
    refuse_what_cannot_be_limited(terms_of(settings).limits, choices.values())
    refuse_missing_keys(choices.values(), keyring, keyring.stored)

    def keep(model: RemoteModel, choice: ModelChoice) -> Model:
        return sharing(books.keep(keeper(model, choice), choice))

    def build(some: Collection[ModelChoice]) -> dict[str, Model]:
        return build_models(tuple(some), keyring, client, last, keep)

    last = books.keep(ExtractiveModel(Remembered(embed)), ModelChoice(EXTRACTIVE, EXTRACTIVE))
    models = build(listed)
    written = _checked_routes(settings, choices, models, keyring)
    routes, routed = Routes(models, written), "answer" in settings.route
    enrolment = Enrolment(keyring, keeper, models, choices, written, build, not settings.model, routed)
    writers = _writers(routes, last, books.allowance)
    return Speakers(models, choices, routes, writers, keeper, sharing, books, client, enrolment)


def _writers(routes: Routes, last: Model, allowance: Allowance) -> Writers:
    """Who writes answers; what an admin changes holds from the next turn on."""
    return Writers(
        routes.cheap["answer"],
        routes.strong["answer"],
        last,
        when_spent=lambda: allowance.terms.when_spent,
        strong_from=lambda: routes.standing["answer"].strong_from,
    )


async def check_speakers(
    settings: Settings, environment: Mapping[str, str], given_later: Container[str] = ()
) -> tuple[str, ...]:
    """The names of the models, if they, the routes and the budgets can be used. Raises `Misconfigured`."""
    listed = model_choices(settings, environment)
    choices = {choice.name: choice for choice in listed}
    refuse_what_cannot_be_limited(terms_of(settings).limits, listed)
    async with open_client() as client:
        models = build_models(listed, environment, client, ExtractiveModel(_unasked))
    refuse_missing_keys(listed, environment, given_later)
    _checked_routes(settings, choices, models, environment)
    return tuple(models)


def _checked_routes(
    settings: Settings, choices: Mapping[str, ModelChoice], models: Mapping[str, Model], environment: Mapping[str, str]
) -> dict[str, RouteChoice]:
    """The settings' routes, each of models that are there. Raises `Misconfigured`."""
    written: dict[str, RouteChoice] = {
        name: _route(settings, name, choices, environment) for name in {"answer": "", **settings.route}
    }
    for name, choice in written.items():
        build_route(name, choice, models)
    return written


async def _unasked(_texts: list[str]) -> Vectors:
    raise Unavailable


def written_routes(settings: Settings, environment: Mapping[str, str]) -> dict[str, tuple[tuple[str, ...], str | None]]:
    """For each route of the settings whose models they are, in order, and the route that it follows if any."""
    choices = {choice.name: choice for choice in model_choices(settings, environment)}
    told: dict[str, tuple[tuple[str, ...], str | None]] = {}
    for name, other in FALLS_BACK_ON.items():
        if name in settings.route or name == "answer":
            choice = _route(settings, name, choices, environment)
            told[name] = tuple(dict.fromkeys((*choice.cheap, *choice.strong))), None
        else:
            told[name] = told[other][0] if other else (), other
    return told


def terms_of(settings: Settings) -> Terms:
    """The settings' budgets."""
    return Terms(Limits.of(settings.budget.model_dump()), settings.budget.when_exhausted)


def model_choices(settings: Settings, environment: Mapping[str, str]) -> tuple[ModelChoice, ...]:
    """The models that were written down, else those of the provider keys in the environment."""
    return tuple(_choice(one) for one in settings.model) or choices_from_keys(environment)[0]


def _choice(one: ModelSettings) -> ModelChoice:
    fields = one.model_dump(exclude={"price", "timeout"})
    prices = one.price if isinstance(one.price, tuple) else (one.price,) if one.price else ()
    price = tuple(Price(**price.model_dump()) for price in prices)
    return ModelChoice(**fields, price=price or None, timeouts=Timeouts(**one.timeout.model_dump()))


def _route(
    settings: Settings, name: str, choices: Mapping[str, ModelChoice], environment: Mapping[str, str]
) -> RouteChoice:
    if name in settings.route:
        return led_to_models(name, RouteChoice(**settings.route[name].model_dump()), choices)
    return default_route(tuple(choices.values())) if settings.model else choices_from_keys(environment)[1]
