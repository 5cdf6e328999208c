"""The composition root: builds every part from one frozen Settings; it alone reads the environment."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..domain.account import Account
from ..domain.errors import ConfigError
from ..domain.ids import RunId, Symbol
from ..domain.trading_calendar import trading_calendar
from ..llm.endpoint import Endpoint
from .as_of import read_symbol
from .clock import now
from .settings import (
    Settings,
    api_key,
    base_url,
    home,
)

if TYPE_CHECKING:
    from ..desk.records.run_store import RunStore
    from ..ledger.store.ledger import Ledger
    from ..llm.embeddings.port import Embedder
    from ..llm.events import CallObserver
    from ..llm.openai_model import OpenAIModel
    from ..llm.port import CallLog
    from ..market.source import MarketSource
    from ..memory.store import FileMemoryStore

QUICK_DEFAULT, DEEP_DEFAULT = "gpt-5-mini", "gpt-5"
EXCHANGE = "XNYS"
HYPOTHETICAL_ACCOUNT = "hypothetical"
LIVE = "live"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which models answer; both None for rules. `notice` is what the operator should be told about the choice."""

    quick: str | None
    deep: str | None
    notice: str | None = None


def new_run_id(ticker: str) -> RunId:
    """Name a run so that names sort by time and never collide."""
    return RunId(f"{now():%Y%m%dT%H%M%S}-{ticker}-{token_hex(3)}")


def open_market(settings: Settings) -> "MarketSource":
    """Open the demo market, public sources with their archive, or a market folder."""
    if settings.market == LIVE:
        from .market_data import open_live

        return open_live(settings)
    if settings.market == DEMO:
        from ..market.demo import demo_market

        last = trading_calendar(EXCHANGE).last_completed(now())
        return demo_market(seed=settings.demo_seed, last=last, cache=cache_folder(settings))
    from ..market.folder import open_folder

    return open_folder(Path(settings.market), cache=cache_folder(settings))


def cache_folder(settings: Settings) -> Path:
    """Return the folder of caches, which can be deleted at any time; it need not exist, nor be writable."""
    return settings.home / "cache"


def normalize_symbol(settings: Settings, ticker: str) -> Symbol:
    """Return a ticker as the market spells it: on the live market BRK-B and BRK/B are BRK.B."""
    symbol = read_symbol(ticker)
    if settings.market != LIVE:
        return symbol
    from ..market.live.symbology import normalize_ticker

    return Symbol(normalize_ticker(symbol))


def prefetch(
    settings: Settings,
    source: "MarketSource",
    symbol: Symbol,
    timestamp: datetime,
    waiting: Callable[[str], AbstractContextManager[object]],
) -> None:
    """Fetch what a decision reads from the live market, all at once, within `waiting`; other markets hold it all."""
    if settings.market == LIVE:
        from .market_data import prefetch_live

        with waiting("asking the public sources"):
            prefetch_live(source, symbol, timestamp)


def open_store(settings: Settings) -> "RunStore":
    """Open the run store in the home folder."""
    from ..desk.records.run_store import RunStore

    return RunStore(home(settings) / "runs.db")


def open_ledger(settings: Settings, *, reading: bool = False) -> "Ledger":
    """Open the paper accounts: the database that the settings name, or a file in the home folder.

    Who is only `reading` can also open a file that cannot be written.
    """
    from ..ledger.store.ledger import Ledger

    url = settings.ledger or f"sqlite:///{home(settings) / 'book.db'}"
    return Ledger.open(url, trading_calendar, reading=reading)


def open_memory(
    settings: Settings,
    *,
    preset: str | None = None,
    writing: bool = False,
    patience: float = 0.0,
    notice: Callable[[str], None] | None = None,
) -> "FileMemoryStore":
    """Open the memory in the home folder; close it at the end, or use it as a context manager.

    With `writing` it is claimed for this process at once, so that a second writer is refused (ConfigError) before
    anything is spent. `notice` receives a sentence for each repair.
    """
    from ..memory.presets.catalog import find_preset
    from ..memory.store import FileMemoryStore

    chosen, folder = find_preset(preset or settings.memory.preset), home(settings) / "memory"
    memory = FileMemoryStore(
        folder,
        _embedder(settings),
        chosen,
        notice=notice or (lambda _text: None),
        patience=patience,
        index=settings.memory.index,
    )
    if writing:
        memory.acquire_writer()
    return memory


