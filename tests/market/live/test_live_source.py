"""The live market: fallback, outages, what is known late, and who a ticker is."""

from datetime import date, datetime, timedelta

import pytest
from openoutcry.domain.errors import InvalidData, NoData, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.archive import FetchOutcome
from openoutcry.market.folder.accepted_jumps import AcceptedJumps
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.port import PartialRows, VendorRow
from openoutcry.market.view import MarketView
from vendors.in_memory_vendor import (
    Given,
    ShelfVendor,
    bar,
    news,
    row,
)

from .conftest import (
    FRIDAY,
    Market,
    close_of,
    flat,
    sessions,
    utc,
)

AAA = Symbol("AAA")
DOWN = SourceUnavailable("the line is dead")
MONDAY = date(2025, 6, 30)


def closes(market: Market, until: datetime | None = None, symbol: Symbol = AAA, count: int = 3) -> list[str]:
    moment = until or market.clock.now()
    bars = market.source().bars(symbol, Interval.DAY, until=moment, count=count)
    return [f"{each.session:%m-%d} {each.close} {each.origin}" for each in bars]


def headlines(market: Market, until: datetime | None = None) -> list[str]:
    moment = until or market.clock.now()
    return [item.title for item in market.source().news(AAA, since=moment - timedelta(days=30), until=moment)]


class TestChain:
    def test_the_next_vendor_answers_where_one_fails(self, market: Market) -> None:
        market.vendor("one").down = DOWN
        market.vendor("two").down = InvalidData("two", 7, "the close is a word")
        market.vendor("three")  # knows nobody
        market.vendor("four", flat("AAA"))
        market.vendor("five", flat("AAA", close=99))
        assert closes(market) == ["06-25 10 four", "06-26 10 four", "06-27 10 four"]
        outcomes = [(each.origin, each.outcome) for each in market.archive().fetches(DatasetKind.PRICES_DAILY, "AAA")]
        assert outcomes == [
            ("one", FetchOutcome.UNAVAILABLE),
            ("two", FetchOutcome.BAD),
            ("three", FetchOutcome.UNKNOWN),
            ("four", FetchOutcome.ROWS),
        ]

    def test_all_vendors_are_asked_for_news(self, market: Market) -> None:
        noon = utc("2025-06-26T12:00:00")
        for name in ("one", "two"):
            market.vendor(name, [*flat("AAA"), news("AAA", noon, f"news of {name}")])
        market.vendor("three").down = DOWN
        assert headlines(market) == ["news of one", "news of two"]

    def test_nobody_is_asked_twice(self, market: Market) -> None:
        market.vendor("one", flat("AAA"))
        for _ in range(3):
            closes(market)
        assert market.asked == 1
        market.at(close_of(MONDAY) + timedelta(hours=1)).vendors[0].give([bar("AAA", MONDAY, 11)])
        assert closes(market, count=1) == ["06-30 11 one"]
        assert market.asked == 2
        assert market.vendors[0].asks[-1].since.date() > FRIDAY - timedelta(days=10)  # not the whole history again

    def test_an_adapter_with_a_fault_costs_nobody_the_next(self, market: Market) -> None:
        market.vendor("one").down = KeyError("surprise")  # type: ignore[assignment]
        market.vendor("two", flat("AAA"))
        assert closes(market, count=1) == ["06-27 10 two"]

    @pytest.mark.parametrize(
        "wrong",
        [
            row(DatasetKind.PRICES_DAILY, ticker="AAA", date=FRIDAY, open=1, high=1, low=2, close=1, volume=5),
            row(DatasetKind.PRICES_DAILY, ticker="AAA", date=FRIDAY, open=1, high=1, low=1, close="x", volume=5),
            bar("AAA", FRIDAY, 11),
        ],
    )
    def test_what_cannot_be_true_is_never_archived(self, market: Market, wrong: VendorRow) -> None:
        market.vendor("one", [*flat("AAA"), wrong])
        with pytest.raises(SourceUnavailable, match=r"one: prices_daily of a vendor, row 6[01]"):
            closes(market)
        assert market.archive().rows(DatasetKind.PRICES_DAILY, "AAA") == ()

    def test_a_bar_that_is_not_over_and_a_day_without_session_are_left_out(self, market: Market) -> None:
        odd = [bar("AAA", date(2025, 6, 28), 12), bar("AAA", MONDAY, 13)]
        market.vendor("one", [*flat("AAA"), *odd]).rows += [Given(bar("AAA", FRIDAY, 10))]
        market.at(close_of(MONDAY) - timedelta(minutes=1))
        assert closes(market, count=1) == ["06-27 10 one"]


