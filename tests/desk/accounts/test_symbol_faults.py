"""Trouble with the data of one symbol never stops an account: the symbol is quarantined, the others go on."""

import random

import pytest
from openoutcry.desk.accounts import statement
from openoutcry.desk.accounts.market_replay import advance_session
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.errors import ConfigError, DataError, InvalidData, LookAheadError, NoData, SourceUnavailable
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.reports.audit import check_book
from openoutcry.tests.desk.accounts.cases import (
    XNYS,
    buy,
    daily,
    margin_account,
    sessions,
    walk,
    write_market,
)

DAYS = sessions(14)
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
METHODS = ("calendar_name", "bars", "splits", "dividends")
ERRORS = (
    InvalidData("prices_daily.csv", 7, "the price is negative"),
    NoData("there is no such symbol"),
    SourceUnavailable("the vendor is down"),
    ConfigError("the calendar is unknown"),
)


class Troubled:
    """A source whose answers about some symbols are errors; `trouble` maps (symbol, method) to an error."""

    def __init__(self, source):
        self._source, self.trouble = source, {}

    def __getattr__(self, name):
        answer = getattr(self._source, name)
        if name not in METHODS:
            return answer

        def asked(symbol, *arguments, **more):
            if (error := self.trouble.get((symbol, name))) is not None:
                raise error
            return answer(symbol, *arguments, **more)

        return asked


def market(folder, luck, splits="", dividends=""):
    tables = []
    for symbol in SYMBOLS:
        rows = {}
        for day in DAYS:
            first, last = luck.randint(90, 110), luck.randint(90, 110)
            rows[str(day)] = (first, max(first, last) + 3, min(first, last) - 3, last, 10**6)
        tables.append(daily(rows, symbol).split("\n"))
    prices = "\n".join([tables[0][0], *(row for table in tables for row in table[1:])])
    return write_market(folder, {
        "prices_daily.csv": prices,
        "splits.csv": "ticker,ex_date,ratio\n" + splits,
        "dividends.csv": "ticker,ex_date,amount\n" + dividends,
    })  # fmt: skip


def brackets(broker, number):
    for symbol in SYMBOLS:
        order = buy(10, limit=100, stop=80, target=120, order_id=f"{symbol}{number}", symbol=symbol)
        submit_orders(broker, [order], Instrument(symbol), f"run{number}", 100)


def played(source, trouble_on):
    """Advance an account with brackets in all symbols; return it. `trouble_on(place)` sets the trouble of a session."""
    broker = margin_account(AccountRules(margin=True, participation_bps=None), cash=10**9)
    for place, session in enumerate(DAYS):
        trouble_on(place)
        advance_session(broker, source, XNYS, session)
        brackets(broker, place)
    return broker


def about(broker, symbol):
    book = broker.book
    orders = [order.snapshot()[5:9] for name, order in sorted(book.orders.items()) if order.terms.symbol == symbol]
    return book.quantity(symbol), book.positions[symbol].cost if symbol in book.positions else 0, orders


@pytest.mark.parametrize("seed", range(25))
def test_random_trouble_with_some_symbols_leaves_the_others_as_they_are(tmp_path, seed):
    luck = random.Random(seed)
    clean = market(tmp_path / "m", luck)
    sound, source = SYMBOLS[0], Troubled(clean)
    expected = played(clean, lambda _: None)

    def trouble_on(_):
        chosen = [symbol for symbol in SYMBOLS[1:] if luck.random() < 0.4]
        source.trouble = {(symbol, luck.choice(METHODS)): luck.choice(ERRORS) for symbol in chosen}

    broker = played(source, trouble_on)
    assert broker.book.session == DAYS[-1].isoformat()
    assert about(broker, sound) == about(expected, sound)
    assert sound not in broker.book.quarantined
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]
    again = Broker.replayed(broker.journal.events, XNYS)
    assert again.book.state_hash() == broker.book.state_hash()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", METHODS)
def test_a_symbol_in_trouble_is_quarantined_flagged_and_released(tmp_path, error, method):
    source = Troubled(market(tmp_path / "m", random.Random(1)))
    broker = margin_account(AccountRules(margin=True, participation_bps=None), cash=10**9)
    walk(broker, source, DAYS[:2], buy(10), buy(10, symbol="BBB", order_id="b2"))
    mark = broker.book.marks["AAA"]
    source.trouble = {("AAA", method): error}
    said = walk(broker, source, DAYS[2:4])
    book = broker.book
    assert (book.session, list(book.quarantined), book.marks["AAA"]) == (DAYS[3].isoformat(), ["AAA"], mark)
    assert [line for line in said if "quarantined" in line and str(error) in line]
    findings = statement.status(broker, "").findings
    assert "AAA is quarantined since 2025-03-05" in findings[0]
    assert "AAA has had no bar for 2 sessions" in findings[1]
    for symbol, reason in (("AAA", RejectReason.QUARANTINED), ("BBB", "")):
        order = buy(1, symbol=symbol, order_id=f"{symbol}-new")
        (answer,) = submit_orders(broker, [order], Instrument(symbol), "run", 100)
        assert answer.reason == reason
    source.trouble = {}
    walk(broker, source, DAYS[4:5])
    assert (book.quarantined, statement.status(broker, "").findings) == ({}, ())
    assert book.quantity("AAA") == 10


def test_an_outage_of_the_whole_source_is_raised_and_nothing_is_lost(tmp_path):
    source = Troubled(market(tmp_path / "m", random.Random(1)))
    broker = margin_account(cash=10**9)
    walk(broker, source, DAYS[:2], buy(10), buy(10, symbol="BBB", order_id="b2"))
    source.trouble = {(symbol, "bars"): ERRORS[2] for symbol in SYMBOLS}
    before = broker.journal.seq
    with pytest.raises(SourceUnavailable):
        walk(broker, source, DAYS[2:3])
    assert (broker.journal.seq, broker.book.session) == (before, DAYS[1].isoformat())


def test_a_breach_of_time_is_never_one_symbols_trouble(tmp_path):
    source = Troubled(market(tmp_path / "m", random.Random(1)))
    broker = margin_account(cash=10**9)
    walk(broker, source, DAYS[:2], buy(10), buy(10, symbol="BBB", order_id="b2"))
    source.trouble = {("AAA", "bars"): LookAheadError("a bar of tomorrow")}
    with pytest.raises(LookAheadError):
        walk(broker, source, DAYS[2:3])


def test_a_split_and_a_dividend_of_the_quarantine_are_booked_after_it(tmp_path):
    facts = {"splits": f"AAA,{DAYS[3]},2\n", "dividends": f"AAA,{DAYS[3]},1\nAAA,{DAYS[2]},3\n"}
    source = Troubled(market(tmp_path / "m", random.Random(1), **facts))
    broker = margin_account(AccountRules(margin=True, participation_bps=None), cash=10**9)
    walk(broker, source, DAYS[:2], buy(10), buy(10, symbol="BBB", order_id="b2"))
    source.trouble = {("AAA", "bars"): ERRORS[0]}
    walk(broker, source, DAYS[2:5])
    assert broker.book.quantity("AAA") == 10
    source.trouble = {}
    walk(broker, source, DAYS[5:6])
    assert broker.book.quantity("AAA") == 20
    assert -broker.book.balance("income:dividends") == 10 * 300 + 20 * 100
    assert broker.book.quarantined == {}
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]


def test_the_errors_are_those_that_a_source_may_raise():
    assert {type(error) for error in ERRORS[:3]} == set(DataError.__subclasses__())
