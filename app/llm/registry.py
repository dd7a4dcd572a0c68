"""From the models and routes that an admin wrote down to models that answer, or a sentence that says what is wrong."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import httpx

from app.errors import Misconfigured
from app.llm.dialect import Dialect, Endpoint
from app.llm.dialects.anthropic import Anthropic
from app.llm.dialects.azure_openai import AzureOpenAI
from app.llm.dialects.gemini import Gemini
from app.llm.dialects.openai_chat import OpenAIChat
from app.llm.dialects.openai_responses import OpenAIResponses
from app.llm.gateway import FirstAvailable, Retried
from app.llm.http import Timeouts
from app.llm.prices import Cost, Price, cost
from app.llm.remote import RemoteModel
from app.llm.types import Model, Usage

EXTRACTIVE = "extractive"
Again = Callable[[Model], Model]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One `[[model]]`: our name for it, how it is spoken to, and what it costs. Times are seconds."""

    name: str
    dialect: str
    id: str = ""
    base_url: str | None = None
    api: str = "chat"
    stream: bool = True
    api_key_env: str | None = None
    max_output_tokens: int = 800
    price: Price | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """One `[route.…]`: names of models in the order in which they are tried."""

    cheap: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Who writes when the question is easy, and who when it is hard."""

    cheap: Model
    strong: Model


@dataclass(frozen=True, slots=True)
class Speaker:
    """A wire format as it is offered in the settings: where its provider lives and how its key and prices are found."""

    dialect: Dialect
    base_url: str | None = None
    key_env: str | None = None
    price_list: str | None = None


_SPEAKERS: dict[str, Speaker] = {
    "openai-chat": Speaker(OpenAIChat(), "https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
    "openai-compatible": Speaker(OpenAIChat(limit_name="max_tokens", stream_options={"include_usage": True})),
    "openai-responses": Speaker(OpenAIResponses(), "https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
    "azure-openai": Speaker(
        AzureOpenAI(OpenAIChat(stream_options={"include_usage": True})), None, "AZURE_OPENAI_API_KEY", "azure"
    ),
    "anthropic": Speaker(Anthropic(), "https://api.anthropic.com", "ANTHROPIC_API_KEY", "anthropic"),
    "gemini": Speaker(Gemini(), "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", "google"),
    "mistral": Speaker(
        OpenAIChat(limit_name="max_tokens", seed_name="random_seed", stream_options=None),
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        "mistral",
    ),
}
_AZURE_RESPONSES = AzureOpenAI(OpenAIResponses(stream_options=None))
READY = tuple(_SPEAKERS)
_NOT_YET = ("bedrock",)

# The provider's small and large model for whoever sets a key and nothing else. Their ids are in genai-prices, so that
# their cost is known; 2,000 tokens leave room for reasoning, which counts as output.
_BY_KEY: tuple[tuple[str, str, str, str], ...] = (
    ("OPENAI_API_KEY", "openai-chat", "gpt-6-luna", "gpt-6.1-terra"),
    ("ANTHROPIC_API_KEY", "anthropic", "claude-haiku-5-5", "claude-sonnet-5-5"),
    ("GEMINI_API_KEY", "gemini", "gemini-3.8-flash", "gemini-4-argon"),
    ("MISTRAL_API_KEY", "mistral", "mistral-small-latest", "mistral-medium-latest"),
)


def dialect_named(name: str, api: str = "chat") -> Dialect:
    """The wire format of this name. `api` tells Azure's two apart. Raises `Misconfigured`."""
    dialect = _speaker(name, "").dialect
    return _AZURE_RESPONSES if name == "azure-openai" and api == "responses" else dialect


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


def build_models(
    choices: Sequence[ModelChoice],
    environment: Mapping[str, str],
    client: httpx.AsyncClient,
    extractive: Model,
) -> dict[str, Model]:
    """Every model by its name; `extractive` is always among them. Raises `Misconfigured` with what to mend."""
    models: dict[str, Model] = {EXTRACTIVE: extractive}
    for number, choice in enumerate(choices, 1):
        place = f'[[model]] number {number}, "{choice.name}"'
        if choice.name in models and choice.dialect != EXTRACTIVE:
            raise Misconfigured(f"{place}: this name is taken already. Give each model a name of its own.")
        local = choice.dialect == EXTRACTIVE
        models[choice.name] = extractive if local else _remote(choice, environment, client, place)
    return models


