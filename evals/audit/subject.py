"""What an audit examines: the arms of a checked experiment, at sampled symbols and sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from ...app.settings import Settings
from ...desk.backtest import sessions_to_decide
from ...domain.ids import Symbol
from ...domain.trading_calendar import trading_calendar
from ...market.source import MarketSource
from ..plan import ExperimentPlan, PlannedTrack
from ..unit import PlannedUnit
from ..unit_run import unit_market

MOST_MOMENTS = 6
Adapter = Callable[[MarketSource], MarketSource]


def no_adapter(source: MarketSource) -> MarketSource:
    """Return the source itself."""
    return source


@dataclass(frozen=True, slots=True)
class AuditMoment:
    """A decision that is examined: the symbol, the session, the moment after its close, and all symbols of the book."""

    symbol: Symbol
    session: date
    as_of: datetime
    book: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditSubject:
    """An experiment under audit.

    Attributes:
        adapter: wraps the market's data for the desks, such as a data adapter that is to be examined.
        moments: number of decisions that are examined for each arm.
    """

    plan: ExperimentPlan
    adapter: Adapter = no_adapter
    moments: int = MOST_MOMENTS

    @property
    def arms(self) -> tuple[PlannedTrack, ...]:
        """Return the tracks that are desks."""
        return tuple(track for track in self.plan.tracks if track.arm is not None)

    @property
    def model_arms(self) -> tuple[PlannedTrack, ...]:
        """Return the tracks that a model answers."""
        return tuple(track for track in self.arms if track.arm is not None and track.arm.has_model)

    def units(self, track: PlannedTrack) -> tuple[PlannedUnit, ...]:
        """Return the units of a track."""
        return tuple(unit for unit in self.plan.units if unit.track == track.name)

    def settings(self, track: PlannedTrack) -> Settings:
        """Return the settings of a track with its first seed."""
        return Settings.model_validate_json(self.units(track)[0].settings)

    def market(self, track: PlannedTrack) -> MarketSource:
        """Return the market of a track with its first seed, before the adapter."""
        unit = self.units(track)[0]
        return unit_market(unit.settings, unit.seed, unit.last)

    def sample(self) -> tuple[AuditMoment, ...]:
        """Return moments at equal distances over symbols and deciding sessions."""
        calendar = trading_calendar(self.plan.units[0].calendar)
        days = sorted(sessions_to_decide(calendar, self.plan.sessions, self.plan.units[0].every))
        count = min(self.moments, len(days) * len(self.plan.symbols))
        found = list[AuditMoment]()
        for place in range(count):
            day = days[place * len(days) // count]
            symbol = self.plan.symbols[place % len(self.plan.symbols)]
            found.append(AuditMoment(symbol, day, calendar.close(day), tuple(self.plan.symbols)))
        return tuple(found)
