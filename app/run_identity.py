"""A run before it begins: its id, its stored request, and the hash of its configuration."""

from datetime import datetime

from ..desk.decision import Desk
from ..desk.records.provenance import config_hash, run_config_hash
from ..desk.records.run_status import Status
from ..desk.records.run_store import Run
from ..desk.run_id import submission_run_id
from ..domain.account import Account
from ..domain.ids import RunId, Symbol
from ..graph.desk_config import load_desk
from ..market.source import MarketSource
from .as_of import session_of
from .clock import now
from .factories import choose_model, endpoint_name, market_identity, new_run_id
from .session_plan import stored_settings
from .settings import Settings


def planned_run_id(settings: Settings, source: MarketSource, symbol: Symbol, timestamp: datetime) -> RunId:
    """Return a new run id, or with `submit` the one of this account, session, symbol, desk and attempt."""
    if not settings.submit or settings.account is None:
        return new_run_id(symbol)
    session, desk = session_of(source, symbol, timestamp), load_desk(settings.desk).name
    return submission_run_id(settings.account, session, symbol, desk, settings.attempt)


def new_run(run_id: RunId, symbol: Symbol, as_of: datetime, settings: Settings) -> Run:
    """Return a run that has not begun."""
    return Run(
        run_id=run_id,
        started_at=now(),
        ticker=symbol,
        as_of=as_of,
        desk=settings.desk,
        status=Status.PLANNED,
        outcome=None,
        request=stored_settings(settings),
        config_hash="",
    )


def run_configuration(desk: Desk, account: Account, settings: Settings) -> str:
    """Return the hash of everything that a resumed run must share with the run as it was started."""
    decided = config_hash(desk.file, desk.team, desk.limits, desk.model, account, desk.seed)
    where = endpoint_name(settings, choose_model(settings))
    return run_config_hash(decided, version=desk.version, endpoint=where, market=market_identity(settings))