class TestOutage:
    def test_nothing_archived_names_every_vendor(self, market: Market) -> None:
        for name in ("one", "two"):
            market.vendor(name).down = SourceUnavailable(f"{name} is dead")
        market.keyless.append("three")
        said = "no vendor could be asked for {} of AAA: one is dead; two is dead; three: no key; set THREE_API_KEY"
        with pytest.raises(SourceUnavailable) as raised:
            closes(market)
        assert str(raised.value) == said.format("prices_daily")
        with pytest.raises(SourceUnavailable, match="for news of AAA"):
            headlines(market)
        with pytest.raises(SourceUnavailable, match="for splits of AAA"):
            market.source().splits(AAA, until=market.clock.now())

    def test_what_the_archive_covers_is_answered(self, market: Market) -> None:
        one = market.vendor("one", [*flat("AAA"), news("AAA", utc("2025-06-26T12:00:00"), "old")])
        before, moment = (closes(market), headlines(market)), market.clock.now()
        one.down = DOWN
        market.at(moment + timedelta(days=9))
        assert (closes(market, moment), headlines(market, moment)) == before
        assert market.source().warnings(AAA, until=moment) == ()

    def test_stale_prices_are_refused(self, market: Market) -> None:
        one = market.vendor("one", flat("AAA"))
        closes(market)
        one.down = DOWN
        market.at(close_of(MONDAY) + timedelta(hours=1))
        with pytest.raises(SourceUnavailable, match="AAA: as of 2025-06-28 00:00 UTC, no vendor answered: one: "):
            closes(market)

    def test_a_vendor_that_lags_is_no_outage_and_the_view_abstains(self, market: Market) -> None:
        market.vendor("one", flat("AAA"))
        market.at(close_of(MONDAY) + timedelta(minutes=2))
        assert closes(market, count=1) == ["06-27 10 one"]
        with pytest.raises(NoData, match="no bar of AAA for the session 2025-06-30; the last one is of 2025-06-27"):
            MarketView(market.source(), market.clock.now()).current_bars(AAA, count=5)

    def test_stale_news_is_answered_with_a_caveat(self, market: Market) -> None:
        one = market.vendor("one", [*flat("AAA"), news("AAA", utc("2025-06-26T12:00:00"), "old")])
        headlines(market)
        one.down = DOWN
        market.at(market.clock.now() + timedelta(days=1))
        assert headlines(market) == ["old"]
        asked_at = market.clock.now()
        caveats = market.source().warnings(AAA, until=asked_at)
        assert caveats == ("news of AAA: as of 2025-06-27 21:00 UTC, no vendor answered: one: the line is dead",)
        one.down = None
        market.at(market.clock.now() + timedelta(minutes=6))
        headlines(market)
        assert market.source().warnings(AAA, until=market.clock.now()) == ()
        assert market.source().warnings(AAA, until=asked_at) == caveats

    def test_a_dead_vendor_is_left_alone_for_a_while(self, market: Market) -> None:
        market.vendor("one").down = DOWN
        for _ in range(3):
            with pytest.raises(SourceUnavailable):
                headlines(market)
        assert market.asked == 1

    def test_a_ticker_that_nobody_knows_is_told_with_the_reasons(self, market: Market) -> None:
        market.vendor("one", flat("BBB"))
        with pytest.raises(NoData, match=r"no vendor has prices of AAA \(one does not know AAA\); check the ticker"):
            closes(market)
        assert market.source().filings(AAA, until=market.clock.now()) == ()


