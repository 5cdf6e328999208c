"""Decisions on the live market: the same from a truncated archive, from a snapshot, and on both sides of a split."""

import json
import random
import sqlite3
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from desk_factory import rules, taken
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openoutcry.desk.records.document import to_document
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.archive import Archive, SnapshotFilter, write_snapshot
from openoutcry.market.archive.row_identity import earliest_known_at
from openoutcry.market.folder import open_folder, validate_folder
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.folder.manifest import Manifest
from openoutcry.market.live import LiveSource, VendorSlot
from openoutcry.market.source import MarketSource
from openoutcry.market.vendors.http_client import HttpPolicy
from openoutcry.market.vendors.yahoo import Yahoo
from openoutcry.market.view import MarketView
from openoutcry.tools.registry import gather_evidence
from vendors.clock import Clock
from vendors.in_memory_vendor import (
    Given,
    ShelfVendor,
    bar,
    news,
    row,
)
from vendors.server import VendorServer
from vendors.vendor_servers import serve_prices

from .conftest import Market, close_of

EXCHANGE = trading_calendar("XNYS")
DAYS = EXCHANGE.between(date(2025, 3, 3), date(2025, 6, 27))
DECIDED = DAYS[-60::6]
HISTORY = EXCHANGE.between(date(2023, 6, 1), date(2025, 6, 27))
WAIT = timedelta(minutes=45)
SPLIT = DAYS[-25]
FEW = settings(max_examples=8, phases=[Phase.explicit, Phase.generate], deadline=None)


def decision_text(source: MarketSource, moment: datetime, ticker: str = "AAA") -> str:
    """Return the decision document without what differs from run to run."""
    found = to_document(taken(rules(source), ticker, moment))
    found.pop("run_id")
    return json.dumps(found, sort_keys=True)


def fill(market: Market, seed: int = 5) -> None:
    """Give one vendor a market that restates, forgets and is late, and another one that fails now and then."""
    chance = random.Random(seed)
    one, two = market.vendor("one"), market.vendor("two", kinds=[DatasetKind.NEWS, DatasetKind.PRICES_DAILY])
    for ticker in ("AAA", "SPY"):
        _fill_prices(ticker, chance, one, two)
    for day in HISTORY:
        for hour in (1, 9, 19):
            published = close_of(day) - timedelta(hours=hour)
            late = timedelta(hours=chance.choice([0, 0, 0, 2, 30, 100]))
            words = chance.choice(["beats estimates", "is sued", "plunges", "opens a plant", "raises guidance"])
            teller = chance.choice([one, two])
            teller.give([news("AAA", published, f"AAA {words} {day} {hour}")], published + late)
        for series in ("VIXCLS", "DGS10", "T10Y2Y"):
            released = day + timedelta(days=1)
            point = row(DatasetKind.MACRO, series=series, date=day, value=20 + chance.random(), released_at=released)
            one.give([point], close_of(day) + timedelta(hours=14))
    _fill_company(chance, one)
    one.give([row(DatasetKind.SPLITS, ticker="AAA", ex_date=SPLIT, ratio=2)], close_of(SPLIT) - timedelta(days=9))


def _fill_prices(ticker: str, chance: random.Random, one: ShelfVendor, two: ShelfVendor) -> None:
    price = 100.0
    for day in HISTORY:
        price *= 1 + chance.gauss(0, 0.015)
        raw = price / 2 if ticker == "AAA" and day >= SPLIT else price
        ready = close_of(day) + timedelta(minutes=30)
        first = bar(ticker, day, f"{raw:.2f}", volume=chance.randrange(1000, 9000))
        two.give([first], ready)
        if chance.random() < 0.05:  # corrected within the week
            mended = ready + timedelta(days=chance.randrange(1, 6))
            one.rows.append(Given(first, ready, mended))
            one.give([bar(ticker, day, f"{raw * 1.01:.2f}")], mended)
        else:
            one.give([first], ready)


def _fill_company(chance: random.Random, one: ShelfVendor) -> None:
    for day in HISTORY[::63]:
        metrics = {"revenue": str(chance.randrange(900, 1100)), "eps": "1.5", "shares": "50", "equity": "700"}
        cells = {"ticker": "AAA", "period_end": day - timedelta(days=40), "accepted_at": f"{day}T21:30:00Z"}
        known, mended = close_of(day), close_of(day) + timedelta(days=100)
        one.rows.append(Given(row(DatasetKind.FUNDAMENTALS, metrics=metrics, **cells), known, mended))
        one.give([row(DatasetKind.FUNDAMENTALS, metrics=metrics | {"eps": "1.4"}, **cells)], mended)
    for n, day in enumerate(HISTORY[::21]):
        profile = row(DatasetKind.PROFILE, dated=False, ticker="AAA", name=f"Triple {n}")
        one.rows.append(Given(profile, close_of(day), close_of(HISTORY[min(21 * n + 21, len(HISTORY) - 1)])))
        one.give(
            [row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date=day, amount="0.2")], close_of(day) - timedelta(days=3)
        )


