"""The clockwork: everything that is drawn, in order, from one seed."""

from dataclasses import dataclass
from datetime import date

from ...domain.ids import Symbol
from .earnings import Quarter, quarters
from .factors import Factors, factors
from .latent import Latent, latent
from .prices import Tape, tapes
from .returns import returns
from .roster import EVERYONE
from .timeline import Timeline, timeline


@dataclass(frozen=True, slots=True)
class World:
    """One market from the first session to the last: what was seen and what was hidden; columns follow EVERYONE."""

    seed: int
    time: Timeline
    common: Factors
    filings: dict[Symbol, tuple[Quarter, ...]]
    hidden: Latent
    tapes: dict[Symbol, Tape]


def world(seed: int, last: date) -> World:
    """Draw the market up to `last`; a session depends on the seed and on earlier sessions alone."""
    time = timeline(last)
    common = factors(seed, len(time))
    filings = {company.ticker: quarters(company, seed, time) for company in EVERYONE}
    hidden = latent(EVERYONE, seed, len(time))
    moves = returns(EVERYONE, seed, time, common, hidden, filings)
    traded = dict(zip((c.ticker for c in EVERYONE), tapes(EVERYONE, seed, time, moves), strict=True))
    return World(seed, time, common, filings, hidden, traded)
