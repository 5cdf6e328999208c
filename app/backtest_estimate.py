"""The expected model calls, tokens and cost of a backtest or a session, from a few decisions by rules."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..desk.backtest import sessions_to_decide
from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import load_desk
from ..market.source import MarketSource
from .backtest_request import BacktestRequest, check_request
from .call_estimate import CallEstimate, estimate_calls, total_cost
from .clock import now
from .dry_run import dry_run_all
from .settings import Settings

MOST_SAMPLES = 12


@dataclass(frozen=True, slots=True)
class RoleEstimate:
    """What one role is expected to use in all decisions; `cost_usd` is None if its model has no price."""

    role: str
    calls: int
    prompt_tokens: int
    answer_tokens: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class UsageEstimate:
    """What a backtest or a session is expected to use.

    Attributes:
        decisions: number of decisions, one for each symbol and deciding session.
        sessions: number of deciding sessions.
        samples: number of decisions by rules that the estimate was scaled from.
    """

    decisions: int
    sessions: int
    samples: int
    roles: tuple[RoleEstimate, ...]

    @property
    def calls(self) -> int:
        """Return the sum over all roles."""
        return sum(role.calls for role in self.roles)

    @property
    def prompt_tokens(self) -> int:
        """Return the sum over all roles."""
        return sum(role.prompt_tokens for role in self.roles)

    @property
    def answer_tokens(self) -> int:
        """Return the sum over all roles."""
        return sum(role.answer_tokens for role in self.roles)

    @property
    def cost_usd(self) -> Decimal | None:
        """Return the sum over all roles; None if the cost of any is not known."""
        return total_cost([role.cost_usd for role in self.roles])


def estimate_backtest(request: BacktestRequest, settings: Settings, source: MarketSource) -> UsageEstimate:
    """Return the expected usage; no model is called and nothing is stored.

    Up to MOST_SAMPLES decisions, spread over symbols and sessions, are made by rules for an account without positions.
    Raises what `check_request` raises, and NoData if no model would be called in any of them.
    """
    window = check_request(request, source, now())
    deciding = sorted(sessions_to_decide(trading_calendar(request.rules.calendar), window, request.every))
    total = len(deciding) * len(request.symbols)
    settings = settings.model_copy(update={"cash": request.cash, "margin": request.rules.margin, "remember": False})
    return _estimate(request.symbols, deciding, total, settings)


def estimate_session(
    symbols: Sequence[str], session: date, settings: Settings, desks: Mapping[Symbol, str] | None = None
) -> UsageEstimate:
    """Return the expected usage of one session's decisions on `symbols`; like `estimate_backtest`.

    `desks` names the desk of each symbol that has another one than the settings.
    """
    settings, own = settings.model_copy(update={"remember": False}), desks or {}
    by_desk: defaultdict[str, list[str]] = defaultdict(list)
    for symbol in symbols:
        by_desk[own.get(Symbol(symbol), settings.desk)].append(symbol)
    parts = [
        _estimate(names, [session], len(names), settings.model_copy(update={"desk": desk}))
        for desk, names in by_desk.items()
    ]
    roles = tuple(role for part in parts for role in part.roles)
    return UsageEstimate(len(symbols), 1, sum(part.samples for part in parts), roles)


def _estimate(symbols: Sequence[str], days: Sequence[date], total: int, settings: Settings) -> UsageEstimate:
    """Return the usage of `total` decisions; a desk over a book decides once a day, on all symbols."""
    if load_desk(settings.desk).over_book:
        asked = [(tuple(symbols), day) for day in _spread_days(days, len(symbols))]
        runs = len(days)
    else:
        asked, runs = [((symbol,), day) for symbol, day in _spread(symbols, days)], total
    samples = [_sample(names, day, settings) for names, day in asked]
    if days and not any(samples):
        raise NoData("no model would be called in any sampled decision; check the market data of these days")
    return UsageEstimate(total, len(days), len(samples), _scaled(samples, runs))


def _spread_days(days: Sequence[date], symbols: int) -> Sequence[date]:
    """Return days at equal distances, up to MOST_SAMPLES symbols in all, and at least one day."""
    most = max(1, MOST_SAMPLES // max(symbols, 1))
    return days[:: max(1, math.ceil(len(days) / most))]


def _spread(symbols: Sequence[str], days: Sequence[date]) -> list[tuple[str, date]]:
    """Return up to MOST_SAMPLES pairs at equal distances in the list of all pairs, sessions first."""
    count = len(symbols) * len(days)
    step = max(1, math.ceil(count / MOST_SAMPLES))
    places = range(0, count, step)
    return [(symbols[place % len(symbols)], days[place // len(symbols)]) for place in places]


def _sample(symbols: Sequence[str], day: date, settings: Settings) -> tuple[CallEstimate, ...]:
    try:
        return estimate_calls(dry_run_all([str(each) for each in symbols], day.isoformat(), settings), settings)
    except NoData:
        return ()


def _scaled(samples: Sequence[Sequence[CallEstimate]], total: int) -> tuple[RoleEstimate, ...]:
    by_role: defaultdict[str, list[CallEstimate]] = defaultdict(list)
    for call in (call for sample in samples for call in sample):
        by_role[call.role].append(call)
    return tuple(_role(name, calls, Decimal(total) / len(samples)) for name, calls in by_role.items())


def _role(name: str, calls: Sequence[CallEstimate], factor: Decimal) -> RoleEstimate:
    cost = total_cost([call.cost_usd for call in calls])
    return RoleEstimate(
        role=name,
        calls=math.ceil(sum(call.calls for call in calls) * factor),
        prompt_tokens=math.ceil(sum(call.prompt_tokens for call in calls) * factor),
        answer_tokens=math.ceil(sum(call.answer_tokens for call in calls) * factor),
        cost_usd=None if cost is None else cost * factor,
    )
