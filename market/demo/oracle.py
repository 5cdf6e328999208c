"""The oracle of the demo market, which exposes the planted signals. It is not reachable from a source or view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ...domain.errors import ConfigError, NoData
from ...domain.ids import Symbol
from .companies import ALL_LISTINGS
from .latent_states import drift_share
from .planted_signals import (
    NEWS_DECAY,
    PLANTED,
    REGIME_PERSISTENCE,
    REVERSION,
    PlantedSignal,
    SignalType,
)
from .simulation import SimulatedMarket, simulate_market

_COLUMNS: Mapping[Symbol, int] = {company.ticker: column for column, company in enumerate(ALL_LISTINGS)}


@dataclass(frozen=True, slots=True, eq=False)
class Oracle:
    """Signal, strength and expected return of every ticker of one demo market; created by `demo_oracle`."""

    _world: SimulatedMarket = field(repr=False)

    def signal(self, symbol: Symbol) -> SignalType:
        """Return the signal planted in `symbol`; raises NoData for an unknown ticker."""
        return self._planted(symbol).signal

    def strength(self, symbol: Symbol) -> float:
        """Return the strength of the signal in the unit defined by `PlantedSignal`; 0 for none."""
        return self._planted(symbol).strength

    def expected_return(self, symbol: Symbol, session: date, horizon: int) -> float:
        """Return the planted log return from the close of `session` over the next `horizon` sessions.

        It is the conditional mean given all hidden states at that close, in excess of market, sector and constant
        drift.

        Raises:
            NoData: the ticker is unknown, or the session has no bar.
            ConfigError: the horizon is below one session.
        """
        planted = self._planted(symbol)
        if horizon < 1:
            raise ConfigError(f"the horizon must be at least one session, not {horizon}")
        place = self._place(symbol, session)
        return planted.strength * self._units(symbol, planted.signal, place, horizon)

    def _units(self, symbol: Symbol, signal: SignalType, place: int, horizon: int) -> float:
        """Return the expected return for a strength of one."""
        hidden, column = self._world.hidden, _COLUMNS[symbol]
        match signal:
            case SignalType.NONE:
                return 0.0
            case SignalType.MOMENTUM:
                p = REGIME_PERSISTENCE
                return float(hidden.regime[place, column]) * p * (1 - p**horizon) / (1 - p)
            case SignalType.NEWS_SHOCK:
                return float(hidden.news[place, column]) * (1 - NEWS_DECAY**horizon) / (1 - NEWS_DECAY)
            case SignalType.MEAN_REVERSION:
                spread = PLANTED[symbol].strength
                return -float(hidden.deviation[place, column]) / spread * (1 - REVERSION**horizon)
            case SignalType.EARNINGS_DRIFT:
                return self._drift_left(symbol, place, horizon)

    def _drift_left(self, symbol: Symbol, place: int, horizon: int) -> float:
        time, left = self._world.time, 0.0
        for quarter in self._world.filings[symbol]:
            age = place - time.place(quarter.filed) - 1
            if quarter.filed >= time.days[0] and age >= 0:
                left += quarter.surprise * (drift_share(age + horizon) - drift_share(age))
        return left

    def _place(self, symbol: Symbol, session: date) -> int:
        time, traded = self._world.time, self._world.tapes[symbol]
        place = time.place(session)
        if not traded.first <= place < traded.end or time.days[place] != session:
            raise NoData(f"{symbol} has no bar on {session} in the demo market; choose a session in which it traded")
        return place

    @staticmethod
    def _planted(symbol: Symbol) -> PlantedSignal:
        if symbol not in PLANTED:
            raise NoData(f"there is no {symbol} in the demo market; its tickers are {', '.join(sorted(PLANTED))}")
        return PLANTED[symbol]


def demo_oracle(*, seed: int = 7, last: date) -> Oracle:
    """Return the oracle of the market that `demo_market` creates for the same seed and last session."""
    return Oracle(simulate_market(seed, last))
