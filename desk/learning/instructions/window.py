"""Scores of texts on the sessions since the last step, from the account, the prices and the recorded decisions."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import fmean

from ....domain.errors import NoData
from ....domain.ids import Symbol
from ....market.price_history import load_price_history
from ....market.view import MarketView
from ..returns import price_return
from .score import benchmark_score
from .steps import DecidedNote, InstructionStep, WindowScore


@dataclass(frozen=True, slots=True)
class SessionStart:
    """An account after the settlement of a session, before it decides.

    Attributes:
        symbols: those that it decides on.
        equity: in its currency.
        deposited: sum of deposits less withdrawals, in its currency.
    """

    session: date
    as_of: datetime
    symbols: tuple[Symbol, ...]
    equity: Decimal
    deposited: Decimal


def window_scores(
    view: MarketView, last: InstructionStep, now: SessionStart, notes: Iterable[DecidedNote]
) -> tuple[WindowScore, ...]:
    """Return the score of the text in force since `last`, and that of the text in shadow if it has answered.

    The return of the account leaves out deposits and withdrawals. The return of a text in shadow is that of the account
    plus, for every decision that both have made, the difference of their weights times the return of the symbol from
    the close of the decision to the next; it ignores costs and the effect of one decision on the next.
    """
    benchmark = buy_and_hold(view, last.symbols, last.as_of)
    if benchmark is None or last.equity <= 0:
        return (WindowScore(text=last.in_force, score=None),)
    total = float((now.equity - (now.deposited - last.deposited)) / last.equity - 1)
    scores = [_score(last.in_force, total, benchmark)]
    if last.in_shadow is not None:
        gains = [gain for each in notes if (gain := _gain(view, each, last.in_shadow)) is not None]
        if gains:
            scores.append(_score(last.in_shadow, total + sum(gains), benchmark, shadow=True))
    return tuple(scores)


def buy_and_hold(view: MarketView, symbols: Iterable[Symbol], since: datetime) -> float | None:
    """Return the mean return of the symbols since a moment, dividends included; None if none has prices."""
    found = [moved for each in symbols if (moved := _moved(view, each, since)) is not None]
    return fmean(found) if found else None


def _moved(view: MarketView, symbol: Symbol, since: datetime) -> float | None:
    try:
        moved = price_return(view, symbol, since)
    except NoData:
        return None
    return None if moved is None else float(moved)


def _score(text: str, total: float, benchmark: float, *, shadow: bool = False) -> WindowScore:
    score = benchmark_score(total, benchmark)
    return WindowScore(text=text, score=score, total_return=total, benchmark_return=benchmark, shadow=shadow)


def _gain(view: MarketView, note: DecidedNote, text: str) -> float | None:
    if note.shadow != text or note.shadow_weight is None:
        return None
    moved = next_return(view, note.symbol, note.session)
    return None if moved is None else (note.shadow_weight - note.weight) * moved


def next_return(view: MarketView, symbol: Symbol, session: date) -> float | None:
    """Return the return from the close of a session to the next close; None if the view lacks one of them."""
    try:
        series = load_price_history(view, symbol).series
    except NoData:
        return None
    place = bisect_left(series.sessions, session)
    if place + 1 >= len(series) or series.sessions[place] != session:
        return None
    return float(series.close[place + 1] / series.close[place]) - 1
