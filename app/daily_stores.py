"""The stores that daily runs share."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from ..desk.records.run_store import RunStore
from ..desk.records.session_store import SessionStore
from ..ledger.store.ledger import Ledger
from ..market.source import MarketSource
from .factories import open_ledger, open_market, open_sessions, open_store
from .settings import Settings


@dataclass(frozen=True, slots=True)
class DailyStores:
    """What the sessions of a process share: the market, the ledger, the runs and the sessions."""

    source: MarketSource
    ledger: Ledger
    runs: RunStore
    sessions: SessionStore


@contextmanager
def open_daily_stores(settings: Settings) -> Iterator[DailyStores]:
    """Open the market and the stores of daily runs, and close them afterwards."""
    with (
        closing(open_ledger(settings)) as ledger,
        closing(open_store(settings)) as runs,
        closing(open_sessions(settings)) as sessions,
    ):
        yield DailyStores(open_market(settings), ledger, runs, sessions)
