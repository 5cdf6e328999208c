"""What a session of a paper account was opened with. An unfinished session is finished with the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..storage.stored_type import StoredType
from .session_times import When
from .settings import LOCATION_SETTINGS, RETRY_SETTINGS, Settings, load_settings
from .watchlist import WatchlistEntry


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """The stored request of a session.

    Attributes:
        settings: the settings as JSON, without those that depend on the machine or do not affect answers.
        watchlist: the tickers to decide on, beside those that are held or have open orders.
        as_of, deadline: see `SessionTimes`.
        when: after the close or before the open.
        approve: which orders wait for a person.
        force: the reason for a run outside of its time; empty for none.
        concurrency: maximum number of decisions at the same time.
    """

    settings: str
    watchlist: tuple[WatchlistEntry, ...]
    as_of: datetime
    deadline: datetime
    when: When = When.AFTER_CLOSE
    approve: str = "none"
    force: str = ""
    concurrency: int = 16

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Return the tickers of the watchlist."""
        return tuple(entry.symbol for entry in self.watchlist)

    @property
    def desks(self) -> Mapping[Symbol, str]:
        """Return the desks of the tickers that have one of their own."""
        return {entry.symbol: entry.desk for entry in self.watchlist if entry.desk}

    def to_json(self) -> str:
        """Return the plan as JSON."""
        return _PLAN.to_json(self).decode()


_PLAN = StoredType(SessionPlan)


def stored_settings(settings: Settings) -> str:
    """Return the settings that a session or run is finished with, as JSON: without location and retry settings."""
    return settings.model_dump_json(exclude=LOCATION_SETTINGS | RETRY_SETTINGS)


def plan_of(text: str) -> SessionPlan:
    """Return a stored plan; raises ConfigError for one that this version cannot read."""
    try:
        return _PLAN.from_json(text)
    except ValidationError as error:
        raise ConfigError("the session was stored by another version and cannot be read by this one") from error


def is_readable(text: str, present: Settings) -> bool:
    """Return whether this version can finish a session with a stored plan."""
    try:
        settings_of_plan(plan_of(text), present)
    except ConfigError:
        return False
    return True


def settings_of_plan(plan: SessionPlan, present: Settings) -> Settings:
    """Return the settings of a plan, with the location and retry settings of `present`."""
    now = present.model_dump(include=LOCATION_SETTINGS | RETRY_SETTINGS)
    return load_settings(json.loads(plan.settings) | now)


def plan_hash(text: str) -> str:
    """Return the first 16 hex digits of a SHA-256 over a plan's JSON."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
