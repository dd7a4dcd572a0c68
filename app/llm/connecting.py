"""One model that an admin wrote down becomes one that can be asked, or a sentence that says what is missing."""

import re
from collections.abc import Mapping
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
from app.llm.wire.remote import RemoteModel
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


def price_list(choice: ModelChoice) -> str | None:
    """Where genai-prices finds what this model costs."""
    return _SPEAKERS[choice.dialect].price_list or choice.base_url


def key_name(choice: ModelChoice) -> str | None:
    """The environment variable that holds its key."""
    return None if choice.dialect == EXTRACTIVE else choice.api_key_env or _SPEAKERS[choice.dialect].key_env


def connected(
    choice: ModelChoice, environment: Mapping[str, str], client: httpx.AsyncClient, place: str
) -> RemoteModel:
    """The model that is asked over HTTP. Raises `Misconfigured` with what to mend at this place of the settings."""
    speaker = _speaker(choice.dialect, place)
    if not choice.id:
        raise Misconfigured(f"{place}: id is missing. Set it to the provider's name of the model.")
    dialect = dialect_named(choice.dialect, choice.api)
    if choice.dialect == "bedrock":
        speaker, dialect = _at_aws(choice, speaker, environment, place)
    endpoint = Endpoint(
        id=choice.id,
        base_url=_base_url(choice, speaker, place),
        api_key=_key(choice, speaker, environment, place),
        max_output_tokens=choice.max_output_tokens,
    )
    return RemoteModel(choice.name, endpoint, dialect, client, choice.stream, choice.timeouts)


def _speaker(name: str, place: str) -> Speaker:
    if name in _SPEAKERS:
        return _SPEAKERS[name]
    usable = ", ".join([*READY, EXTRACTIVE])
    raise Misconfigured(f'{place}: the dialect "{name}" is unknown. Use one of these: {usable}.'.removeprefix(": "))


def _at_aws(
    choice: ModelChoice, speaker: Speaker, environment: Mapping[str, str], place: str
) -> tuple[Speaker, Dialect]:
    """The door of the region; with an access key instead of a Bedrock key, every request is signed."""
    region = next((environment[name] for name in _REGIONS if environment.get(name)), None)
    named = re.search(r"//bedrock-runtime[\w-]*\.([\w-]+)\.", choice.base_url or "")
    region = named[1] if named else region
    if not region and not choice.base_url:
        raise Misconfigured(f"{place}: the environment variable AWS_REGION is not set. Put the region in it.")
    door = replace(speaker, base_url=f"https://bedrock-runtime.{region}.amazonaws.com")
    access, secret, token = (_plain(environment, name, place) for name in _ACCESS_KEY)
    bears = choice.api_key_env or environment.get(speaker.key_env or "")
    if bears or not (access and secret):
        return door, speaker.dialect
    credentials = Credentials(access, secret, token or None)
    return replace(door, key_env=None), Signed(speaker.dialect, credentials, region or "us-east-1")


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
    key = _plain(environment, name, place) if name else ""
    needed = bool(choice.api_key_env or (name and not choice.base_url))
    if needed and not key:
        raise Misconfigured(f"{place}: the environment variable {name} is not set. Put the provider's key in it.")
    return key or None


def _plain(environment: Mapping[str, str], name: str, place: str) -> str:
    key = environment.get(name, "").strip()
    if not key.isascii() or not key.isprintable():
        raise Misconfigured(f"{place}: the key in {name} holds characters that no key has. Copy it again.")
    return key
