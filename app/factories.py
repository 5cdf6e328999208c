"""Composition root: builds every component from one frozen Settings object."""

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
    from ..desk.records.session_store import SessionStore
    from ..ledger.store.ledger import Ledger
    from ..llm.events import CallObserver
    from ..llm.openai_model import OpenAIModel
    from ..llm.port import CallLog
    from ..market.source import MarketSource
    from ..memory.store import FileMemoryStore
    from .model_access import ModelAccess
    from .observer import TokenSink

QUICK_DEFAULT, DEEP_DEFAULT = "gpt-5-mini", "gpt-5"
EXCHANGE = "XNYS"
HYPOTHETICAL_ACCOUNT = "hypothetical"
LIVE = "live"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The models to call; both are None if rules answer. `notice` is a message for the user about the choice."""

    quick: str | None
    deep: str | None
    notice: str | None = None


def new_run_id(ticker: str) -> RunId:
    """Return a new run id, made of the current time, the ticker and a random suffix; ids sort by time."""
    return RunId(f"{now():%Y%m%dT%H%M%S}-{ticker}-{token_hex(3)}")


def open_market(settings: Settings) -> "MarketSource":
    """Open the demo market, the live market (public sources and their archive) or a market folder."""
    if settings.market == LIVE:
        from .market_data import open_live

        return in_whole_currency(open_live(settings))
    if settings.market == DEMO:
        from ..market.demo import demo_market

        last = trading_calendar(EXCHANGE).last_completed(now())
        return demo_market(seed=settings.demo_seed, last=last, cache=cache_folder(settings))
    from ..market.folder import open_folder

    return in_whole_currency(open_folder(Path(settings.market), cache=cache_folder(settings)), by_profile=True)


def in_whole_currency(source: "MarketSource", *, by_profile: bool = False) -> "MarketSource":
    """Return a market whose prices in pence are converted to pounds, by the suffix of a ticker or its profile."""
    from ..market.whole_currency import WholeCurrencySource

    return WholeCurrencySource(source, by_profile=by_profile)


def cache_folder(settings: Settings) -> Path:
    """Return the cache folder. It can be deleted at any time; it need not exist or be writable."""
    return settings.home / "cache"


def normalize_symbol(ticker: str) -> Symbol:
    """Return the ticker in canonical spelling, such as BRK.B for BRK-B and BRK/B."""
    return read_symbol(ticker)


def prefetch(
    settings: Settings,
    source: "MarketSource",
    symbol: Symbol,
    timestamp: datetime,
    waiting: Callable[[str], AbstractContextManager[object]],
) -> None:
    """Fetch all data for a decision on the live market in parallel, inside the context `waiting`.

    Other markets need no prefetch.
    """
    if settings.market == LIVE:
        from .market_data import prefetch_live

        with waiting("fetching from the public sources"):
            prefetch_live(source, symbol, timestamp)


def open_store(settings: Settings) -> "RunStore":
    """Open the run store in the home folder."""
    from ..desk.records.run_store import RunStore

    return RunStore(home(settings) / "runs.db")


def open_sessions(settings: Settings) -> "SessionStore":
    """Open the session store in the home folder."""
    from ..desk.records.session_store import SessionStore

    return SessionStore(home(settings) / "sessions.db")


def open_ledger(settings: Settings, *, reading: bool = False) -> "Ledger":
    """Open the ledger of paper accounts: the database in the settings, or `book.db` in the home folder.

    With `reading`, a read-only file can be opened too.
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
    access: "ModelAccess | None" = None,
) -> "FileMemoryStore":
    """Open the memory in the home folder. Close it after use, or use it as a context manager.

    With `writing`, the writer lock is acquired at once, so that a second writer fails with ConfigError before it
    makes model calls. `patience` is the time in seconds to wait for the lock. `notice` receives one sentence for
    each repair. `access` has the budget and the tape of an embedding endpoint.
    """
    from ..memory.presets.catalog import find_preset
    from ..memory.store import FileMemoryStore
    from .embedder import open_embedder

    chosen, folder = find_preset(preset or settings.memory.preset), home(settings) / "memory"
    memory = FileMemoryStore(
        folder,
        open_embedder(settings, access, lambda: endpoint(settings)),
        chosen,
        notice=notice or (lambda _text: None),
        patience=patience,
        index=settings.memory.index,
    )
    if writing:
        memory.acquire_writer()
    return memory