class DecidedMarket:
    """A market with decisions of several months, and every decision as it was made."""

    def __init__(self, market: Market, decisions: dict[datetime, str]) -> None:
        self.market, self.decisions = market, decisions


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> DecidedMarket:
    market = Market(tmp_path_factory.mktemp("decided") / "archive.db", Clock())
    fill(market)
    decisions: dict[datetime, str] = {}
    for number, day in enumerate(DECIDED):
        market.at(close_of(day) + WAIT)
        market.vendors[1].down = SourceUnavailable("two is dead") if number % 3 == 1 else None
        decisions[close_of(day)] = decision_text(market.source(), close_of(day))
    for vendor in market.vendors:
        vendor.down = SourceUnavailable("nobody is asked any more")
    market.at(close_of(DECIDED[-1]) + timedelta(days=2))
    return DecidedMarket(market, decisions)


def truncated(path: Path, target: Path, keep_row, keep_fetch) -> Path:
    """Copy an archive without the rows and fetches that are not to be kept."""
    whole = Archive(path)
    Archive(target).close()
    rows = [row for kind, key in whole.asked() for row in whole.rows(kind, key)]
    kept = [row.number for row in rows if keep_row(row)]
    with sqlite3.connect(target) as connection:
        connection.execute("ATTACH ? AS whole", (str(path),))
        connection.executemany("INSERT INTO rows SELECT * FROM whole.rows WHERE id = ?", [(number,) for number in kept])
        fetches = connection.execute("SELECT id, asked_at FROM whole.fetches").fetchall()
        wanted = [(number,) for number, asked_at in fetches if keep_fetch(datetime.fromisoformat(asked_at))]
        connection.executemany("INSERT INTO fetches SELECT * FROM whole.fetches WHERE id = ?", wanted)
    connection.close()
    return target


def known(held) -> datetime | None:
    """Return a moment before which a row was not known for certain."""
    moments = [earliest_known_at(held.kind, json.loads(held.cells)), held.seen_at]
    return max((moment for moment in moments if moment), default=None)


def test_the_market_of_the_decisions_has_restatements_and_late_rows(decided: DecidedMarket) -> None:
    market, decisions = decided.market, decided.decisions
    archive = market.archive()
    prices = archive.rows(DatasetKind.PRICES_DAILY, "AAA")
    assert len({each.identity for each in prices if each.origin == "one"}) < len(
        [e for e in prices if e.origin == "one"]
    )
    assert sum(each.seen_at is not None for each in archive.rows(DatasetKind.NEWS, "AAA")) > 10
    assert all(json.loads(text)["outcome"] != "abstain" for text in decisions.values())
    assert len(set(decisions.values())) == len(decisions)


@given(place=st.integers(0, len(DECIDED) - 1), hours=st.sampled_from([0, 1, 30, 400]))
@FEW
def test_an_archive_truncated_by_what_was_known_changes_no_earlier_decision(decided, tmp_path_factory, place, hours):
    market, decisions = decided.market, decided.decisions
    cut = close_of(DECIDED[place]) + timedelta(hours=hours)
    target = tmp_path_factory.mktemp("cut") / "a.db"
    path = truncated(market.path, target, lambda row: not known(row) or known(row) <= cut, lambda _: True)
    before = [moment for moment in decisions if moment <= cut][-2:]
    assert {moment: decision_text(market.source(path), moment) for moment in before} == {
        m: decisions[m] for m in before
    }


@given(place=st.integers(0, len(DECIDED) - 1), hours=st.sampled_from([0, 1, 30, 400]))
@FEW
def test_an_archive_truncated_by_what_was_fetched_changes_no_earlier_decision(decided, tmp_path_factory, place, hours):
    market, decisions = decided.market, decided.decisions
    cut = close_of(DECIDED[place]) + WAIT + timedelta(hours=hours)
    target = tmp_path_factory.mktemp("cut") / "a.db"
    path = truncated(market.path, target, lambda row: row.fetched_at <= cut, lambda asked: asked <= cut)
    before = [moment for moment in decisions if moment + WAIT <= cut][-2:]
    assert {moment: decision_text(market.source(path), moment) for moment in before} == {
        m: decisions[m] for m in before
    }


