"""The planted signals: there where they were planted, of the strength that the oracle says, and nowhere else."""

import gc
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from statistics import mean, stdev
from types import FunctionType, ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Timeframe
from openoutcry.market.demo.companies import COMPANIES
from openoutcry.market.demo.latent_states import LatentStates
from openoutcry.market.demo.oracle import Oracle, demo_oracle
from openoutcry.market.demo.planted_signals import PlantedSignal, SignalType
from openoutcry.market.demo.simulation import SimulatedMarket
from openoutcry.market.demo.source import DemoSource, demo_market
from openoutcry.market.view import MarketView

from .conftest import (
    EVER,
    LAST,
    NEVER,
    History,
    history,
)

Floats = NDArray[np.float64]
FUND = Symbol("OPENX")
PLANTED = [signal for signal in SignalType if signal is not SignalType.NONE]
UP = ("raises", "upgrades", "wins", "breakthrough", "approval", "record", "favorable", "strong", "profitable", "gains")
DOWN = (
    "cuts",
    "downgrades",
    "lawsuit",
    "recalls",
    "probe",
    "delays",
    "loses",
    "suspends",
    "weak",
    "layoffs",
    "alleges",
)
EPS = "income_statement.diluted_earnings_per_share"


def tickers(oracle: Oracle, signal: SignalType) -> list[Symbol]:
    return [c.ticker for c in COMPANIES if oracle.signal(c.ticker) is signal]


def excess(histories: Mapping[Symbol, History], symbol: Symbol) -> Floats:
    """Returns less the market's share in them, and less their own mean."""
    own, fund = histories[symbol], histories[FUND]
    beta = next(c.beta for c in COMPANIES if c.ticker == symbol)
    start = fund.days.index(own.days[0])
    rest = own.returns - beta * fund.returns[start : start + len(own.returns)]
    rest[0] = 0.0
    centred: Floats = rest - rest.mean()
    return centred


def ahead(returns: Floats, horizon: int) -> Floats:
    """Sum of the next `horizon` returns after each session that has as many."""
    total = np.concatenate([[0.0], np.cumsum(returns)])
    later: Floats = total[horizon + 1 :] - total[1:-horizon]
    return later


def t_value(x: Floats, y: Floats, every: int) -> float:
    """t of the correlation over every `every`-th pair, so that horizons do not overlap."""
    x, y = x[::every], y[::every]
    r = float(np.corrcoef(x, y)[0, 1])
    return r * float(np.sqrt((len(x) - 2) / (1 - r * r)))


def pooled(
    oracle: Oracle, histories: Mapping[Symbol, History], signal: SignalType, horizon: int
) -> tuple[Floats, Floats]:
    expected, realised = [], []
    for symbol in tickers(oracle, signal):
        days = histories[symbol].days
        expected.append([oracle.expected_return(symbol, day, horizon) for day in days[:-horizon]])
        realised.append(ahead(excess(histories, symbol), horizon))
    return np.concatenate(expected), np.concatenate(realised)


@pytest.mark.parametrize("signal", PLANTED)
@pytest.mark.parametrize("horizon", [5, 21])
def test_what_the_oracle_expects_comes_true_on_average(
    oracle: Oracle, histories: Mapping[Symbol, History], signal: SignalType, horizon: int
) -> None:
    expected, realised = pooled(oracle, histories, signal, horizon)
    assert 0.6 < (expected @ realised) / (expected @ expected) < 1.4


def test_it_comes_true_in_another_market_too() -> None:
    oracle, market = demo_oracle(seed=2, last=LAST), demo_market(seed=2, last=LAST)
    histories = {symbol: history(market, symbol) for symbol in market.symbols()}
    for signal in PLANTED:
        expected, realised = pooled(oracle, histories, signal, 5)
        assert 0.6 < (expected @ realised) / (expected @ expected) < 1.4, signal


@pytest.mark.parametrize("signal", PLANTED)
def test_following_the_oracle_pays_but_not_absurdly(
    oracle: Oracle, histories: Mapping[Symbol, History], signal: SignalType
) -> None:
    """Long and short by the sign of what is expected for the next session: annual Sharpe ratio before costs."""
    book = np.zeros(len(histories[FUND].days))
    for symbol in tickers(oracle, signal):
        days, moves = histories[symbol].days, excess(histories, symbol)
        sides = np.sign([oracle.expected_return(symbol, day, 1) for day in days[:-1]])
        book[len(book) - len(moves) + 1 :] += sides * moves[1:]
    assert 1.2 < book.mean() / book.std() * 252**0.5 < 3.0


