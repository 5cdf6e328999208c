"""The schedule of a decision's orders, from the hourly bars that are visible when it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import stdev

from ..domain.account import Account
from ..domain.errors import DataError, NoData
from ..domain.execution import ExecutionPlan
from ..domain.ids import Symbol
from ..domain.market import Bar, Interval
from ..domain.orders import Order
from ..domain.trading_calendar import TradingCalendar
from ..market.view import MarketView
from ..risk.execution.schedules import mean_volume_curve
from ..risk.execution.slices import is_splittable
from ..risk.proposals.order_specs import AlmgrenChrissExecution, ExecutionSpec, NextOpenExecution, VwapExecution
from .accounts.intraday_bars import bar_starts

LOOKBACK_SESSIONS = 20
"""Sessions from which volume curve and volatility are computed, where they have complete hourly bars."""
ONE_DAY_REASON = "one order is sent for the day"


@dataclass(frozen=True, slots=True)
class HourlyHistory:
    """The completed sessions with complete hourly bars, oldest first, and the session in which orders are executed."""

    symbol: Symbol
    sessions: tuple[tuple[Bar, ...], ...]
    executing: date


def plan_execution(
    spec: ExecutionSpec, orders: Sequence[Order], view: MarketView, symbol: Symbol, account: Account
) -> ExecutionPlan | None:
    """Return how the orders are sent in the next session; None if the desk asks for nothing, or no order is splittable.

    Orders are split over hourly bars if the account matches its orders on hourly bars and the last completed session
    has all of them. Otherwise one order is sent for the day, and the plan says why.
    """
    if isinstance(spec, NextOpenExecution) or not any(is_splittable(order) for order in orders):
        return None
    if not account.hourly_bars:
        return ExecutionPlan(spec.kind, f"the account matches its orders on daily bars, so {ONE_DAY_REASON}")
    try:
        sessions = view.calendar(symbol)
        return _scheduled(spec, hourly_history(view, symbol, sessions), sessions, view)
    except DataError as error:
        return ExecutionPlan(spec.kind, f"{error}, so {ONE_DAY_REASON}")


def hourly_history(view: MarketView, symbol: Symbol, sessions: TradingCalendar) -> HourlyHistory:
    """Return the hourly bars of the last LOOKBACK_SESSIONS completed sessions.

    Raises NoData unless the last completed session has a bar for each of its hours, and what the source raises.
    """
    last = view.session(symbol)
    days = sessions.between(sessions.sessions[0], last)[-LOOKBACK_SESSIONS:]
    starts = {day: bar_starts(sessions, day) for day in days}
    found = view.bars(symbol, count=sum(map(len, starts.values())), interval=Interval.HOUR)
    by_day = {day: tuple(bar for bar in found if bar.session == day) for day in starts}
    whole = {day: bars for day, bars in by_day.items() if tuple(bar.start for bar in bars) == starts[day]}
    if last not in whole:
        raise NoData(f"the market has {len(by_day[last])} of {len(starts[last])} hourly bars of {symbol} for {last}")
    return HourlyHistory(symbol, tuple(whole.values()), sessions.next(last))


def _scheduled(
    spec: ExecutionSpec, history: HourlyHistory, sessions: TradingCalendar, view: MarketView
) -> ExecutionPlan:
    starts = bar_starts(sessions, history.executing)
    over = f"{len(starts)} hourly bars of {history.executing}"
    if isinstance(spec, VwapExecution):
        curve, used = volume_curve(history, len(starts))
        return ExecutionPlan(spec.kind, f"{over}, by the mean volume of {used} sessions", starts, volume_curve=curve)
    if isinstance(spec, AlmgrenChrissExecution):
        volatility, volume = bar_figures(history, view)
        impact = volatility / volume if spec.impact is None else spec.impact
        reason = f"{over}, by the bars of {len(history.sessions)} sessions"
        return ExecutionPlan(
            spec.kind, reason, starts, volatility=volatility, impact=impact, risk_aversion=spec.risk_aversion
        )
    return ExecutionPlan(spec.kind, over, starts)


def volume_curve(history: HourlyHistory, bars: int) -> tuple[tuple[Decimal, ...], int]:
    """Return the mean share of a session's volume in each of `bars` bars, and the number of sessions used.

    Sessions of `bars` bars are used; without any, the first `bars` bars of longer sessions. Raises NoData without
    volume.
    """
    volumes = [tuple(bar.volume for bar in session) for session in history.sessions]
    used = [each for each in volumes if len(each) == bars] or [each[:bars] for each in volumes if len(each) > bars]
    return mean_volume_curve(used), len(used)


def bar_figures(history: HourlyHistory, view: MarketView) -> tuple[Decimal, Decimal]:
    """Return the standard deviation of the price change over one bar, and the mean volume of a bar.

    A change is that from the close of the bar before in the session, or from the open of the first bar. Prices and
    volumes are in shares of the executing session. Raises NoData with fewer than two bars, without a change or volume.
    """
    ratio = _split_ratio(history, view)
    changes, volumes = list[Decimal](), list[Decimal]()
    for session in history.sessions:
        scale = ratio(session[0].session)
        befores = [session[0].open, *(bar.close for bar in session[:-1])]
        changes += [(bar.close - before) / scale for bar, before in zip(session, befores, strict=True)]
        volumes += [bar.volume * scale for bar in session]
    volatility = stdev(changes) if len(changes) > 1 else Decimal(0)
    volume = sum(volumes, Decimal(0)) / len(volumes)
    if not volatility or not volume:
        raise NoData(f"the hourly bars of {history.symbol} have no price change or no volume")
    return volatility, volume


def _split_ratio(history: HourlyHistory, view: MarketView) -> Callable[[date], Decimal]:
    """Return the function from a session to the shares of the executing session that one of its shares has become."""
    splits = [each for each in view.splits(history.symbol) if each.ex_date <= history.executing]

    def ratio(session: date) -> Decimal:
        product = Decimal(1)
        for split in splits:
            if split.ex_date > session:
                product *= split.ratio
        return product

    return ratio