def snapshot(market: Market, moment: datetime, folder: Path) -> Path:
    source = market.source()
    manifest = Manifest(name=source.name, outages=source.outages(["AAA"], moment))
    write_snapshot(market.archive(), SnapshotFilter(["AAA", "SPY"], None, moment), manifest, folder)
    return folder


def test_the_same_decision_comes_out_of_a_snapshot(decided, tmp_path: Path) -> None:
    market, decisions = decided.market, decided.decisions
    for number, moment in enumerate(list(decisions)[-3:]):
        folder = snapshot(market, moment, tmp_path / str(number))
        assert decision_text(open_folder(folder), moment) == decisions[moment]
        assert validate_folder(folder).defects == ()


def test_what_could_not_be_had_is_the_same_in_a_snapshot(market: Market, tmp_path: Path) -> None:
    fill(market)
    moment = close_of(DECIDED[-1])
    market.at(moment - timedelta(days=2))
    market.source().news(Symbol("AAA"), since=moment - timedelta(days=30), until=market.clock.now())
    market.at(moment + WAIT)
    one, two = market.vendors
    one.kinds -= {DatasetKind.MACRO, DatasetKind.NEWS}
    two.down = SourceUnavailable("two is dead")
    market.keyless.append("fred")
    decided = decision_text(market.source(), moment)
    degraded = json.loads(decided)["provenance"]["degraded"]
    assert "no macro: no vendor could be asked for macro of VIX: fred: no key; set FRED_API_KEY" in degraded
    assert any(line.startswith("news of AAA: as of 2025-06-18") and "two is dead" in line for line in degraded)
    assert decision_text(open_folder(snapshot(market, moment, tmp_path / "snap")), moment) == decided


def test_without_prices_the_desk_abstains(market: Market) -> None:
    market.vendor("one").down = SourceUnavailable("one is dead")
    decision = taken(rules(market.source()), "AAA", close_of(DAYS[-1]))
    assert (decision.outcome, decision.abstention.cause) == ("abstain", "data")
    assert decision.abstention.reason == "no vendor could be asked for prices_daily of AAA: one is dead"


@pytest.mark.parametrize("first_fetch", [date(2024, 6, 7), date(2024, 6, 14)])
def test_a_split_between_fetch_and_decision_gives_the_figures_of_real_data(tmp_path, real_source, first_fetch) -> None:
    """NVDA split 10:1 on 2024-06-10; Yahoo's answers of before and after it are served as Yahoo gives them."""
    nvda, last = Symbol("NVDA"), date(2024, 6, 14)
    days = EXCHANGE.between(date(2021, 6, 1), last)
    rows = MarketView(real_source, close_of(last)).bars(nvda, count=len(days) + 900)
    table = [
        (str(b.session), float(b.open), float(b.high), float(b.low), float(b.close), float(b.volume))
        for b in rows
        if b.session >= days[0]
    ]
    clock = Clock()
    manners = HttpPolicy("tests", timeout=10, attempts=1, per_second=1e9)
    with VendorServer() as server:
        yahoo = Yahoo(manners, now=clock.now, sleep=clock.sleep, cache=tmp_path / "yahoo", base_url=server.url)
        chain = {
            kind: [VendorSlot("yfinance", yahoo)]
            for kind in (DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS)
        }
        for day in dict.fromkeys([first_fetch, last]):
            clock.moment = close_of(day) + timedelta(hours=1)
            then = [each for each in table if each[0] <= str(day)]
            splits = {"2021-07-20": (4.0, 1.0)} | ({"2024-06-10": (10.0, 1.0)} if day >= date(2024, 6, 10) else {})
            serve_prices(server, clock.now(), {"NVDA": then}, splits=splits)
            source = LiveSource(Archive(tmp_path / "archive.db"), chain, clock.now)
            moments = [close_of(each) for each in (date(2024, 6, 7), date(2024, 6, 10), last) if each <= day]
            for moment in moments:
                live = gather_evidence(MarketView(source, moment), nvda, ["bars", "indicators"]).evidence
                assert figures(live) == figures(
                    gather_evidence(MarketView(Undivided(real_source), moment), nvda, ["bars", "indicators"]).evidence
                )


class Undivided:
    """The real folder without dividends, which the served chart leaves out, and without a market to compare with."""

    def __init__(self, real) -> None:
        self._real = real
        self.name, self.synthetic = "folder", False

    def __getattr__(self, name: str):
        return getattr(self._real, name)

    def dividends(self, symbol, *, until):
        return ()

    def bars(self, symbol, interval, *, until, count):
        return self._real.bars(symbol, interval, until=until, count=count) if symbol == "NVDA" else ()


def figures(evidence) -> dict[str, tuple[str, Decimal | None]]:
    assert len(evidence) > 15
    return {fact.id: (fact.text, fact.value) for fact in evidence}
