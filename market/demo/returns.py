"""Returns of the demo market: the sum of market, sector, idiosyncratic and planted returns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.ids import Symbol
from .companies import Company
from .earnings import Quarter
from .factors import OVERNIGHT, SECTORS, Factors
from .latent_states import LatentStates, earnings_returns, planted_returns
from .random_streams import Floats, random_stream
from .timeline import Timeline

OWN_PERSISTENCE, OWN_REACTION = 0.90, 0.07  # GARCH(1,1) of the idiosyncratic returns (Bollerslev 1986)
TAILS = 6  # degrees of freedom of Student's t
SESSIONS_A_YEAR = 252


@dataclass(frozen=True, slots=True)
class Returns:
    """Log total returns overnight and during the day, and expected volatility of the whole session.

    All arrays have the shape (sessions, companies).
    """

    overnight: Floats
    day: Floats
    volatility: Floats


def returns(
    companies: Sequence[Company],
    seed: int,
    time: Timeline,
    common: Factors,
    hidden: LatentStates,
    filings: Mapping[Symbol, Sequence[Quarter]],
) -> Returns:
    """Return the sum of market, sector, idiosyncratic and planted returns, including delisting returns."""
    own_night, own_day, own_volatility = _own(companies, seed, len(time))
    exposure = _exposure(companies)
    drift_night, drift_day = planted_returns(companies, hidden)
    reaction, drift = earnings_returns(companies, filings, time)
    overnight = _exposed(exposure, common.overnight) + own_night + drift_night + reaction + 0.3 * drift
    for column, company in enumerate(companies):
        if company.collapse and time.days[-1] >= company.collapse.announced:
            overnight[time.place(company.collapse.announced), column] += company.collapse.log_return
    return Returns(
        overnight=overnight,
        day=_exposed(exposure, common.day) + own_day + drift_day + 0.7 * drift,
        volatility=np.sqrt(_exposed(exposure**2, common.volatility**2) + own_volatility**2),
    )


def _exposure(companies: Sequence[Company]) -> Floats:
    return np.array([[c.beta, *(c.sector_beta * (c.sector is sector) for sector in SECTORS)] for c in companies])


def _exposed(exposure: Floats, values: Floats) -> Floats:
    """Return the sum over factors of exposure times value, in a fixed order of addition, unlike a matrix product."""
    total = np.zeros((len(values), len(exposure)))
    for factor in range(exposure.shape[1]):
        total += values[:, factor : factor + 1] * exposure[:, factor]
    return total


def _own(companies: Sequence[Company], seed: int, sessions: int) -> tuple[Floats, Floats, Floats]:
    """Return the idiosyncratic returns overnight and during the day, and their expected volatility."""
    draws = np.stack([random_stream(seed, c.ticker, "own").standard_t(TAILS, (sessions, 2)) for c in companies], axis=1)
    draws /= math.sqrt(TAILS / (TAILS - 2))
    night, noon = math.sqrt(OVERNIGHT), math.sqrt(1 - OVERNIGHT)
    long_run = np.array([c.idiosyncratic**2 / SESSIONS_A_YEAR for c in companies])
    variance, volatility = long_run, np.empty(draws.shape[:2])
    whole = night * draws[:, :, 0] + noon * draws[:, :, 1]
    for t in range(sessions):
        volatility[t] = np.sqrt(variance)
        shock = volatility[t] * whole[t]
        settled = (1 - OWN_PERSISTENCE - OWN_REACTION) * long_run
        variance = settled + OWN_PERSISTENCE * variance + OWN_REACTION * (shock * shock)
    return night * volatility * draws[:, :, 0], noon * volatility * draws[:, :, 1], volatility
