"""Settings: `openoutcry.toml`, then the environment (`OPENOUTCRY_*`), then flags; the later wins. Frozen once read."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ..domain.errors import ConfigError
from ..risk.limit_settings import Limits, validate

FILE_NAME = "openoutcry.toml"
KEY_NAME = "OPENAI_API_KEY"
NAMED_MARKETS = ("demo", "live")


class LiveSettings(BaseModel):
    """How public sources are asked. Keys come from the environment (`FRED_API_KEY` ...) or from `key_files` only.

    Attributes:
        chains: kind of rows (`prices_daily`) to vendors in the order of asking; a kind that is not here has the usual.
        base_urls: vendor to the address that stands for its own.
        feeds: name to address of news feeds, `{ticker}` in it; they stand for those that ship.
        key_files: vendor to a file that holds its key.
        ciks: ticker to the SEC's number of the filer, where the SEC's list of today does not know it.
        archive: the file of the archive; `archive.db` in the home folder where it is None.
        timeout_s: for one answer; attempts: how often one request is made while its failure may pass.
        per_second: requests to one host, where the vendor's own terms do not set another number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    chains: dict[str, tuple[str, ...]] = {}
    base_urls: dict[str, str] = {}
    feeds: dict[str, str] | None = None
    key_files: dict[str, Path] = {}
    ciks: dict[str, int] = {}
    archive: Path | None = None
    timeout_s: Annotated[float, Field(gt=0)] = 20.0
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    per_second: Annotated[float, Field(gt=0)] = 2.0
    proxy: str | None = None


class MemorySettings(BaseModel):
    """The section `[memory]`.

    Attributes:
        embedder: `hashing`, `minilm` (an extra), or `openai:NAME` at the endpoint of the models.
        preset: default, finmem, investor-bench or fincon.
        index: where chroma keeps its index: a folder, or the http address of a `chroma run`; None for a folder beside
            the journal.
        max_tokens: how much a process may send to an endpoint that embeds; None for no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedder: str = "hashing"
    preset: str = "default"
    index: str | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None


class Settings(BaseSettings):
    """Everything that can be configured, except the key: that comes from OPENAI_API_KEY or from `api_key_file` only.

    `contact` is an e-mail address that is sent to public sources, so that they can write to the user. `attempt`
    counts the decisions that are submitted for one account, session, symbol and desk. `fallback` lists further models,
    `openai:NAME` or `openai:NAME@URL`, that are asked in this order while the first endpoint is down. `telemetry`
    sends OpenTelemetry spans of model calls to the configured provider (extra `otel`).
    """

    model_config = SettingsConfigDict(env_prefix="OPENOUTCRY_", extra="forbid", frozen=True, env_nested_delimiter="__")

    home: Path = Path(platformdirs.user_data_dir("openoutcry"))
    market: str = "demo"
    desk: str = "debate"
    model: str | None = None
    deep_model: str | None = None
    base_url: str | None = None
    api_key_file: Path | None = None
    ledger: str | None = None
    account: str | None = None
    submit: bool = False
    attempt: Annotated[int, Field(ge=1, le=99)] = 1
    remember: bool = True
    cash: Annotated[Decimal, Field(gt=0, le=10**15, allow_inf_nan=False)] = Decimal(100_000)
    margin: bool = True
    seed: int = 7
    demo_seed: int = 7
    prompts: Path | None = None
    prices: Path | None = None
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    timeout_s: Annotated[float, Field(gt=0)] = 180.0
    max_parallel: Annotated[int, Field(ge=1, le=512)] = 8
    max_calls: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    fallback: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    decision_timeout_s: Annotated[float, Field(gt=0)] | None = None
    telemetry: bool = False
    limits: Limits = Limits()
    contact: str | None = None
    live: LiveSettings = LiveSettings()
    memory: MemorySettings = MemorySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put flags first, then the environment, then the file; the first that has a value wins."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _settings_file())


def load_settings(flags: Mapping[str, object]) -> Settings:
    """Read the settings; flags that are None were not given. Raises ConfigError naming the setting that is wrong."""
    given: Any = {name: value for name, value in flags.items() if value is not None}
    try:
        return _normalized(Settings(**given))
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(str(part) for part in defect["loc"]) or "settings"
        raise ConfigError(f"setting {where}: {defect['msg']} (see {FILE_NAME}, OPENOUTCRY_* and --help)") from error
    except ValueError as error:  # TOML that does not parse
        raise ConfigError(f"the settings cannot be read: {error}") from error


def _normalized(settings: Settings) -> Settings:
    """Return the settings with limits checked, and with paths that mean the same from every folder."""
    update: dict[str, object] = {"limits": validate(settings.limits)}
    if settings.market not in NAMED_MARKETS:
        update["market"] = str(Path(settings.market).absolute())
    if Path(settings.desk).suffix in {".yaml", ".yml"}:
        update["desk"] = str(Path(settings.desk).absolute())
    if settings.prompts is not None:
        update["prompts"] = settings.prompts.absolute()
    return settings.model_copy(update=update)


def home(settings: Settings) -> Path:
    """Return the state folder, created if need be, private to its owner; raises ConfigError if it cannot be."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if settings.home.stat().st_uid == os.geteuid():
            settings.home.chmod(0o700)
    except OSError as error:
        raise ConfigError(
            f"cannot make {settings.home}: {error.strerror}; set OPENOUTCRY_HOME to a folder of yours"
        ) from error
    return settings.home


def api_key(settings: Settings) -> SecretStr | None:
    """Return the key from OPENAI_API_KEY or the key file; None where neither has one."""
    if key := os.environ.get(KEY_NAME, "").strip():
        return SecretStr(key)
    return None if settings.api_key_file is None else _key_in(settings.api_key_file)


def vendor_key(settings: Settings, vendor: str) -> SecretStr | None:
    """Return the key for a vendor of market data from the environment or its key file; None where neither has one."""
    if key := os.environ.get(vendor_key_name(vendor), "").strip():
        return SecretStr(key)
    path = settings.live.key_files.get(vendor)
    return None if path is None else _key_in(path)


def vendor_key_name(vendor: str) -> str:
    """Return the variable that holds a vendor's key."""
    return f"{vendor.upper()}_API_KEY"


def _key_in(path: Path) -> SecretStr | None:
    try:
        key = path.read_text(encoding="utf-8").strip()
        return SecretStr(key) if key else None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the key file {path} cannot be read") from error


def base_url(settings: Settings) -> str | None:
    """Return the endpoint's address from the settings, or from OPENAI_BASE_URL; None for OpenAI's own."""
    return settings.base_url or os.environ.get("OPENAI_BASE_URL") or None


def _settings_file() -> Path:
    """Return the settings file: that of the working folder, else that of the home folder."""
    here = Path(FILE_NAME)
    if here.is_file():
        return here
    return Path(os.environ.get("OPENOUTCRY_HOME") or platformdirs.user_data_dir("openoutcry")) / FILE_NAME
