"""Settings from `openoutcry.toml`, the environment (`OPENOUTCRY_*`) and flags, in ascending priority; immutable."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ..domain.errors import ConfigError
from ..llm.recording import RecordingMode
from ..risk.limit_settings import Limits, validate
from ..risk.portfolio_limits import PortfolioLimits, validate_portfolio
from .amounts import without_grouping
from .notifications_section import NotificationSettings
from .paper_section import PaperSettings, SafetySettings
from .sections import BudgetSettings, LiveSettings, MemorySettings, Usd
from .settings_file import FILE_NAME, read_key_file, read_settings_file, settings_file

KEY_NAME = "OPENAI_API_KEY"
NAMED_MARKETS = ("demo", "live")
ENV_PREFIX = "OPENOUTCRY_"
FLAGS = {"remember": "memory"}
"""Settings whose flag has another name."""

LOCATION_SETTINGS = {"home", "api_key_file", "base_url", "ledger", "contact", "live", "notifications"}
"""Settings that depend on the machine; they may contain secrets, so they are not stored with the run."""

RETRY_SETTINGS = {
    "attempts",
    "timeout_s",
    "max_parallel",
    "max_calls",
    "max_tokens",
    "max_cost_usd",
    "budgets",
    "recording",
    "replay",
    "fallback",
    "requests_per_minute",
    "tokens_per_minute",
    "decision_timeout_s",
    "telemetry",
    "paper",
    "safety",
}
"""Settings that do not affect answers: a resumed run uses their current values."""


class Settings(BaseSettings):
    """All settings, except the model key: it comes from OPENAI_API_KEY or `api_key_file` only.

    `contact` is an e-mail address that is sent to public sources with each request. `attempt` numbers the decisions
    submitted for one account, session, symbol and desk. `max_calls`, `max_tokens` and `max_cost_usd` cap one decision,
    `max_answer_tokens` the length of each answer, and `budgets` larger and smaller units. `prices` is a price table
    that overrides rows of the package's. `recording` records model calls (`record`), or also answers requests that were
    recorded before (`auto`); `replay` names a recorded run, or a file, that answers all of them. `fallback` lists
    further models, `openai:NAME` or `openai:NAME@URL`, that are called in this order while the first endpoint is
    unavailable. `telemetry` sends OpenTelemetry spans of model calls to the configured provider (extra `otel`).
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True, env_nested_delimiter="__")

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
    currency: str | None = None
    seed: int = 7
    demo_seed: int = 7
    prompts: Path | None = None
    prices: Path | None = None
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    timeout_s: Annotated[float, Field(gt=0)] = 180.0
    max_parallel: Annotated[int, Field(ge=1, le=512)] = 64
    max_calls: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_cost_usd: Usd | None = None
    max_answer_tokens: Annotated[int, Field(ge=1)] | None = None
    budgets: BudgetSettings = BudgetSettings()
    recording: RecordingMode = RecordingMode.OFF
    replay: str | None = None
    fallback: tuple[str, ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1)] | None = None
    decision_timeout_s: Annotated[float, Field(gt=0)] | None = None
    telemetry: bool = False
    limits: Limits = Limits()
    portfolio: PortfolioLimits = PortfolioLimits()
    contact: str | None = None
    live: LiveSettings = LiveSettings()
    memory: MemorySettings = MemorySettings()
    paper: tuple[PaperSettings, ...] = ()
    safety: SafetySettings = SafetySettings()
    notifications: NotificationSettings = NotificationSettings()

    @field_validator("cash", mode="before")
    @classmethod
    def _ungrouped(cls, value: object) -> object:
        return without_grouping(value) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in descending priority: flags, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


def load_settings(flags: Mapping[str, object]) -> Settings:
    """Load the settings, with `flags` applied last; flags that are None are ignored.

    Raises ConfigError that names the invalid setting.
    """
    given: Any = {name: value for name, value in flags.items() if value is not None}
    written = read_settings_file(Settings)
    try:
        return _normalized(Settings(**given))
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(str(part) for part in defect["loc"]) or "settings"
        origin = origin_of(str(defect["loc"][0]), given, written) if defect["loc"] else f"{FILE_NAME}, OPENOUTCRY_*"
        raise ConfigError(f"setting {where}: {defect['msg']} (from {origin})") from error
    except RecursionError as error:
        raise ConfigError("a variable OPENOUTCRY_* is nested too deeply; correct or unset it") from error
    except ValueError as error:  # a variable that is not valid JSON
        raise ConfigError(f"the settings cannot be read: {error}") from error


def origin_of(name: str, flags: Mapping[str, object], written: Mapping[str, object]) -> str:
    """Return where a setting comes from: its flag, its environment variable, the settings file, or `default`."""
    if name in flags:
        return f"--{FLAGS.get(name, name).replace('_', '-')}"
    prefix = f"{ENV_PREFIX}{name.upper()}"
    for variable in sorted(os.environ):
        if variable.upper() == prefix or variable.upper().startswith(f"{prefix}__"):
            return variable
    return str(settings_file()) if name in written else "default"


def _normalized(settings: Settings) -> Settings:
    """Return the settings with validated limits and absolute paths."""
    update: dict[str, object] = {
        "limits": validate(settings.limits),
        "portfolio": validate_portfolio(settings.portfolio),
    }
    if settings.market not in NAMED_MARKETS:
        update["market"] = str(Path(settings.market).absolute())
    if Path(settings.desk).suffix in {".yaml", ".yml"}:
        update["desk"] = str(Path(settings.desk).absolute())
    if settings.prompts is not None:
        update["prompts"] = settings.prompts.absolute()
    return settings.model_copy(update=update)


def home(settings: Settings) -> Path:
    """Return the state folder, created if missing and private to its owner; raises ConfigError on failure."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if settings.home.stat().st_uid == os.geteuid():
            settings.home.chmod(0o700)
    except OSError as error:
        raise ConfigError(
            f"cannot create {settings.home}: {error.strerror}; set OPENOUTCRY_HOME to a folder that you can write to"
        ) from error
    return settings.home


def api_key(settings: Settings) -> SecretStr | None:
    """Return the key from OPENAI_API_KEY or the key file; None if neither has one."""
    if key := os.environ.get(KEY_NAME, "").strip():
        return SecretStr(key)
    return None if settings.api_key_file is None else read_key_file(settings.api_key_file)


def vendor_key(settings: Settings, vendor: str) -> SecretStr | None:
    """Return the key of a market data vendor from the environment or its key file; None if neither has one."""
    if key := os.environ.get(vendor_key_name(vendor), "").strip():
        return SecretStr(key)
    path = settings.live.key_files.get(vendor)
    return None if path is None else read_key_file(path)


def vendor_key_name(vendor: str) -> str:
    """Return the name of the environment variable with a vendor's key."""
    return f"{vendor.upper()}_API_KEY"


def base_url(settings: Settings) -> str | None:
    """Return the endpoint's address from the settings or OPENAI_BASE_URL; None for OpenAI's endpoint."""
    return settings.base_url or os.environ.get("OPENAI_BASE_URL") or None