def choose_model(settings: Settings) -> ModelChoice:
    """Return the models to call: those in the settings, else OpenAI's defaults if a key is set, else rules.

    Raises ConfigError for an invalid model name, and if only one of the two models is `rules`.
    """
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
    """Return the settings with the chosen models filled in, so that a resumed run calls the same ones."""
    choice = choose_model(settings)
    quick, deep = ("rules" if name is None else f"openai:{name}" for name in (choice.quick, choice.deep))
    return settings.model_copy(update={"model": quick, "deep_model": deep})


def account_for(settings: Settings, source: "MarketSource", symbol: Symbol, as_of: datetime) -> Account:
    """Return the hypothetical flat account that is used without a paper account.

    It is in the currency of the settings, else in that of `symbol`. Raises ConfigError for an unknown code, and for a
    symbol that is quoted in another currency.
    """
    from ..desk.accounts.currency import account_currency, check_currency, currency_of

    given = settings.currency
    currency = currency_of(source, symbol, as_of) if given is None else account_currency(given)
    check_currency(source, symbol, currency, as_of)
    return Account(name=HYPOTHETICAL_ACCOUNT, cash=settings.cash, margin=settings.margin, currency=currency)


def endpoint_name(settings: Settings, choice: ModelChoice) -> str:
    """Return the endpoint's address without secrets; empty if rules or a recording answer."""
    return "" if choice.quick is None or settings.replay else endpoint(settings).redacted_url


def market_identity(settings: Settings) -> str:
    """Return a string that changes when the market's data changes.

    It is the seed of the demo market, or the names, sizes and modification times of a folder's files. It is constant
    for the live market: data known at a given time does not change in its archive.
    """
    if settings.market == LIVE:
        return LIVE
    if settings.market == DEMO:
        return f"{DEMO} {settings.demo_seed}"
    files = sorted(path for path in Path(settings.market).iterdir() if path.is_file())
    return " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)


def endpoint(settings: Settings) -> Endpoint:
    """Return the model endpoint; raises ConfigError if neither a key nor a base URL is set."""
    key, url = api_key(settings), base_url(settings)
    if key is None and url is None:
        raise ConfigError("no key: set OPENAI_API_KEY, or --base-url for a local endpoint, or use --model rules")
    return Endpoint(url, key or SecretStr(""))


def open_model(
    settings: Settings,
    choice: ModelChoice,
    calls: "CallLog",
    access: "ModelAccess",
    events: "CallObserver | None" = None,
    tokens: "TokenSink | None" = None,
) -> "OpenAIModel | None":
    """Return the chosen models, connected to their endpoint; None for rules.

    `tokens` receives answers while they arrive, `events` the events of calls. OpenTelemetry spans are sent too if
    `settings.telemetry` is set. Raises ConfigError if the budget has a cap in USD and a model has no price. If the tape
    of `access` is a recording to replay, no endpoint is contacted.
    """
    if choice.quick is None or choice.deep is None:
        return None
    from ..llm.chat import Parameters
    from ..llm.openai_model import ModelHooks, OpenAIModel
    from ..llm.replay import Player
    from .model_connection import Connection, call_observer, capability_store, check_prices, replayed

    observer, parameters = call_observer(settings, events), Parameters(max_tokens=settings.max_answer_tokens)
    names, tape = (choice.quick, choice.deep), access.tape
    if isinstance(tape, Player):
        hooks = ModelHooks(events=observer)
        return OpenAIModel(replayed(tape, observer), *names, calls, parameters=parameters, hooks=hooks)
    place, hooks = endpoint(settings), ModelHooks(endpoint(settings).scrub, tokens, observer)
    check_prices(settings, names, access.budget)
    connection = Connection(settings, access.budget, capability_store(home(settings)), os.environ, observer, tape)
    return OpenAIModel(connection.chat(place), *names, calls, parameters=parameters, hooks=hooks)


def _model_name(spec: str) -> str | None:
    """Return NAME from `openai:NAME`, or None for `rules`; raises ConfigError for anything else."""
    provider, _, name = spec.partition(":")
    if spec == "rules":
        return None
    if provider != "openai" or not name:
        raise ConfigError(f"unknown model {spec!r}; use rules, or openai:NAME with a model name of your endpoint")
    return name
