"""Ratings from the prices that followed each session, for training; the test window is kept apart by an embargo."""

import json
from collections.abc import Iterator
from datetime import date

from ...app.settings import Settings
from ...desk.learning.rating_labels import EMBARGO, fit_cuts, label_ratings, label_scores
from ...domain.errors import ConfigError
from ...domain.ids import Symbol
from ...domain.market import Interval
from ...domain.trading_calendar import trading_calendar
from ...market.adjustment import adjust_bars
from ...market.source import MarketSource
from ..run_folder import StoredExperiment
from ..unit_run import unit_market

SCHEMA = "openoutcry.rating-label/1"


def label_lines(run: StoredExperiment, settings: Settings, test_from: date | None) -> Iterator[str]:
    """Yield one line for each symbol and session of the window with a defined rating (Trading-R1, arXiv 2509.11420).

    Labels use the adjusted closes of 15 later sessions, so that no session is labelled whose label would use a price of
    the test window, which begins on `test_from`, by default after the window. Raises ConfigError if it begins before
    the window, or leaves fewer than 20 sessions to fit the ratings on.
    """
    sessions = run.facts.sessions
    start = test_from or date.max
    if start <= sessions[0]:
        raise ConfigError(f"--test-from {start}: the window begins on {sessions[0]}; give a later day")
    train = [session for session in sessions if session < start]
    for seed in run.experiment.seeds if run.experiment.market == "demo" else run.experiment.seeds[:1]:
        source = _market(run, settings, seed)
        for symbol in map(Symbol, run.facts.symbols):
            yield from _symbol_lines(run, source, symbol, seed, train)


def _market(run: StoredExperiment, settings: Settings, seed: int) -> MarketSource:
    market = run.experiment.market
    if market != "demo":
        market = str(run.origin.joinpath(market).resolve())
    asked = settings.model_copy(update={"market": market, "seed": seed, "demo_seed": seed})
    return unit_market(asked.model_dump_json(), seed, run.experiment.window.last)


def _symbol_lines(
    run: StoredExperiment, source: MarketSource, symbol: Symbol, seed: int, train: list[date]
) -> Iterator[str]:
    """Yield the labels of one symbol; prices end with the last session before the test window."""
    until = trading_calendar(source.calendar_name(symbol)).close(train[-1])
    bars = source.bars(symbol, Interval.DAY, until=until, count=len(train))
    adjusted = adjust_bars(tuple(bars), source.splits(symbol, until=until), source.dividends(symbol, until=until))
    days = [bar.session for bar in bars]
    scores = label_scores(adjusted.close.tolist())
    cuts = fit_cuts(scores, days, date.max)
    if cuts is None:
        raise ConfigError(f"{symbol} has too few sessions before the test window to fit ratings; give a longer window")
    for day, score, rating in zip(days, scores, label_ratings(scores, cuts), strict=True):
        if rating is not None:
            document = {
                "schema": SCHEMA,
                "run": run.facts.run_id,
                "symbol": str(symbol),
                "seed": seed,
                "session": str(day),
                "score": round(float(score), 6),
                "rating": str(rating),
                "embargo": EMBARGO,
            }
            yield json.dumps(document)
