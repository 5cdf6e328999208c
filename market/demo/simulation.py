"""Simulation of a demo market from one seed."""

from dataclasses import dataclass
from datetime import date

from ...domain.ids import Symbol
from .companies import ALL_LISTINGS
from .earnings import Quarter, quarters
from .factors import Factors, factors
from .latent_states import LatentStates, latent
from .prices import SimulatedTrading, tapes
from .returns import returns
from .timeline import Timeline, timeline


@dataclass(frozen=True, slots=True)
class SimulatedMarket:
    """One simulated market with public and hidden data; columns are in the order of ALL_LISTINGS."""

    seed: int
    time: Timeline
    common: Factors
    filings: dict[Symbol, tuple[Quarter, ...]]
    hidden: LatentStates
    tapes: dict[Symbol, SimulatedTrading]


def simulate_market(seed: int, last: date) -> SimulatedMarket:
    """Return the market up to `last`; a session depends on the seed and on earlier sessions only."""
    time = timeline(last)
    common = factors(seed, len(time))
    filings = {company.ticker: quarters(company, seed, time) for company in ALL_LISTINGS}
    hidden = latent(ALL_LISTINGS, seed, len(time))
    moves = returns(ALL_LISTINGS, seed, time, common, hidden, filings)
    traded = dict(zip((c.ticker for c in ALL_LISTINGS), tapes(ALL_LISTINGS, seed, time, moves), strict=True))
    return SimulatedMarket(seed, time, common, filings, hidden, traded)
