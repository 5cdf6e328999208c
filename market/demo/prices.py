"""Conversion of simulated returns to unadjusted bars in cents and shares, with dividends and splits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .companies import Company
from .factors import OVERNIGHT
from .random_streams import (
    Floats,
    Integers,
    exp,
    log,
    random_stream,
)
from .returns import Returns
from .timeline import FIRST_SESSION, Timeline

LEAST_RISE, MOST_RISE = 0.92, 1.12  # minimum and maximum ratio of the dividends of consecutive years
MOST_PAID = 0.02  # maximum dividend as a share of the price at the ex-date, relevant after a collapse of the price
VOLUME_MEMORY = 0.75


@dataclass(frozen=True, slots=True)
class SimulatedDividend:
    """A dividend: position of the ex-date in the timeline, and cents per share."""

    place: int
    cents: int


@dataclass(frozen=True, slots=True)
class SimulatedTrading:
    """Trading of one company: unadjusted prices in cents and volume in shares, one element per session.

    The company traded in the sessions `first` to `end` (excluded); elements outside that range have no meaning.

    Attributes:
        surprise: return of the session in units of its expected volatility.
        change: total return of the session.
        paid: dividends.
    """

    first: int
    end: int
    open: Integers
    high: Integers
    low: Integers
    close: Integers
    volume: Integers
    surprise: Floats
    change: Floats
    paid: tuple[SimulatedDividend, ...]


@dataclass(slots=True)
class _DividendPolicy:
    """Dividend policy: the rate, in cents per current share, is set yearly from the price, within bounded steps."""

    company: Company
    year: int = 0
    cents: float = 0.0

    def pay(self, year: int, price: float) -> int:
        if year != self.year:
            target = 100 * self.company.dividend_yield * price / 4
            bounded = min(max(target, LEAST_RISE * self.cents), MOST_RISE * self.cents) if self.cents else target
            self.year, self.cents = year, bounded
        self.cents = min(self.cents, 100 * MOST_PAID * price)
        return round(self.cents)


def tapes(companies: Sequence[Company], seed: int, time: Timeline, moves: Returns) -> tuple[SimulatedTrading, ...]:
    """Return the trading of every company, in the order of `companies`."""
    night, day = exp(moves.overnight), exp(moves.day)
    surprise = (moves.overnight + moves.day) / moves.volatility
    spread = math.sqrt(1 - OVERNIGHT) * moves.volatility
    return tuple(
        _tape(
            company,
            time,
            _walk(company, time, night[:, n].tolist(), day[:, n].tolist()),
            _extremes(
                moves.day[:, n], spread[:, n], random_stream(seed, company.ticker, "extremes").random((len(time), 2))
            ),
            _activity(surprise[:, n], random_stream(seed, company.ticker, "volume").standard_normal(len(time))),
            surprise[:, n],
        )
        for n, company in enumerate(companies)
    )


def ex_dates(company: Company, time: Timeline) -> frozenset[int]:
    """Return the positions of a company's ex-dates: one per quarter, with month and day specific to the company."""
    if not company.dividend_yield:
        return frozenset()
    day = 4 + sum(company.ticker.encode()) % 15
    years = range(FIRST_SESSION.year, time.days[-1].year + 1)
    months = [month for month in range(1, 13) if (month - company.year_end) % 3 == 2]
    dates = [FIRST_SESSION.replace(year=year, month=month, day=day) for year in years for month in months]
    return frozenset(place for place in map(time.place, dates) if place > 0)


@dataclass(frozen=True, slots=True)
class _PricePath:
    first: int
    end: int
    opened: list[float]
    closed: list[float]
    reference: list[float]
    paid: tuple[SimulatedDividend, ...]


def _walk(company: Company, time: Timeline, night: list[float], day: list[float]) -> _PricePath:
    """Return opens and closes in dollars; `reference` is the previous close on the share basis of the session."""
    first = time.place(company.listed)
    end = time.place(company.collapse.last_session) + 1 if company.collapse else len(time)
    payer, pays, paid = _DividendPolicy(company), ex_dates(company, time), list[SimulatedDividend]()
    ratios = {time.place(split.ex_date): split.new / split.old for split in company.splits}
    opened, closed, reference = list[float](), list[float](), list[float]()
    price = company.price
    for t in range(len(time)):
        if t in ratios:
            price /= ratios[t]
            payer.cents /= ratios[t]
        reference.append(price)
        if first < t < end:
            price *= night[t]
        if t in pays and first < t < end and (cents := payer.pay(time.days[t].year, price)):
            paid.append(SimulatedDividend(t, cents))
            price -= cents / 100
        opened.append(price)
        if first <= t < end:
            price *= day[t]
        closed.append(price)
    return _PricePath(first, min(end, len(time)), opened, closed, reference, tuple(paid))


def _tape(
    company: Company,
    time: Timeline,
    walk: _PricePath,
    extremes: tuple[Floats, Floats],
    activity: Floats,
    surprise: Floats,
) -> SimulatedTrading:
    opened, closed = np.array(walk.opened), np.array(walk.closed)
    reference = np.array(walk.reference)
    first, last = _cents(opened), _cents(closed)
    paid = np.zeros(len(time))
    paid[[p.place for p in walk.paid]] = [p.cents / 100 for p in walk.paid]
    return SimulatedTrading(
        first=walk.first,
        end=walk.end,
        open=first,
        high=np.maximum(_cents(opened * extremes[0]), np.maximum(first, last)),
        low=np.minimum(_cents(opened * extremes[1]), np.minimum(first, last)),
        close=last,
        volume=np.rint(company.turnover * 1e6 / reference * activity).astype(np.int64),
        surprise=surprise,
        change=(closed + paid) / reference - 1,
        paid=walk.paid,
    )


def _cents(prices: Floats) -> Integers:
    return np.maximum(np.rint(100 * prices).astype(np.int64), 1)


def _extremes(day: Floats, spread: Floats, draws: Floats) -> tuple[Floats, Floats]:
    """Return the ratios of the day's high and low to its open.

    The maximum of a Brownian bridge from 0 to d with variance s^2 is (d + sqrt(d^2 - 2 s^2 ln U)) / 2 for uniform U.
    High and low are drawn independently.
    """
    room = -2 * spread**2 * np.stack([log(1 - draws[:, 0]), log(1 - draws[:, 1])])
    reach = np.sqrt(day**2 + room)
    return exp((day + reach[0]) / 2), exp((day - reach[1]) / 2)


def _activity(surprise: Floats, draws: Floats) -> Floats:
    """Return volume relative to its usual level: autocorrelated, and rising with the size of the return."""
    state, path = 0.0, list[float]()
    for draw in draws.tolist():
        state = VOLUME_MEMORY * state + 0.2 * draw
        path.append(state)
    return exp(np.array(path) + 0.32 * np.minimum(np.abs(surprise), 5.0) - 0.3)
