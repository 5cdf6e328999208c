"""Simulation of quarterly earnings as a seasonal random walk with drift, and the surprise of each filing."""

import calendar as months
import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import stdev

from .companies import Company
from .random_streams import random_stream
from .timeline import FIRST_SESSION, Timeline

FIRST_YEAR = 2013
SEASONS = (0.94, 1.00, 0.97, 1.09)
LEAST_DIFFERENCES, MOST_DIFFERENCES = 4, 8
WIDEST_SURPRISE = 3.0


@dataclass(frozen=True, slots=True)
class Quarter:
    """One fiscal quarter and its filing.

    Attributes:
        number: 1 to 4 within the fiscal year.
        filed: session of the filing, which becomes public after the close, at `known_at`.
        eps: diluted earnings in dollars per share, on the share basis of the first session (before any split).
        eps_before: `eps` four quarters earlier; None in the first year.
        shares: diluted average shares, before any split.
        surprise: (EPS_q - EPS_q-4 - expected growth) / sample standard deviation of the last up to 8 seasonal
            differences, clipped to [-3, 3]; 0 with fewer than 4. Foster, Olsen & Shevlin (1984), less the drift.
        noise: three standard normal draws for the other lines of the statement.
    """

    period_end: date
    number: int
    filed: date
    known_at: datetime
    eps: float
    eps_before: float | None
    shares: float
    surprise: float
    noise: tuple[float, float, float]


def month_end(year: int, month: int) -> date:
    """Return the last day of a month; months above 12 continue in the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, months.monthrange(year, month)[1])


def quarters(company: Company, seed: int, time: Timeline) -> tuple[Quarter, ...]:
    """Return the quarters filed up to the last session, oldest first; empty for the fund.

    A company files while it is listed. A company listed at the first session has earlier statements as well.
    """
    if company.is_fund:
        return ()
    count = 4 * (time.days[-1].year - FIRST_YEAR + 1)
    draws = random_stream(seed, company.ticker, "earnings").standard_normal((count, 4)).tolist()
    late = random_stream(seed, company.ticker, "filing").random((count, 2)).tolist()
    last = min(time.days[-1], company.collapse.last_session) if company.collapse else time.days[-1]
    path: list[float] = []
    found: list[Quarter] = []
    for q in range(count):
        path.append(_eps(company, path, draws[q][0]))
        end = month_end(FIRST_YEAR, company.year_end % 3 + 3 * (q + (company.year_end % 3 == 0)))
        number = (end.month - company.year_end) % 12 // 3 or 4
        filed = time.session_from(end + timedelta(days=(44 if number == 4 else 27) + int(6 * late[q][0])))
        if filed <= last and (company.listed == FIRST_SESSION or end > company.listed):
            after = timedelta(minutes=6 + int(55 * late[q][1]))
            found.append(
                Quarter(
                    period_end=end,
                    number=number,
                    filed=filed,
                    known_at=time.calendar.close(filed) + after,
                    eps=path[q],
                    eps_before=path[q - 4] if q >= 4 else None,
                    shares=company.shares * 1e6 * 0.998**q,
                    surprise=_surprise(company, path),
                    noise=(draws[q][1], draws[q][2], draws[q][3]),
                )
            )
    return tuple(found)


def _expected(company: Company, q: int) -> float:
    """Return the expected growth of quarter `q` over the same quarter a year before, in dollars per share."""
    level = company.price / company.earnings_multiple / 4 * math.pow(1 + company.growth, q / 4 - 3)
    return company.growth * level


def _eps(company: Company, path: list[float], shock: float) -> float:
    """Return the next EPS: that of the same quarter a year before plus expected growth plus a shock scaled by level."""
    q = len(path)
    scale = _expected(company, q) / company.growth
    shock = company.earnings_noise * scale * max(-2.5, min(2.5, shock))
    if q < 4:
        return scale * SEASONS[q] + 0.3 * shock
    return path[q - 4] + _expected(company, q) + shock


def _surprise(company: Company, path: list[float]) -> float:
    differences = [now - before for before, now in zip(path, path[4:], strict=False)][-MOST_DIFFERENCES:]
    if len(differences) < LEAST_DIFFERENCES:
        return 0.0
    surprise = (differences[-1] - _expected(company, len(path) - 1)) / stdev(differences)
    return max(-WIDEST_SURPRISE, min(WIDEST_SURPRISE, surprise))