def choose_model(settings: Settings) -> ModelChoice:
    """Decide who answers: what was asked for, else OpenAI's models where there is a key, else the rules."""
    if settings.model is None and settings.deep_model is None:
        if api_key(settings) is None:
            return ModelChoice(None, None, "no OPENAI_API_KEY is set, so every role is answered by its rule")
        return ModelChoice(QUICK_DEFAULT, DEEP_DEFAULT)
    quick = _model_name(settings.model or settings.deep_model or "")
    deep = _model_name(settings.deep_model or settings.model or "")
    if (quick is None) != (deep is None):
        raise ConfigError("--model and --deep-model must both be rules, or both be openai:NAME")
    return ModelChoice(quick, deep)


def with_chosen_model(settings: Settings) -> Settings:
    """Return the settings with the models that answer written out, so that a run that goes on asks the same ones."""
    choice = choose_model(settings)
    quick, deep = ("rules" if name is None else f"openai:{name}" for name in (choice.quick, choice.deep))
    return settings.model_copy(update={"model": quick, "deep_model": deep})


def account_for(settings: Settings) -> Account:
    """Return the hypothetical flat book that a decision is taken for."""
    return Account(name=HYPOTHETICAL_ACCOUNT, cash=settings.cash, margin=settings.margin)


def endpoint_name(settings: Settings, choice: ModelChoice) -> str:
    """Return the address of the endpoint without secrets, or nothing where rules answer."""
    return "" if choice.quick is None else endpoint(settings).redacted_url


def market_identity(settings: Settings) -> str:
    """Return what tells one state of a market from another: the demo's seed, or names, sizes and times of files.

    The live market has no other state: what was known at a moment stays what its archive answers for it.
    """
    if settings.market == LIVE:
        return LIVE
    if settings.market == DEMO:
        return f"{DEMO} {settings.demo_seed}"
    files = sorted(path for path in Path(settings.market).iterdir() if path.is_file())
    return " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)


def endpoint(settings: Settings) -> Endpoint:
    """Return where the models live; raises ConfigError when OpenAI's own endpoint is meant and there is no key."""
    key, url = api_key(settings), base_url(settings)
    if key is None and url is None:
        raise ConfigError("no key: set OPENAI_API_KEY, or --base-url for a local endpoint, or use --model rules")
    return Endpoint(url, key or SecretStr(""))


def open_model(
    settings: Settings, choice: ModelChoice, calls: "CallLog", events: "CallObserver | None" = None
) -> "OpenAIModel | None":
    """Return the models that were chosen, at their endpoint; None for rules.

    `events` receives what happens during calls, as do spans where `settings.telemetry` asks for them.
    """
    if choice.quick is None or choice.deep is None:
        return None
    from ..llm.budget import Budget
    from ..llm.openai_model import ModelHooks, OpenAIModel
    from .model_connection import call_observer, connect

    place, observer = endpoint(settings), call_observer(settings, events)
    return OpenAIModel(
        connect(settings, place, home(settings), os.environ, observer),
        choice.quick,
        choice.deep,
        calls,
        budget=Budget(settings.max_calls, settings.max_tokens),
        hooks=ModelHooks(place.scrub, events=observer),
    )


def _embedder(settings: Settings) -> "Embedder":
    """Return who makes vectors; a model is loaded, and an endpoint spoken to, only when the first text comes."""
    from ..llm.embeddings.cache import CachedEmbedder
    from ..llm.embeddings.hashing import HashingEmbedder

    spec, kept = settings.memory.embedder, home(settings) / "embeddings.db"
    provider, _, name = spec.partition(":")
    if spec == "hashing":
        return HashingEmbedder()
    if spec == "minilm":
        from ..llm.embeddings.minilm import MiniLMEmbedder

        return CachedEmbedder(MiniLMEmbedder(home(settings) / "models"), kept)
    if provider != "openai" or not name:
        raise ConfigError(f"there is no embedder {spec!r}; use hashing, minilm, or openai:NAME")
    from ..llm.embeddings.remote import RemoteEmbedder
    from ..llm.network import network_for
    from ..llm.transports.retry_policy import RetryPolicy

    patience = RetryPolicy(attempts=settings.attempts, timeout_s=settings.timeout_s)
    place = endpoint(settings)
    remote = RemoteEmbedder(
        place,
        name,
        retry_policy=patience,
        network=network_for(place.url, os.environ),
        max_tokens=settings.memory.max_tokens,
    )
    return CachedEmbedder(remote, kept)


def _model_name(spec: str) -> str | None:
    """Return the model's name of `openai:NAME`, or None for `rules`."""
    provider, _, name = spec.partition(":")
    if spec == "rules":
        return None
    if provider != "openai" or not name:
        raise ConfigError(f"there is no model {spec!r}; use rules, or openai:NAME with the name your endpoint knows")
    return name
