"""Every setting, read in one place: environment, `.env` and `answerdesk.toml`."""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

Dialect = Literal[
    "openai-chat",
    "openai-responses",
    "azure-openai",
    "anthropic",
    "bedrock",
    "gemini",
    "mistral",
    "openai-compatible",
    "extractive",
]
Money = Annotated[float, Field(ge=0)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbedSettings(_Group):
    """Which model turns text into vectors. The fingerprint of these choices is kept with each snapshot."""

    backend: Literal["onnx", "torch", "http", "hash"] = "onnx"
    model: str = "all-MiniLM-L6-v2"
    path: Path | None = None
    url: str | None = None
    api_key: SecretStr | None = None
    precision: Literal["int8", "fp32"] = "int8"
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int = 256
    allow_download: bool = False


class PriceSettings(_Group):
    """US dollars for a million tokens."""

    input: Money
    output: Money
    cached_input: Money | None = None
    cache_write: Money | None = None
    since: date | None = None


class TimeoutSettings(_Group):
    """Seconds."""

    connect: float = 5
    first_token: float = 15
    between_tokens: float = 20
    total: float = 90


class ModelSettings(_Group):
    """One model that can write answers, and how to reach it."""

    name: str
    dialect: Dialect
    id: str = ""
    base_url: str | None = None
    api: Literal["chat", "responses"] = "chat"
    stream: bool = True
    api_key_env: str | None = None
    max_output_tokens: int = Field(default=800, gt=0)
    price: PriceSettings | tuple[PriceSettings, ...] | None = None
    timeout: TimeoutSettings = TimeoutSettings()
    requests_per_minute: int | None = Field(default=None, gt=0)
    tokens_per_minute: int | None = Field(default=None, gt=0)


class RouteSettings(_Group):
    """Models in the order in which they are tried, and the difficulty from which the strong come first."""

    cheap: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    strong_from: float = Field(default=0.5, ge=0, le=1)


Purpose = Literal["answer", "draft", "rewrite", "summary", "judge"]


class BudgetSettings(_Group):
    """What may be spent, in US dollars; none means no limit."""

    workspace_daily_usd: Money | None = None
    workspace_monthly_usd: Money | None = None
    route_daily_usd: dict[str, Money] = {}
    customer_daily_usd: Money | None = None
    conversation_usd: Money | None = None
    turn_tokens: int | None = Field(default=None, gt=0)
    when_exhausted: Literal["extractive", "handoff"] = "extractive"


class PolicySettings(_Group):
    """What the bot may decide alone."""

    max_wrong: float = Field(default=0.05, gt=0, lt=1)
    never_auto: tuple[str, ...] = ()


class CacheSettings(_Group):
    """Which answers may be given again without asking a model."""

    enabled: bool = True
    semantic: bool = True
    similarity: float = Field(default=0.8, ge=0.5, le=1)
    recheck_share: float = Field(default=0.02, ge=0, le=1)


class LimitSettings(_Group):
    """What one customer or one request may take."""

    question_characters: int = 4000
    questions_per_minute: int = 20
    conversations_per_minute: int = 60
    upload_megabytes: int = 25
    run_log_days: float = Field(default=90, gt=0)
    body_kilobytes: int = 256
    conversation_token_days: int = 30
    session_hours: int = 24 * 14


class Settings(BaseSettings):
    """The whole configuration, frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERDESK_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path("./data")
    model_dir: Path = Path("./models")
    database_url: str | None = None
    chroma_url: str | None = None
    redis_url: str | None = None
    secret_key: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8000"
    workspace_name: str = "Answerdesk"
    allowed_hosts: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    widget_origins: tuple[str, ...] = ()
    embed: EmbedSettings = EmbedSettings()
    limits: LimitSettings = LimitSettings()
    model: tuple[ModelSettings, ...] = ()
    route: dict[Purpose, RouteSettings] = {}
    budget: BudgetSettings = BudgetSettings()
    policy: PolicySettings = PolicySettings()
    cache: CacheSettings = CacheSettings()

    @property
    def database(self) -> str:
        """The database address; SQLite in the data folder unless another is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'answerdesk.db'}"

    @property
    def snapshot_dir(self) -> Path:
        """Where the indexes of each snapshot lie, one folder each."""
        return self.data_dir / "snapshots"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic-settings passes it by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over environment, environment over `.env`, `.env` over `answerdesk.toml`."""
        path = os.environ.get("ANSWERDESK_CONFIG", "answerdesk.toml")
        toml = TomlConfigSettingsSource(settings_cls, toml_file=path)
        return (init_settings, env_settings, dotenv_settings, toml)


class Unreadable(ValueError):
    """A file or a variable of the settings that makes no sense; the text says which, and never repeats a value."""


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401  # any field may be overridden
    """Read the settings once; arguments override. Raises `Unreadable`, or pydantic's `ValidationError`."""
    read_env_file()
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        path = os.environ.get("ANSWERDESK_CONFIG", "answerdesk.toml")
        raise Unreadable(f"The file {path} is not valid TOML in UTF-8: {error}.") from error
    except SettingsError as error:
        raise Unreadable(f"A setting cannot be read: {error}. Lists are written as JSON.") from error


def read_env_file() -> None:
    """Let all that `.env` holds count as if it stood in the environment, which wins.

    A provider's key is no setting of ours: it is looked up under whatever name `api_key_env` gives it.
    """
    try:
        found = DotEnvSettingsSource(Settings, case_sensitive=True).env_vars
    except UnicodeDecodeError as error:
        raise Unreadable("The file .env is not text in UTF-8. Save it as UTF-8.") from error
    for name, value in found.items():
        os.environ.setdefault(name, value or "")
