"""Every setting, read in one place: environment, `.env` and `answerdesk.toml`."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from app.settings.groups import (
    BudgetSettings,
    CacheSettings,
    EmbedSettings,
    FetchSettings,
    LimitSettings,
    ModelSettings,
    PolicySettings,
    PriceSettings,
    Purpose,
    ReaderSettings,
    RouteSettings,
    TimeoutSettings,
)
from app.settings.telling import toml_file, unknown_section

__all__ = [
    "BudgetSettings",
    "CacheSettings",
    "EmbedSettings",
    "FetchSettings",
    "LimitSettings",
    "ModelSettings",
    "PolicySettings",
    "PriceSettings",
    "ReaderSettings",
    "RouteSettings",
    "Settings",
    "TimeoutSettings",
    "Unreadable",
    "load_settings",
    "read_env_file",
]


class Settings(BaseSettings):
    """The whole configuration, frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERDESK_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path("./data")
    model_dir: Path = Path("./models")
    database_url: str | None = None
    chroma_url: str | None = None
    pgvector_url: str | None = None
    redis_url: str | None = None
    secret_key: SecretStr | None = None
    former_secret_keys: tuple[SecretStr, ...] = ()
    public_url: str = "http://127.0.0.1:8000"
    workspace_name: str = "Answerdesk"
    allowed_hosts: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    widget_origins: tuple[str, ...] = ()
    embed: EmbedSettings = EmbedSettings()
    reader: ReaderSettings = ReaderSettings()
    limits: LimitSettings = LimitSettings()
    fetch: FetchSettings = FetchSettings()
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
        toml = TomlConfigSettingsSource(settings_cls, toml_file=toml_file())
        return (init_settings, env_settings, dotenv_settings, toml)


class Unreadable(ValueError):
    """A file or a variable of the settings that makes no sense; the text says which, and never repeats a value."""


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401  # any field may be overridden
    """Read the settings once; arguments override. Raises `Unreadable`, or pydantic's `ValidationError`."""
    read_env_file()
    try:
        nobodys = unknown_section(Settings.model_fields)
        if nobodys:
            raise Unreadable(nobodys)
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"The file {toml_file()} is not valid TOML in UTF-8: {error}.") from error
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
