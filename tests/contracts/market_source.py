"""What every market source must keep. An adapter's test subclasses the contract and gives it a source and a symbol:

class TestMySource(MarketSourceContract):
    @pytest.fixture
    def source(self) -> MarketSource: ...

    @pytest.fixture
    def symbol(self) -> Symbol: ...
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar, Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.source import MarketSource
from openoutcry.market.view import HasKnownAt

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
EVERYTHING = 1_000_000
NOBODY = Symbol("NO-SUCH-SYMBOL")
INSTANT = timedelta(microseconds=1)


def answers(source: MarketSource, symbol: Symbol, until: datetime) -> Mapping[str, Sequence[HasKnownAt]]:
    """Ask `source` everything that it can answer about `symbol` and the world at `until`."""
    asked: dict[str, Sequence[HasKnownAt]] = {
        "daily bars": source.bars(symbol, Interval.DAY, until=until, count=EVERYTHING),
        "hourly bars": source.bars(symbol, Interval.HOUR, until=until, count=EVERYTHING),
        "splits": source.splits(symbol, until=until),
        "dividends": source.dividends(symbol, until=until),
        "news": source.news(symbol, since=BEGINNING, until=until),
        "filings": source.filings(symbol, until=until),
    }
    with suppress(NoData):
        asked["insider trades"] = source.insider_trades(symbol, until=until)
    return asked | {
        f"macro {series}": source.macro(series, until=until, count=EVERYTHING) for series in source.macro_series()
    }


class MarketSourceContract:
    """The promises of `MarketSource`. `end` is a moment by which the source holds something of everything."""

    @pytest.fixture
    def end(self) -> datetime:
        return datetime(2045, 1, 1, tzinfo=UTC)

    @pytest.fixture
    def moments(self, source: MarketSource, symbol: Symbol, end: datetime) -> Sequence[datetime]:
        """Moments at, just before and just after the last news, bars and so on, and in the middle of each."""
        found = {end}
        for facts in answers(source, symbol, end).values():
            for fact in (*facts[-1:], *facts[len(facts) // 2 :][:1], *facts[:1]):
                found |= {fact.known_at - INSTANT, fact.known_at, fact.known_at + timedelta(hours=5)}
        return sorted(found)

    @pytest.fixture
    def bars(self, source: MarketSource, symbol: Symbol, end: datetime) -> Sequence[Bar]:
        found = source.bars(symbol, Interval.DAY, until=end, count=EVERYTHING)
        assert found, "the contract wants a symbol with daily bars"
        return found

    def test_its_name_is_a_short_word_and_no_path(self, source: MarketSource) -> None:
        assert source.name.isidentifier()
        assert isinstance(source.synthetic, bool)

    def test_symbols_are_sorted_and_each_is_there_once(self, source: MarketSource, symbol: Symbol) -> None:
        assert list(source.symbols()) == sorted(set(source.symbols()))
        assert symbol in source.symbols()
        assert list(source.macro_series()) == sorted(set(source.macro_series()))

    def test_nothing_is_shown_before_it_is_known(
        self, source: MarketSource, symbol: Symbol, moments: Sequence[datetime]
    ) -> None:
        for until in moments:
            for kind, facts in answers(source, symbol, until).items():
                assert all(fact.known_at <= until for fact in facts), (kind, until)

    def test_facts_come_in_the_order_in_which_they_became_known(
        self, source: MarketSource, symbol: Symbol, end: datetime
    ) -> None:
        for kind, facts in answers(source, symbol, end).items():
            known = [fact.known_at for fact in facts]
            assert known == sorted(known), kind
            assert all(moment.utcoffset() == timedelta(0) for moment in known), kind

    def test_an_earlier_answer_is_the_later_one_cut_short(
        self, source: MarketSource, symbol: Symbol, end: datetime, moments: Sequence[datetime]
    ) -> None:
        whole = answers(source, symbol, end)
        for until in reversed(moments):
            cut = {kind: [fact for fact in facts if fact.known_at <= until] for kind, facts in whole.items()}
            assert {kind: list(facts) for kind, facts in answers(source, symbol, until).items()} == cut

    def test_the_beginning_of_time_knows_nothing(self, source: MarketSource, symbol: Symbol) -> None:
        assert not any(answers(source, symbol, BEGINNING).values())

    @pytest.mark.parametrize("count", [0, 1, 2, 7])
    def test_count_keeps_the_last_ones(
        self, source: MarketSource, symbol: Symbol, bars: Sequence[Bar], end: datetime, count: int
    ) -> None:
        kept = source.bars(symbol, Interval.DAY, until=end, count=count)
        assert list(kept) == list(bars[max(0, len(bars) - count) :])
        for series in source.macro_series():
            points = source.macro(series, until=end, count=EVERYTHING)
            kept_points = source.macro(series, until=end, count=count)
            assert list(kept_points) == list(points[max(0, len(points) - count) :])

    def test_a_daily_bar_is_a_session_known_when_it_closed(
        self, source: MarketSource, symbol: Symbol, bars: Sequence[Bar]
    ) -> None:
        sessions = trading_calendar(source.calendar_name(symbol))
        for bar in bars:
            assert bar.symbol == symbol
            assert (bar.start, bar.known_at) == (sessions.open(bar.session), sessions.close(bar.session))
        assert len({bar.session for bar in bars}) == len(bars)

    def test_an_hourly_bar_lies_in_its_session(self, source: MarketSource, symbol: Symbol, end: datetime) -> None:
        sessions = trading_calendar(source.calendar_name(symbol))
        hours = source.bars(symbol, Interval.HOUR, until=end, count=EVERYTHING)
        for bar in hours:
            assert sessions.open(bar.session) <= bar.start < bar.known_at <= sessions.close(bar.session)
            assert bar.known_at <= bar.start + timedelta(hours=1)
        assert len({bar.start for bar in hours}) == len(hours)

    @pytest.mark.parametrize("interval", list(Interval))
    def test_prices_can_be_true(
        self, source: MarketSource, symbol: Symbol, end: datetime, bars: Sequence[Bar], interval: Interval
    ) -> None:
        for bar in source.bars(symbol, interval, until=end, count=EVERYTHING):
            prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
            assert all(isinstance(price, Decimal) and price.is_finite() for price in prices)
            assert 0 < bar.low <= min(bar.open, bar.close)
            assert max(bar.open, bar.close) <= bar.high
            assert bar.volume >= 0

    def test_actions_can_be_true(self, source: MarketSource, symbol: Symbol, end: datetime) -> None:
        splits, dividends = source.splits(symbol, until=end), source.dividends(symbol, until=end)
        assert all(split.symbol == symbol and split.ratio > 0 for split in splits)
        assert all(dividend.symbol == symbol and dividend.amount > 0 for dividend in dividends)
        known = [(split.known_at, split.ex_date) for split in splits]
        known += [(dividend.known_at, dividend.ex_date) for dividend in dividends]
        assert all(known_at.date() <= ex_date for known_at, ex_date in known)

    def test_news_begins_after_since(self, source: MarketSource, symbol: Symbol, end: datetime) -> None:
        items = source.news(symbol, since=BEGINNING, until=end)
        assert all(item.symbol == symbol and item.published_at <= item.known_at for item in items)
        for item in (*items[:1], *items[len(items) // 2 :][:1], *items[-1:]):
            later = [other for other in items if other.known_at > item.known_at]
            assert list(source.news(symbol, since=item.known_at, until=end)) == later
            earlier = [other for other in items if other.known_at <= item.known_at]
            assert list(source.news(symbol, since=BEGINNING, until=item.known_at)) == earlier

    def test_statements_follow_their_period(self, source: MarketSource, symbol: Symbol, end: datetime) -> None:
        for filing in source.filings(symbol, until=end):
            assert filing.symbol == symbol
            assert filing.period_end < filing.known_at.date()
            assert all(isinstance(value, Decimal) and value.is_finite() for value in filing.metrics.values())

    def test_a_series_has_each_period_once(self, source: MarketSource, end: datetime) -> None:
        for series in source.macro_series():
            points = source.macro(series, until=end, count=EVERYTHING)
            assert {point.series for point in points} <= {series}
            assert len({point.period for point in points}) == len(points)

    def test_an_unknown_symbol_has_no_calendar_and_no_facts(self, source: MarketSource, end: datetime) -> None:
        with pytest.raises(NoData, match=NOBODY):
            source.calendar_name(NOBODY)
        found = answers(source, NOBODY, end)
        assert not any(facts for kind, facts in found.items() if not kind.startswith("macro"))
        assert not source.macro("NO_SUCH_SERIES", until=end, count=EVERYTHING)