class TestPointInTime:
    def test_what_says_only_how_things_are_is_refused_for_the_past(self, market: Market) -> None:
        market.vendor("one", [row(DatasetKind.PROFILE, dated=False, ticker="AAA", name="Triple A")])
        source, moment = market.source(), market.clock.now()
        assert source.profile(AAA, until=close_of(FRIDAY)) is None  # fetched, but an hour too late to be known then
        assert source.profile(AAA, until=moment).name == "Triple A"
        assert source.profile(AAA, until=moment - timedelta(days=30)) is None
        assert market.asked == 1

    def test_insider_trades_are_known_from_the_fetch_that_first_returned_them(self, market: Market) -> None:
        cells = {
            "ticker": "AAA",
            "filed_at": "",
            "person": "Ann",
            "role": "CFO",
            "side": "buy",
            "shares": 5,
            "price": 7,
        }
        one = market.vendor("one", flat("AAA"))
        one.give([row(DatasetKind.INSIDER, dated=False, traded_on="2025-06-20", **cells)])
        source, first = market.source(), market.clock.now()
        with pytest.raises(NoData, match=r"no vendor had provided insider trades of AAA by 2025-06-27 20:00 UTC; they"):
            source.insider_trades(AAA, until=close_of(FRIDAY))
        (trade,) = source.insider_trades(AAA, until=first)
        assert (trade.known_at, trade.traded_on, trade.origin) == (first, date(2025, 6, 20), "one")
        one.give([row(DatasetKind.INSIDER, dated=False, traded_on="2025-06-23", **cells)])
        later = market.at(first + timedelta(days=1)).clock.now()
        assert [each.known_at for each in source.insider_trades(AAA, until=later)] == [first, later]
        assert source.insider_trades(AAA, until=first) == (trade,)
        assert market.source().insider_trades(AAA, until=later - timedelta(seconds=1)) == (trade,)

    def test_insider_trades_that_were_left_out_are_named_and_a_dead_vendor_is_an_outage(self, market: Market) -> None:
        class Partial(ShelfVendor):
            def fetch(self, ask):
                return PartialRows(tuple(super().fetch(ask)), 2, "2 of 9 insider trades left out: no name")

        cells = {"ticker": "AAA", "filed_at": "2025-06-20", "person": "Ann", "role": "", "side": "buy"}
        trade = row(DatasetKind.INSIDER, **cells, shares=5, price=7)
        market.vendors.append(Partial("one", market.clock.now).give([*flat("AAA"), trade]))
        source, moment = market.source(), market.clock.now()
        assert len(source.insider_trades(AAA, until=moment)) == 1
        assert source.warnings(AAA, until=moment) == ("insider trades of AAA: 2 of 9 insider trades left out: no name",)
        market.vendors[0].down = DOWN
        with pytest.raises(SourceUnavailable, match="insider of BBB"):
            source.insider_trades(Symbol("BBB"), until=moment)

    def test_a_statement_without_a_date_is_known_once_fetched(self, market: Market) -> None:
        metrics = {"eps": "1"}
        bare = row(DatasetKind.FUNDAMENTALS, dated=False, ticker="AAA", period_end="2025-03-31", metrics=metrics)
        filed = row(
            DatasetKind.FUNDAMENTALS, ticker="AAA", period_end="2024-12-31", filed_at="2025-02-01", metrics=metrics
        )
        market.vendor("one", [bare, filed])
        source = market.source()
        assert [f.period_end.year for f in source.filings(AAA, until=close_of(FRIDAY))] == [2024]
        assert [f.period_end.year for f in source.filings(AAA, until=market.clock.now())] == [2024, 2025]

    def test_what_turns_up_late_was_not_known(self, market: Market) -> None:
        one = market.vendor("one", [news("AAA", utc("2025-06-26T12:00:00"), "prompt")])
        moment = market.clock.now()
        assert headlines(market) == ["prompt"]
        one.give([news("AAA", utc("2025-06-27T12:00:00"), "late")])
        market.at(moment + timedelta(hours=2))
        assert headlines(market) == ["prompt", "late"]
        assert headlines(market, moment) == ["prompt"]

    def test_a_restated_bar_replaces_from_when_it_was_seen(self, market: Market) -> None:
        one = market.vendor("one", flat("AAA"))
        moment = market.clock.now()
        assert closes(market, count=1) == ["06-27 10 one"]
        one.rows[-1] = Given(bar("AAA", FRIDAY, "10.5"))
        market.at(close_of(MONDAY) + timedelta(hours=1))
        one.give([bar("AAA", MONDAY, 11)])
        assert closes(market, count=2) == ["06-27 10.5 one", "06-30 11 one"]
        assert closes(market, moment, count=1) == ["06-27 10 one"]

    def test_an_earlier_past_is_fetched_when_it_is_asked_for(self, market: Market) -> None:
        market.vendor("one", [*flat("AAA", count=1500)])
        closes(market)
        past = close_of(date(2021, 3, 3))
        assert closes(market, past, count=1) == ["03-03 10 one"]
        assert closes(market, count=3) == ["06-25 10 one", "06-26 10 one", "06-27 10 one"]


