"""One model that an admin wrote down becomes one that can be asked, or a sentence that says what is missing."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

import httpx

from app.errors import Misconfigured
from app.llm.dialects.anthropic import Anthropic
from app.llm.dialects.azure_openai import AzureOpenAI
from app.llm.dialects.bedrock import Bedrock
from app.llm.dialects.gemini import Gemini
from app.llm.dialects.openai_chat import OpenAIChat
from app.llm.dialects.openai_responses import OpenAIResponses
from app.llm.money.prices import Prices
from app.llm.wire.dialect import Dialect, Endpoint
from app.llm.wire.patience import Timeouts
from app.llm.wire.remote import KeySource, RemoteModel
from app.llm.wire.signing import Credentials, Signed

EXTRACTIVE = "extractive"


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
    price: Prices = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """A wire format as it is offered in the settings: where its provider lives and how its key and prices are found."""

    dialect: Dialect
    base_url: str | None = None
    key_env: str | None = None
    price_list: str | None = None


_SPEAKERS: dict[str, Speaker] = {
    "openai-chat": Speaker(OpenAIChat(), "https://api.openai.com/v1", "OPENAI_API_KEY", "openai"),
    "openai-compatible": Speaker(
        OpenAIChat(limit_name="max_tokens", stream_options={"include_usage": True}, knows_cache_key=False)
    ),
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
    "bedrock": Speaker(Bedrock(), None, "AWS_BEARER_TOKEN_BEDROCK", "aws"),
}
_AZURE_RESPONSES = AzureOpenAI(OpenAIResponses(stream_options=None))
READY = tuple(_SPEAKERS)
_ACCESS_KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


def dialect_named(name: str, api: str = "chat") -> Dialect:
    """The wire format of this name. `api` tells Azure's two apart. Raises `Misconfigured`."""
    dialect = _speaker(name, "").dialect
    return _AZURE_RESPONSES if name == "azure-openai" and api == "responses" else dialect


_ADDED = ("/chat/completions", "/responses", "/messages")
"""What dialects put behind a base_url."""


def price_list(choice: ModelChoice) -> str | None:
    """Where genai-prices finds what this model costs."""
    return _SPEAKERS[choice.dialect].price_list or choice.base_url


def key_name(choice: ModelChoice) -> str | None:
    """The name of its key, which is that of an environment variable."""
    return None if choice.dialect == EXTRACTIVE else choice.api_key_env or _SPEAKERS[choice.dialect].key_env


def key_names(choices: Iterable[ModelChoice]) -> list[str]:
    """The keys that may count: those of these models, and those by which providers are known."""
    known = {name for speaker in _SPEAKERS.values() if (name := speaker.key_env)}
    return sorted(known | {name for choice in choices if (name := key_name(choice))})


def needs_key(choice: ModelChoice, environment: Mapping[str, str]) -> bool:
    """Whether nobody answers without it: a server of one's own may need no key, nor does what AWS signs for."""
    if choice.api_key_env:
        return True
    signed = choice.dialect == "bedrock" and all(environment.get(name) for name in _ACCESS_KEY[:2])
    return bool(key_name(choice) and not choice.base_url and not signed)


def refuse_missing_keys(
    choices: Iterable[ModelChoice], environment: Mapping[str, str], given_later: Container[str] = ()
) -> None:
    """Raise `Misconfigured` for the first model whose key is missing and not among those that are `given_later`."""
    for number, choice in enumerate(choices, 1):
        name = key_name(choice)
        if name and name not in given_later and needs_key(choice, environment) and not environment.get(name):
            raise Misconfigured(
                f'[[model]] number {number}, "{choice.name}": the environment variable {name} is not set. '
                "Put the provider's key in it, or store the key with `answerdesk model key`."
            )


def connected(
    choice: ModelChoice, environment: Mapping[str, str], client: httpx.AsyncClient, place: str
) -> RemoteModel:
    """The model that is asked over HTTP. Raises `Misconfigured` with what to mend at this place of the settings.

    Its key is looked up in the environment again for each call.
    """
    speaker = _speaker(choice.dialect, place)
    if not choice.id:
        raise Misconfigured(f"{place}: id is missing. Set it to the provider's name of the model.")
    dialect = dialect_named(choice.dialect, choice.api)
    if choice.dialect == "bedrock":
        speaker, dialect = _at_aws(choice, speaker, environment, place)
    endpoint = Endpoint(choice.id, _base_url(choice, speaker, place), max_output_tokens=choice.max_output_tokens)
    key = _key_source(choice, environment, place)
    return RemoteModel(choice.name, endpoint, dialect, client, choice.stream, choice.timeouts, key=key)


def _speaker(name: str, place: str) -> Speaker:
    if name in _SPEAKERS:
        return _SPEAKERS[name]
    usable = ", ".join([*READY, EXTRACTIVE])
    raise Misconfigured(f'{place}: the dialect "{name}" is unknown. Use one of these: {usable}.'.removeprefix(": "))


def _at_aws(
    choice: ModelChoice, speaker: Speaker, environment: Mapping[str, str], place: str
) -> tuple[Speaker, Dialect]:
    """The door of the region; with an access key, what bears no Bedrock key is signed."""
    region = next((environment[name] for name in _REGIONS if environment.get(name)), None)
    named = re.search(r"//bedrock-runtime[\w-]*\.([\w-]+)\.", choice.base_url or "")
    region = named[1] if named else region
    if not region and not choice.base_url:
        raise Misconfigured(f"{place}: the environment variable AWS_REGION is not set. Put the region in it.")
    door = replace(speaker, base_url=f"https://bedrock-runtime.{region}.amazonaws.com")
    access, secret, token = (_plain(environment, name, place) for name in _ACCESS_KEY)
    if choice.api_key_env or not (access and secret):
        return door, speaker.dialect
    return door, Signed(speaker.dialect, Credentials(access, secret, token or None), region or "us-east-1")


def _base_url(choice: ModelChoice, speaker: Speaker, place: str) -> str:
    url = (choice.base_url or speaker.base_url or "").rstrip("/")
    if not url:
        raise Misconfigured(f"{place}: base_url is missing. Set it to the server's address, up to and including v1.")
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", url):
        raise Misconfigured(f'{place}: base_url "{url}" is no web address. It begins with https:// or http://.')
    ending = next((one for one in _ADDED if url.endswith(one)), None)
    if ending:
        raise Misconfigured(f'{place}: base_url ends with "{ending}", which is added to it. Leave that away.')
    return url


def _key_source(choice: ModelChoice, environment: Mapping[str, str], place: str) -> KeySource | None:
    name = key_name(choice)
    if not name:
        return None
    _plain(environment, name, place)
    return KeySource(lambda: environment.get(name, "").strip() or None, needs_key(choice, environment))


def _plain(environment: Mapping[str, str], name: str, place: str) -> str:
    key = environment.get(name, "").strip()
    if not key.isascii() or not key.isprintable():
        raise Misconfigured(f"{place}: the key in {name} holds characters that no key has. Copy it again.")
    return key
