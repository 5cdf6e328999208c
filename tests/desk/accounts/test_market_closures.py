"""Sessions on which the market did not open: orders wait for the next one."""

from dataclasses import replace

import pytest
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.orders import TimeInForce
from openoutcry.ledger.reports.audit import check_book
from openoutcry.tests.desk.accounts.cases import buy, daily, flat_days, margin_account, sessions, walk, write_market

DAYS = sessions(9)
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")


def market(folder, silent, symbols=SYMBOLS):
    """Write a market at 100; `silent` maps a symbol to the places of its sessions without a bar."""
    tables = []
    for symbol in symbols:
        days = [day for place, day in enumerate(DAYS) if place not in silent.get(symbol, ())]
        tables.append(daily(flat_days(dict.fromkeys(days, 100)), symbol).split("\n"))
    return write_market(
        folder, {"prices_daily.csv": "\n".join([tables[0][0], *(row for t in tables for row in t[1:])])}
    )


def order(tif):
    return replace(buy(10, tif=tif), time_in_force=tif)


@pytest.mark.parametrize("tif", [TimeInForce.DAY, TimeInForce.OPG, TimeInForce.CLS, TimeInForce.GTC])
@pytest.mark.parametrize("length", [1, 4])
def test_orders_survive_a_session_on_which_nothing_trades(tmp_path, tif, length):
    closed = range(1, 1 + length)
    source, broker = market(tmp_path / "m", dict.fromkeys(SYMBOLS, closed)), margin_account()
    said = walk(broker, source, DAYS[: 1 + length], order(tif))
    assert broker.book.order("b").status == "open"
    assert broker.book.session == DAYS[length].isoformat()
    assert "market counts as closed" in said[-1]
    walk(broker, source, DAYS[1 + length : 2 + length])
    assert (broker.book.order("b").status, broker.book.quantity("AAA")) == ("filled", 10)
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]


@pytest.mark.parametrize(("silent", "symbols"), [
    ({"AAA": (1,)}, SYMBOLS),
    ({"AAA": (1,), "BBB": (1,), "CCC": (1,)}, SYMBOLS),
    (dict.fromkeys(SYMBOLS[:2], (1,)), SYMBOLS[:2]),
    (dict.fromkeys(SYMBOLS, (1,)) | {"CCC": (0, 1), "DDD": (0, 1)}, SYMBOLS),
])  # fmt: skip
def test_a_day_order_expires_in_a_halt_of_its_symbol(tmp_path, silent, symbols):
    source, broker = market(tmp_path / "m", silent, symbols), margin_account()
    walk(broker, source, DAYS[:2], order(TimeInForce.DAY))
    assert broker.book.order("b").status == "expired"


def test_a_silence_longer_than_any_closure_is_none(tmp_path):
    source, broker = market(tmp_path / "m", dict.fromkeys(SYMBOLS, range(1, 9))), margin_account()
    walk(broker, source, DAYS[:6], order(TimeInForce.DAY))
    assert broker.book.order("b").status == "expired"


def test_symbols_that_cannot_be_read_do_not_count(tmp_path):
    source, broker = market(tmp_path / "m", dict.fromkeys(SYMBOLS, (1,))), margin_account()

    class Partial:
        def __getattr__(self, name):
            return getattr(source, name)

        def bars(self, symbol, interval, *, until, count):
            if symbol in ("CCC", "DDD"):
                raise SourceUnavailable("the source does not answer")
            return source.bars(symbol, interval, until=until, count=count)

    walk(broker, Partial(), DAYS[:2], order(TimeInForce.DAY))
    assert broker.book.order("b").status == "expired"
