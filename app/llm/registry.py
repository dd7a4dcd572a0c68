"""From the models and routes that an admin wrote down to models that answer, or a sentence that says what is wrong."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import httpx

from app.database import now
from app.errors import Misconfigured
from app.llm.connecting import EXTRACTIVE, ModelChoice, connected, price_list
from app.llm.money.payer import PURPOSES
from app.llm.money.prices import Cost, cost, in_force
from app.llm.resilience.falling_back import FirstAvailable
from app.llm.types import Model, Usage
from app.llm.wire.remote import RemoteModel

Keep = Callable[[RemoteModel, ModelChoice], Model]
STRONG_FROM = 0.5
"""The difficulty from which a question goes to the strong models, unless somebody chooses another: a point of
docs/benchmarks/cost-quality.svg, which `python -m benchmarks.costs` draws."""


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """One `[route.…]`: names of models in the order in which they are tried.

    `strong_from` is the predicted difficulty, in [0, 1], from which the strong come first.
    """

    cheap: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    strong_from: float = STRONG_FROM


@dataclass(frozen=True, slots=True)
class Route:
    """Who writes when the question is easy, and who when it is hard."""

    cheap: Model
    strong: Model


# The provider's small and large model for whoever sets a key and nothing else. Their ids are in genai-prices, so that
# their cost is known; 2,000 tokens leave room for reasoning, which counts as output.
_BY_KEY: tuple[tuple[str, str, str, str], ...] = (
    ("OPENAI_API_KEY", "openai-chat", "gpt-6-luna", "gpt-6.1-terra"),
    ("ANTHROPIC_API_KEY", "anthropic", "claude-haiku-5-5", "claude-sonnet-5-5"),
    ("GEMINI_API_KEY", "gemini", "gemini-3.8-flash", "gemini-4-argon"),
    ("MISTRAL_API_KEY", "mistral", "mistral-small-latest", "mistral-medium-latest"),
)
KEYS = tuple(name for name, *_ in _BY_KEY)
"""The keys that bring models of their own."""


def choices_from_keys(environment: Mapping[str, str]) -> tuple[tuple[ModelChoice, ...], RouteChoice]:
    """The models and the route of whoever wrote down none: those of the provider keys in the environment."""
    found = [entry for entry in _BY_KEY if environment.get(entry[0])]
    models = [
        ModelChoice(name=model, dialect=dialect, id=model, api_key_env=key, max_output_tokens=2000)
        for key, dialect, *pair in found
        for model in pair
    ]
    route = RouteChoice(tuple(small for *_, small, _ in found), tuple(large for *_, large in found))
    return tuple(models), route


def alone(model: RemoteModel, _: ModelChoice) -> Model:
    """The model as it is."""
    return model


def build_models(
    choices: Sequence[ModelChoice],
    environment: Mapping[str, str],
    client: httpx.AsyncClient,
    extractive: Model,
    keep: Keep = alone,
) -> dict[str, Model]:
    """Every model by its name; `extractive` is always among them. Raises `Misconfigured` with what to mend.

    A provider's model is built from the inside out: `RemoteModel`, then what `keep` puts around it (`keeping.Keeper`:
    paced, watched, asked again). Routes put models in order and nothing around them.
    """
    models: dict[str, Model] = {EXTRACTIVE: extractive}
    for number, choice in enumerate(choices, 1):
        place = f'[[model]] number {number}, "{choice.name}"'
        if choice.name in models and choice.dialect != EXTRACTIVE:
            raise Misconfigured(f"{place}: this name is taken already. Give each model a name of its own.")
        local = choice.dialect == EXTRACTIVE
        models[choice.name] = extractive if local else keep(connected(choice, environment, client, place), choice)
    return models


def build_route(name: str, choice: RouteChoice, models: Mapping[str, Model]) -> Route:
    """Each list tried in order, the extractive model last.

    An empty list takes the other's models. Raises `Misconfigured` for a name that is no model.
    """
    cheap, strong = choice.cheap or choice.strong, choice.strong or choice.cheap
    return Route(
        _in_order(f"[route.{name}] cheap", cheap, models),
        _in_order(f"[route.{name}] strong", strong, models),
    )


def led_to_models(name: str, choice: RouteChoice, models: Collection[str]) -> RouteChoice:
    """A route that was written down, if it names models and no other routes. Raises `Misconfigured`."""
    if not choice.cheap and not choice.strong:
        raise Misconfigured(f'[route.{name}] is empty. Name at least one model; "{EXTRACTIVE}" needs no provider.')
    for kind, names in (("cheap", choice.cheap), ("strong", choice.strong)):
        for one in names:
            if one in PURPOSES and one not in models:
                raise Misconfigured(
                    f'[route.{name}] {kind} names the route "{one}": routes cannot lead to routes. Name models instead.'
                )
    return choice


def default_route(choices: Sequence[ModelChoice]) -> RouteChoice:
    """The route of whoever wrote down models but no route: all of them, in the order in which they stand."""
    names = tuple(choice.name for choice in choices)
    return RouteChoice(names, names)


def cost_of(choice: ModelChoice, usage: Usage, day: date | None = None) -> Cost | None:
    """What this usage of this model costs on this day, today if none is said; None when its price is not known.

    The extractive model costs nothing.
    """
    if choice.dialect == EXTRACTIVE:
        return Cost(Decimal(0), "settings")
    return cost(usage, choice.id, price_list(choice), in_force(choice.price, day or now().date()), day)


def _in_order(place: str, names: tuple[str, ...], models: Mapping[str, Model]) -> Model:
    unknown = [name for name in names if name not in models]
    if unknown:
        raise Misconfigured(
            f'{place} names "{unknown[0]}", which is no [[model]]. Name one of these: {", ".join(sorted(models))}.'
        )
    providers = [models[name] for name in dict.fromkeys(names) if models[name] is not models[EXTRACTIVE]]
    return FirstAvailable((*providers, models[EXTRACTIVE]))
