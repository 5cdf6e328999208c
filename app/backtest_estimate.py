"""The expected model calls, tokens and cost of a backtest or a session, from a few decisions by rules."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from ..desk.backtest import sessions_to_decide
from ..desk.warm_up import WarmUpWindow
from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..graph.desk_config import load_desk
from ..market.source import MarketSource
from .backtest_request import BacktestRequest, check_request
from .call_estimate import CallEstimate, estimate_calls
from .clock import now
from .desk import dry_run_desk
from .dry_run import dry_run_all
from .factories import open_market
from .learning_calls import (
    LearningCalls,
    calls_between_sessions,
    calls_for_lessons,
    calls_now,
    calls_of_labels,
    calls_of_training,
)
from .learning_estimate import learning_usage
from .settings import Settings
from .usage_estimate import DecisionSamples, UsageEstimate

MOST_SAMPLES = 12


def estimate_backtest(
    request: BacktestRequest, settings: Settings, source: MarketSource, accounts: int = 1
) -> UsageEstimate:
    """Return the expected usage; no model is called and nothing is stored.

    Up to MOST_SAMPLES decisions, spread over symbols and sessions, are made by rules for an account without positions.
    What the desk asks because it learns is counted as often as it can happen. The symbols are divided among `accounts`
    equal accounts, each with a desk that learns on its own. Raises what `check_request` raises, and NoData if no model
    would be called in any sampled decision.
    """
    window, calendar = check_request(request, source, now()), trading_calendar(request.rules.calendar)
    deciding = sorted(sessions_to_decide(calendar, window, request.every))
    total = len(deciding) * len(request.symbols)
    own = settings.model_copy(update={"cash": request.cash, "margin": request.rules.margin, "remember": False})
    samples = _samples(request.symbols, deciding, own)
    learned = _learning_of_backtest(request, settings, calendar, window[0], deciding, accounts)
    held = -(-len(request.symbols) // accounts)
    return _estimate(request.symbols, len(deciding), total, samples, own, learned, held)


def _learning_of_backtest(
    request: BacktestRequest,
    settings: Settings,
    calendar: TradingCalendar,
    test: date,
    deciding: Sequence[date],
    accounts: int,
) -> LearningCalls:
    """Return the calls of learning in all accounts; those of the memory alone without `settings.remember`."""
    file, held = load_desk(settings.desk), -(-len(request.symbols) // accounts)
    found = LearningCalls()
    if settings.remember and not file.learning.frozen_at_test:
        found += calls_between_sessions(file, calendar, deciding, 1 if file.over_book else held)
    if request.uses_memory:
        found += calls_for_lessons(file, len(deciding) * held)
    if request.warm_up_from is not None:
        window = WarmUpWindow(request.warm_up_from, calendar.previous(calendar.previous(test)), test)
        found += calls_of_labels(file, calendar, window, held)
        if settings.remember:
            found += calls_of_training(file, calendar, window, held)
    return found.times(accounts)


def estimate_session(
    symbols: Sequence[str], session: date, settings: Settings, desks: Mapping[Symbol, str] | None = None
) -> UsageEstimate:
    """Return the expected usage of one session's decisions on `symbols`; like `estimate_backtest`.

    `desks` names the desk of each symbol that has another one than the settings. The calls of learning follow from what
    the account's desk has learned and stored in its memory.
    """
    own, source = desks or {}, open_market(settings)
    by_desk: defaultdict[str, list[Symbol]] = defaultdict(list)
    for symbol in map(Symbol, symbols):
        by_desk[own.get(symbol, settings.desk)].append(symbol)
    parts = list[UsageEstimate]()
    for desk, names in by_desk.items():
        asked = settings.model_copy(update={"desk": desk})
        plain = asked.model_copy(update={"remember": False})
        learned = _learning_of_session(names, session, asked, source)
        parts.append(_estimate(names, 1, len(names), _samples(names, [session], plain), plain, learned, len(names)))
    return UsageEstimate(
        len(symbols),
        1,
        sum(part.samples for part in parts),
        tuple(role for part in parts for role in part.roles),
        tuple(role for part in parts for role in part.learning),
    )


def _learning_of_session(
    symbols: Sequence[Symbol], session: date, settings: Settings, source: MarketSource
) -> LearningCalls:
    if not settings.remember:
        return LearningCalls()
    as_of = trading_calendar(source.calendar_name(symbols[0])).close(session)
    with dry_run_desk(settings, source, lambda _role, _prompt: None) as desk:
        return calls_now(desk, symbols, as_of, begins_session=True)


def _estimate(
    symbols: Sequence[str],
    sessions: int,
    total: int,
    samples: DecisionSamples,
    settings: Settings,
    learned: LearningCalls,
    held: int,
) -> UsageEstimate:
    """Return the usage of `total` decisions; a desk over a book decides once a day, on all symbols."""
    runs = sessions if load_desk(settings.desk).over_book else total
    learning = learning_usage(learned, samples, settings, held)
    return UsageEstimate(total, sessions, len(samples.decisions), samples.scaled(runs), learning)


def _samples(symbols: Sequence[str], days: Sequence[date], settings: Settings) -> DecisionSamples:
    if load_desk(settings.desk).over_book:
        asked = [(tuple(symbols), day) for day in _spread_days(days, len(symbols))]
    else:
        asked = [((symbol,), day) for symbol, day in _spread(symbols, days)]
    samples = [_sample(names, day, settings) for names, day in asked]
    if days and not any(samples):
        raise NoData("no model would be called in any sampled decision; check the market data of these days")
    return DecisionSamples(samples)


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