def test_each_signal_has_several_tickers_and_a_strength(oracle: Oracle) -> None:
    for signal in SignalType:
        assert len(tickers(oracle, signal)) >= 4
        assert all(
            (oracle.strength(symbol) > 0) is (signal is not SignalType.NONE) for symbol in tickers(oracle, signal)
        )
    assert oracle.signal(Symbol("CALDR")) is SignalType.EARNINGS_DRIFT
    assert oracle.signal(FUND) is SignalType.NONE


def test_nothing_is_expected_of_noise(oracle: Oracle, histories: Mapping[Symbol, History]) -> None:
    for symbol in (*tickers(oracle, SignalType.NONE), FUND):
        days = histories[symbol].days[::50]
        assert {oracle.expected_return(symbol, day, horizon) for day in days for horizon in (1, 21)} == {0.0}


def test_a_statement_is_expected_to_matter_only_once_it_is_known(market: DemoSource, oracle: Oracle) -> None:
    caldr = Symbol("CALDR")
    quarters = [f for f in market.filings(caldr, until=EVER) if f.timeframe is Timeframe.QUARTERLY]
    filing = max(quarters[20:-2], key=lambda f: abs(f.metrics[EPS]))
    view = MarketView(market, filing.known_at)
    on, after = view.session(caldr), view.calendar(caldr).next(view.session(caldr))
    before = view.calendar(caldr).previous(on)
    fading = oracle.expected_return(caldr, before, 200) - oracle.expected_return(caldr, on, 200)
    jump = oracle.expected_return(caldr, after, 200) - oracle.expected_return(caldr, on, 200)
    assert abs(fading) < 0.005 < abs(jump)


def surprises(market: DemoSource, symbol: Symbol) -> list[tuple[datetime, float]]:
    """Standardised unexpected earnings from the statements alone (Foster, Olsen & Shevlin 1984)."""
    quarters = [f for f in market.filings(symbol, until=EVER) if f.timeframe is Timeframe.QUARTERLY]
    eps = []
    for filing in quarters:
        later = [float(s.ratio) for s in market.splits(symbol, until=EVER) if s.known_at > filing.known_at]
        eps.append(float(filing.metrics[EPS]) / float(np.prod(later)))
    found = []
    for q in range(7, len(eps)):
        differences = [eps[n] - eps[n - 4] for n in range(max(4, q - 7), q + 1)]
        found.append((quarters[q].known_at, differences[-1] / stdev(differences)))
    return found


def after_statements(
    market: DemoSource, histories: Mapping[Symbol, History], symbols: Sequence[Symbol]
) -> tuple[Floats, Floats]:
    """Surprises, and the excess return over the 40 sessions after the first reaction."""
    seen, drift = [], []
    for symbol in symbols:
        days, moves = histories[symbol].days, excess(histories, symbol)
        for known_at, surprise in surprises(market, symbol):
            start = next((n for n, day in enumerate(days) if day > known_at.date()), len(days))
            if days[0] < known_at.date() and start + 41 <= len(days):
                seen.append(surprise)
                drift.append(moves[start + 1 : start + 41].sum())
    return np.array(seen), np.array(drift)


def test_published_surprises_foretell_drift_where_it_is_planted(
    market: DemoSource, oracle: Oracle, histories: Mapping[Symbol, History]
) -> None:
    planted = after_statements(market, histories, tickers(oracle, SignalType.EARNINGS_DRIFT))
    noise = after_statements(market, histories, tickers(oracle, SignalType.NONE))
    assert t_value(*planted, 1) > 4
    assert abs(t_value(*noise, 1)) < 2


def tone(title: str) -> int:
    words = title.lower()
    return any(word in words for word in UP) - any(word in words for word in DOWN)