def build_route(name: str, choice: RouteChoice, models: Mapping[str, Model], again: Again = Retried) -> Route:
    """Each list tried in order, each model asked again when that helps, the extractive model last.

    An empty list takes the other's models. Raises `Misconfigured` for a name that is no model.
    """
    cheap, strong = choice.cheap or choice.strong, choice.strong or choice.cheap
    return Route(
        _in_order(f"[route.{name}] cheap", cheap, models, again),
        _in_order(f"[route.{name}] strong", strong, models, again),
    )


def default_route(choices: Sequence[ModelChoice]) -> RouteChoice:
    """The route of whoever wrote down models but no route: all of them, in the order in which they stand."""
    names = tuple(choice.name for choice in choices)
    return RouteChoice(names, names)


def cost_of(choice: ModelChoice, usage: Usage) -> Cost | None:
    """What this usage of this model costs; None when its price is not known. The extractive model costs nothing."""
    if choice.dialect == EXTRACTIVE:
        return Cost(Decimal(0), "settings")
    return cost(usage, choice.id, _SPEAKERS[choice.dialect].price_list or choice.base_url, choice.price)


def _in_order(place: str, names: tuple[str, ...], models: Mapping[str, Model], again: Again) -> Model:
    unknown = [name for name in names if name not in models]
    if unknown:
        raise Misconfigured(
            f'{place} names "{unknown[0]}", which is no [[model]]. Name one of these: {", ".join(sorted(models))}.'
        )
    providers = [again(models[name]) for name in dict.fromkeys(names) if models[name] is not models[EXTRACTIVE]]
    return FirstAvailable((*providers, models[EXTRACTIVE]))


def _remote(choice: ModelChoice, environment: Mapping[str, str], client: httpx.AsyncClient, place: str) -> RemoteModel:
    speaker = _speaker(choice.dialect, place)
    if not choice.id:
        raise Misconfigured(f"{place}: id is missing. Set it to the provider's name of the model.")
    endpoint = Endpoint(
        id=choice.id,
        base_url=_base_url(choice, speaker, place),
        api_key=_key(choice, speaker, environment, place),
        max_output_tokens=choice.max_output_tokens,
    )
    dialect = dialect_named(choice.dialect, choice.api)
    return RemoteModel(choice.name, endpoint, dialect, client, choice.stream, choice.timeouts)


def _speaker(name: str, place: str) -> Speaker:
    if name in _SPEAKERS:
        return _SPEAKERS[name]
    why = "is not supported yet" if name in _NOT_YET else "is unknown"
    usable = ", ".join([*READY, EXTRACTIVE])
    raise Misconfigured(f'{place}: the dialect "{name}" {why}. Use one of these: {usable}.'.removeprefix(": "))


def _base_url(choice: ModelChoice, speaker: Speaker, place: str) -> str:
    url = (choice.base_url or speaker.base_url or "").rstrip("/")
    if not url:
        raise Misconfigured(f"{place}: base_url is missing. Set it to the server's address, up to and including v1.")
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", url):
        raise Misconfigured(f'{place}: base_url "{url}" is no web address. It begins with https:// or http://.')
    return url


def _key(choice: ModelChoice, speaker: Speaker, environment: Mapping[str, str], place: str) -> str | None:
    """A server of one's own may need no key; the provider's own does."""
    name = choice.api_key_env or speaker.key_env
    key = environment.get(name, "").strip() if name else ""
    needed = bool(choice.api_key_env or (name and not choice.base_url))
    if needed and not key:
        raise Misconfigured(f"{place}: the environment variable {name} is not set. Put the provider's key in it.")
    if not key.isascii() or not key.isprintable():
        raise Misconfigured(f"{place}: the key in {name} holds characters that no key has. Copy it again.")
    return key or None
