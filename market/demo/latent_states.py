"""Hidden states that drive the planted signals. Every recursion runs forward in time, one row per session."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.ids import Symbol
from .companies import Company
from .earnings import Quarter
from .planted_signals import (
    DRIFT_SESSIONS,
    NEWS_DECAY,
    REGIME_PERSISTENCE,
    REVERSION,
    SignalType,
    strength,
)
from .random_streams import Floats, random_stream
from .timeline import Timeline

ACTIVE_RATE, QUIET_CHANCE = 0.30, 0.05  # probability of a story in a session
LEAVE_BUSY, LEAVE_QUIET = 1 / 15, 1 / 35
NEWS_REACTION = 0.009  # log return in the session of a story of unit size
EARNINGS_REACTION = 0.013  # log return at the open after a filing, per unit of surprise


@dataclass(frozen=True, slots=True)
class LatentStates:
    """Hidden states at each close, arrays of shape (sessions, companies).

    Attributes:
        regime: -1, 0 or +1.
        news: exponentially decayed sum of stories.
        deviation: log distance of the price from fundamental value.
        stories: signed size of the session's news; 0 for none.
    """

    regime: Floats
    news: Floats
    deviation: Floats
    stories: Floats


def latent(companies: Sequence[Company], seed: int, sessions: int) -> LatentStates:
    """Return the hidden states of the first `sessions` sessions."""
    stories = _columns([_stories(company, seed, sessions) for company in companies])
    return LatentStates(
        regime=_columns([_regime(company.ticker, seed, sessions) for company in companies]),
        news=_decayed(stories, NEWS_DECAY),
        deviation=_deviation(companies, seed, sessions),
        stories=stories,
    )


def drift_share(age: int) -> float:
    """Return the completed share of an earnings drift `age` sessions after the reaction; it slows linearly."""
    done = min(max(age, 0), DRIFT_SESSIONS)
    return done * (2 * DRIFT_SESSIONS + 1 - done) / (DRIFT_SESSIONS * (DRIFT_SESSIONS + 1))


def planted_returns(companies: Sequence[Company], hidden: LatentStates) -> tuple[Floats, Floats]:
    """Return the planted log returns of each session, overnight and during the day, without those of earnings."""
    symbols = [company.ticker for company in companies]
    momentum = np.array([strength(symbol, SignalType.MOMENTUM) for symbol in symbols])
    news = np.array([strength(symbol, SignalType.NEWS_SHOCK) for symbol in symbols])
    before = np.vstack([np.zeros((1, len(symbols))), hidden.news[:-1]])
    pull = np.diff(hidden.deviation, axis=0, prepend=np.zeros((1, len(symbols))))
    drift = momentum * hidden.regime + news * before
    return 0.3 * drift, 0.7 * drift + NEWS_REACTION * hidden.stories + pull


def earnings_returns(
    companies: Sequence[Company], filings: Mapping[Symbol, Sequence[Quarter]], time: Timeline
) -> tuple[Floats, Floats]:
    """Return two arrays of log returns: the reaction at the open after each filing, and the planted drift after it.

    All companies react; only those with a planted EARNINGS_DRIFT drift.
    """
    reaction, drift = np.zeros((len(time), len(companies))), np.zeros((len(time), len(companies)))
    shares = np.diff([drift_share(age) for age in range(DRIFT_SESSIONS + 1)])
    for column, company in enumerate(companies):
        planted = strength(company.ticker, SignalType.EARNINGS_DRIFT)
        for quarter in filings[company.ticker]:
            opened = time.place(quarter.filed) + 1
            if quarter.filed < time.days[0] or opened >= len(time):
                continue
            reaction[opened, column] += EARNINGS_REACTION * quarter.surprise
            window = drift[opened + 1 : opened + 1 + DRIFT_SESSIONS, column]
            window += planted * quarter.surprise * shares[: len(window)]
    return reaction, drift


def _columns(columns: Sequence[Floats]) -> Floats:
    return np.ascontiguousarray(np.array(columns).T)


def _regime(ticker: Symbol, seed: int, sessions: int) -> Floats:
    state, path = 0.0, np.empty(sessions)
    for t, (change, draw) in enumerate(random_stream(seed, ticker, "regime").random((sessions, 2)).tolist()):
        if change >= REGIME_PERSISTENCE or t == 0:
            state = float(int(3 * draw) - 1)
        path[t] = state
    return path


def _stories(company: Company, seed: int, sessions: int) -> Floats:
    """Return signed story sizes that cluster in busy periods; both signs are always equally likely."""
    busy, path = False, np.zeros(sessions)
    if company.is_fund:
        return path
    draws = random_stream(seed, company.ticker, "stories").random((sessions, 4)).tolist()
    for t, (turn, chance, size, side) in enumerate(draws):
        if turn < (LEAVE_BUSY if busy else LEAVE_QUIET):
            busy = not busy
        if chance < (ACTIVE_RATE if busy else QUIET_CHANCE):
            path[t] = (0.5 - 0.45 * math.log(1 - 0.95 * size)) * (1.0 if side < 0.5 else -1.0)
    return path


def _decayed(stories: Floats, decay: float) -> Floats:
    state, path = np.zeros(stories.shape[1]), np.empty_like(stories)
    for t in range(len(stories)):
        state = decay * state + stories[t]
        path[t] = state
    return path


def _deviation(companies: Sequence[Company], seed: int, sessions: int) -> Floats:
    """Return Ornstein-Uhlenbeck paths, one value per session (Uhlenbeck & Ornstein 1930); zero where not planted."""
    spread = np.array([strength(company.ticker, SignalType.MEAN_REVERSION) for company in companies])
    draws = _columns([random_stream(seed, c.ticker, "deviation").standard_normal(sessions) for c in companies])
    return _decayed(math.sqrt(1 - REVERSION**2) * spread * draws, REVERSION)