def tones(market: DemoSource, symbol: Symbol, days: Sequence[date]) -> Floats:
    """Sum of the tone of the last ten sessions' headlines, at each close."""
    daily = dict.fromkeys(days, 0.0)
    for item in market.news(symbol, since=NEVER, until=EVER):
        if item.published_at.date() in daily and item.published_at.hour < 20:
            daily[item.published_at.date()] += tone(item.title)
    return np.convolve(list(daily.values()), np.ones(10))[: len(days)]


def by_news(
    market: DemoSource, histories: Mapping[Symbol, History], symbols: Sequence[Symbol], horizon: int
) -> tuple[Floats, Floats]:
    x = [tones(market, symbol, histories[symbol].days)[:-horizon] for symbol in symbols]
    return np.concatenate(x), np.concatenate([ahead(excess(histories, symbol), horizon) for symbol in symbols])


def test_the_tone_of_headlines_foretells_returns_where_it_is_planted(
    market: DemoSource, oracle: Oracle, histories: Mapping[Symbol, History]
) -> None:
    assert t_value(*by_news(market, histories, tickers(oracle, SignalType.NEWS_SHOCK), 10), 10) > 2
    assert abs(t_value(*by_news(market, histories, tickers(oracle, SignalType.NONE), 10), 10)) < 2


def by_past(
    histories: Mapping[Symbol, History], symbols: Sequence[Symbol], window: int, horizon: int
) -> tuple[Floats, Floats]:
    """Excess return of the last `window` sessions and of the next `horizon` ones."""
    x, y = [], []
    for symbol in symbols:
        moves = excess(histories, symbol)
        x.append(ahead(moves, window)[:-horizon])
        y.append(ahead(moves, horizon)[window:])
    return np.concatenate(x), np.concatenate(y)


def test_the_past_half_year_goes_on_where_momentum_is_planted(
    oracle: Oracle, histories: Mapping[Symbol, History]
) -> None:
    assert t_value(*by_past(histories, tickers(oracle, SignalType.MOMENTUM), 120, 21), 21) > 2
    assert abs(t_value(*by_past(histories, tickers(oracle, SignalType.NONE), 120, 21), 21)) < 2


def test_the_past_month_is_undone_where_reversion_is_planted(
    oracle: Oracle, histories: Mapping[Symbol, History]
) -> None:
    assert t_value(*by_past(histories, tickers(oracle, SignalType.MEAN_REVERSION), 20, 20), 10) < -2
    assert abs(t_value(*by_past(histories, tickers(oracle, SignalType.NONE), 20, 20), 10)) < 2


def test_stories_are_told_rightly_most_of_the_time_but_not_always(market: DemoSource) -> None:
    """On the day of a story the price moves with it, so tone and move agree more often than chance would."""
    items = market.news(Symbol("HALDM"), since=NEVER, until=EVER)
    assert 0.3 < mean(tone(item.title) == 0 for item in items) < 0.8
    assert {tone(item.title) for item in items} == {-1, 0, 1}


def test_the_oracle_refuses_what_it_cannot_know(oracle: Oracle) -> None:
    with pytest.raises(NoData, match="AAPL"):
        oracle.signal(Symbol("AAPL"))
    with pytest.raises(NoData, match="2024-01-05"):
        oracle.expected_return(Symbol("BRAXH"), date(2024, 1, 5), 5)
    with pytest.raises(NoData, match="2025-03-08"):
        oracle.expected_return(Symbol("CALDR"), date(2025, 3, 8), 5)
    with pytest.raises(ConfigError, match="horizon"):
        oracle.expected_return(Symbol("CALDR"), date(2025, 3, 7), 0)


def test_no_view_leads_to_the_oracle() -> None:
    """Walk every object that a view holds on to: nothing that was hidden is among them."""
    source = demo_market(last=date(2016, 6, 1))
    view = MarketView(source, datetime(2016, 6, 2, tzinfo=UTC))
    for symbol in source.symbols():
        assert view.bars(symbol, count=5)
        view.news(symbol, days=9)
        view.filings(symbol)
    seen: dict[int, object] = {}
    waiting: list[object] = [view]
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen and not isinstance(thing, type | ModuleType | FunctionType):
            seen[id(thing)] = thing
            waiting.extend(gc.get_referents(thing))
    kinds = {type(thing) for thing in seen.values()}
    assert DemoSource in kinds
    assert not kinds & {Oracle, SimulatedMarket, LatentStates, PlantedSignal, SignalType}
