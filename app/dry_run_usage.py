"""The expected usage of decisions and of what the account's desk asks beside them because it learns."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..graph.desk_config import load_desk
from ..market.source import MarketSource
from .as_of import parse_as_of
from .call_estimate import CallEstimate, estimate_calls
from .clock import now
from .desk import dry_run_desk
from .dry_run import dry_run_all
from .factories import normalize_symbol, open_market
from .learning_calls import LearningCalls, calls_now
from .learning_estimate import learning_usage
from .settings import Settings
from .usage_estimate import DecisionSamples, RoleEstimate


@dataclass(frozen=True, slots=True)
class DryRunUsage:
    """The calls of the decisions in their order, and those of learning, at most."""

    decisions: tuple[CallEstimate, ...]
    learning: tuple[RoleEstimate, ...]


def dry_run_usage(tickers: Sequence[str], as_of: str | None, settings: Settings) -> DryRunUsage:
    """Return the expected usage of decisions on all tickers; raises NoData if no model would be called.

    A single decision takes no step of learning; the text in shadow answers beside it, and lessons on outcomes that are
    known by then are written before it.
    """
    decisions = estimate_calls(dry_run_all(tickers, as_of, settings), settings)
    learned = _learning(tickers, as_of, settings, open_market(settings))
    samples = DecisionSamples([_decision(each, as_of, settings) for each in _runs(tickers, settings, learned)])
    return DryRunUsage(decisions, learning_usage(learned, samples, settings, len(tickers)))


def _learning(tickers: Sequence[str], as_of: str | None, settings: Settings, source: MarketSource) -> LearningCalls:
    symbols = [normalize_symbol(each) for each in tickers]
    moments = {symbol: parse_as_of(as_of, source, symbol, now()) for symbol in symbols}
    with dry_run_desk(settings, source, lambda _role, _prompt: None) as desk:
        runs: list[list[Symbol]] = [symbols] if desk.file.over_book else [[symbol] for symbol in symbols]
        parts = [calls_now(desk, run, moments[run[0]], begins_session=False) for run in runs]
    return sum(parts, start=LearningCalls())


def _runs(tickers: Sequence[str], settings: Settings, learned: LearningCalls) -> Sequence[Sequence[str]]:
    """Return the tickers of each run, if texts in shadow answer beside them."""
    if not learned.shadowed:
        return []
    return [tickers] if load_desk(settings.desk).over_book else [[ticker] for ticker in tickers]


def _decision(tickers: Sequence[str], as_of: str | None, settings: Settings) -> tuple[CallEstimate, ...]:
    try:
        return estimate_calls(dry_run_all(tickers, as_of, settings), settings)
    except NoData:
        return ()