class TestSpike:
    def spiked(self, market: Market, close: object, place: int = -1) -> None:
        bars = flat("AAA")
        bars[place] = bar("AAA", bars[place].cells["date"], close)
        market.vendor("one", bars)

    @pytest.mark.parametrize(("close", "place"), [(100, -1), ("0.9", -1), (25, -20), ("4.9", -2)])
    def test_what_nobody_confirms_is_not_traded_on(self, market: Market, close: object, place: int) -> None:
        self.spiked(market, close, place)
        market.vendor("two", flat("AAA"))
        market.keyless.append("three")
        with pytest.raises(
            InvalidData, match=r"stands out from its neighbours, no split .* confirms it \(two, three\)"
        ):
            closes(market, count=50)
        asks = market.asked
        with pytest.raises(InvalidData):
            closes(market, count=50)
        assert market.asked == asks

    def test_what_a_second_vendor_confirms_is_true(self, market: Market) -> None:
        self.spiked(market, 100)
        market.vendor("two", [*flat("AAA", count=59, last=date(2025, 6, 26)), bar("AAA", FRIDAY, "99.5")])
        assert closes(market, count=1) == ["06-27 100 one"]

    def test_a_move_that_lasts_is_none(self, market: Market) -> None:
        bars = flat("AAA")
        market.vendor("one", [*bars[:-5], *(bar("AAA", each.cells["date"], 30) for each in bars[-5:])])
        assert closes(market, count=1) == ["06-27 30 one"]

    def test_a_split_explains_it(self, market: Market) -> None:
        self.spiked(market, 1)
        market.vendors[0].give([row(DatasetKind.SPLITS, ticker="AAA", ex_date=FRIDAY, ratio=10)])
        assert closes(market, count=1) == ["06-27 1 one"]


class TestQuarantine:
    def jumped(self, market: Market) -> None:
        bars = flat("AAA", close=612)
        market.vendor("one", [*bars[:-3], *(bar("AAA", each.cells["date"], "5.85") for each in bars[-3:])])

    def test_a_switch_of_units_is_withheld_and_told(self, market: Market) -> None:
        self.jumped(market)
        assert closes(market, count=1) == ["06-24 612 one"]
        (warning,) = market.source().warnings(AAA, until=market.clock.now())
        assert warning.startswith("3 bar(s) withheld: AAA on 2025-06-25 traded at 5.85, 1/104.6 of the last accepted")
        assert market.source().warnings(AAA, until=close_of(date(2025, 6, 24))) == ()

    def test_a_split_that_was_not_asked_for_yet_explains_it(self, market: Market) -> None:
        self.jumped(market)
        market.vendors[0].give([row(DatasetKind.SPLITS, ticker="AAA", ex_date="2025-06-25", ratio=100)])
        assert closes(market, count=1) == ["06-27 5.85 one"]

    def test_a_person_accepts_it(self, market: Market) -> None:
        self.jumped(market)
        market.accepted = AcceptedJumps({("AAA", date(2025, 6, 25)): None})
        assert closes(market, count=1) == ["06-27 5.85 one"]

    def test_earlier_bars_that_are_fetched_later_do_not_judge_what_was_answered(self, market: Market) -> None:
        old = flat("AAA", last=date(2022, 12, 30), close=612)
        market.vendor("one", [*old, *flat("AAA", count=600, close="5.85")])
        before = closes(market, count=3)
        assert closes(market, close_of(date(2023, 3, 1)), count=1) == ["12-30 612 one"]
        assert closes(market, count=3) == before


