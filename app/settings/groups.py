"""The settings that belong together, each group as one value."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

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


class ReaderSettings(_Group):
    """Which model looks at answers and passages beside their question: `ours`, `none`, or a name or folder besides."""

    model: str = Field(default="ours", min_length=1)
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

    max_wrong: float = Field(default=0.1, gt=0, lt=1)
    never_auto: tuple[str, ...] = ()


class CacheSettings(_Group):
    """Which answers may be given again without asking a model."""

    enabled: bool = True
    semantic: bool = True
    similarity: float = Field(default=0.8, ge=0.5, le=1)
    recheck_share: float = Field(default=0.02, ge=0, le=1)


class FetchSettings(_Group):
    """How documents are fetched that lie elsewhere.

    `allowed_hosts` are reached although their addresses are private, as `wiki.internal` or `10.0.0.7:8080`. Sources
    that are made in the console may read `folders` of this machine and what lies below them, and no others.
    `authorities` is a file of certificate authorities that are trusted instead of the usual ones.
    """

    allowed_hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    delay_seconds: float = Field(default=0.5, ge=0, le=120)
    page_megabytes: int = Field(default=10, gt=0)
    pages: int = Field(default=2000, gt=0)
    megabytes: int = Field(default=500, gt=0)
    repository_files: int = Field(default=20_000, gt=0)
    repository_seconds: float = Field(default=300, gt=0)
    authorities: Path | None = None


class LimitSettings(_Group):
    """What one customer or one request may take."""

    question_characters: int = 4000
    questions_per_minute: int = 20
    conversations_per_minute: int = 60
    upload_megabytes: int = 25
    run_log_days: float = Field(default=90, gt=0)
    kept_snapshots: int = Field(default=5, ge=1)
    body_kilobytes: int = 256
    conversation_token_days: int = 30
    session_hours: int = 24 * 14