class TestTicker:
    def test_an_old_name_is_asked_for_under_the_new_one_and_only_up_to_the_rename(self, market: Market) -> None:
        meta, fb = Symbol("META"), Symbol("FB")
        market.vendor("one", flat("META", count=900))
        then = close_of(date(2022, 6, 8))
        assert closes(market, then, fb, count=1) == ["06-08 10 one"]
        assert {each.key for each in market.vendors[0].asks} == {"META"}
        with pytest.raises(NoData, match="META traded as FB before 2022-06-09; use FB for earlier dates"):
            closes(market, then, meta)
        with pytest.raises(NoData, match="FB has traded as META since 2022-06-09"):
            closes(market, symbol=fb, count=1)

    def test_a_rename_is_told_from_its_day_on(self, market: Market) -> None:
        source, fb = market.source(), Symbol("FB")
        assert source.renames(fb, until=close_of(date(2022, 6, 8))) == ()
        (found,) = source.renames(fb, until=close_of(date(2022, 6, 9)))
        assert (found.symbol, found.new, found.day) == (fb, Symbol("META"), date(2022, 6, 9))
        assert source.renames(Symbol("META"), until=close_of(date(2022, 6, 9))) == ()

    def test_a_name_that_was_given_to_another_company_has_none_of_the_first_ones_past(self, market: Market) -> None:
        fb = Symbol("FB")
        market.vendor("one", [*flat("META", last=date(2022, 6, 30), count=600), *flat("FB", count=40, close=77)])
        market.vendors[0].give([news("META", utc("2022-06-01T12:00:00"), "the first one's")])
        then = close_of(date(2022, 6, 8))
        assert closes(market, then, fb, count=1) == ["06-08 10 one"]
        assert len(market.source().news(fb, since=utc("2022-05-01T00:00:00"), until=then)) == 1
        assert len(closes(market, symbol=fb, count=520)) == 40
        assert market.source().news(fb, since=utc("2022-05-01T00:00:00"), until=market.clock.now()) == ()

    def test_a_long_silence_is_another_listing(self, market: Market) -> None:
        old = flat("AAA", last=date(2024, 3, 1), count=60, close=500)
        market.vendor("one", [*old, *flat("AAA", count=30)])
        market.vendors[0].give([row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date="2024-02-01", amount=1)])
        assert len(closes(market, count=520)) == 30
        assert market.source().dividends(AAA, until=market.clock.now()) == ()
        assert closes(market, close_of(date(2024, 3, 1)), count=1) == ["03-01 500 one"]

    def test_a_delisted_ticker_abstains(self, market: Market) -> None:
        market.vendor("one", flat("AAA", last=date(2025, 5, 1)))
        with pytest.raises(NoData, match="the last one is of 2025-05-01"):
            MarketView(market.source(), market.clock.now()).current_bars(AAA, count=5)

    def test_foreign_listings_and_coins_keep_their_own_calendar(self, market: Market) -> None:
        london = sessions(name="XLON")
        market.vendor("one", [*flat("VOD.L", name="XLON"), *flat("BTC-USD", name="24/7")])
        market.vendors[0].give(
            [row(DatasetKind.PRICES_DAILY, ticker="VOD.L", date="2025-05-26", open=1, high=1, low=1, close=1, volume=1)]
        )
        assert len(closes(market, symbol=Symbol("VOD.L"), count=99)) == len(london)
        market.at(utc("2025-06-29T12:00:00"))  # a Sunday
        market.vendors[0].give([bar("BTC-USD", date(2025, 6, 28), 11, DatasetKind.CRYPTO_DAILY)])
        assert closes(market, symbol=Symbol("BTC-USD"), count=1) == ["06-28 11 one"]
