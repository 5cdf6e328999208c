"""Splits that become known after their session: booked as if in time, or the symbol stays quarantined."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from broker_session import XNYS, order
from openoutcry.desk.accounts.market_replay import advance_session
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, OrderType
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.reports.audit import check_book
from openoutcry.market.folder import open_folder

DAYS = ("2025-03-03", "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07", "2025-03-10")
IN_TIME, NEXT_DAY, TWO_LATER = "2025-03-01T00:00:00Z", "2025-03-06T12:00:00Z", "2025-03-07T12:00:00Z"
BOUGHT = order("AAA", Action.BUY, 11)
RULES = AccountRules(margin=True)


class UnderFormerTicker:
    """A market in which the splits of every symbol bear the former ticker of the listing."""

    def __init__(self, source):
        self._source = source

    def __getattr__(self, name):
        return getattr(self._source, name)

    def splits(self, symbol, *, until):
        return [replace(split, symbol=Symbol(f"OLD.{symbol}")) for split in self._source.splits(symbol, until=until)]


def walk(
    folder,
    seen,
    *,
    ratio="2",
    prices=None,
    rules=RULES,
    orders=None,
    dividend=None,
    view=lambda source: source,
    quarantined_after=None,
):
    """Walk six sessions; the split is before the open of the third. `orders` holds the orders after each session."""
    prices = prices or [100, 100, 50, 50, 50, 50]
    folder.mkdir(exist_ok=True)
    rows = [f"AAA,{day},{p},{p},{p},{p},900000" for day, p in zip(DAYS, prices, strict=True)]
    (folder / "prices_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *rows]))
    (folder / "splits.csv").write_text(f"ticker,ex_date,ratio,seen_at\nAAA,{DAYS[2]},{ratio},{seen}\n")
    if dividend is not None:
        (folder / "dividends.csv").write_text(f"ticker,ex_date,amount\nAAA,{DAYS[dividend]},1\n")
    source, broker, notices, equity = view(open_folder(folder)), Broker.open("t", rules, XNYS), [], []
    broker.deposit("opening", 10_000_000)
    for number, day in enumerate(XNYS.between(date.fromisoformat(DAYS[0]), date.fromisoformat(DAYS[-1]))):
        advance_session(broker, source, XNYS, day, notices.append)
        equity.append(broker.book.equity)
        if number == quarantined_after:
            broker.listings.quarantine("AAA", day, "its data were unusable")
        for each in (orders or {0: [BOUGHT]}).get(number, ()):
            assert submit_orders(broker, [each], Instrument("AAA"), "run", Decimal(100))[0].accepted
    assert not [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]
    again = Broker.replayed(broker.journal.events, XNYS)
    assert again.book.state_hash() == broker.book.state_hash()
    return broker, equity, notices


def lots(broker):
    held = broker.book.positions["AAA"]
    return held.quantity, held.cost, [(lot.quantity, lot.cost) for lot in held.lots]


def open_prices(broker):
    return [(o.remaining, o.levels.limit, o.levels.stop) for o in broker.book.live_orders()]


@pytest.mark.parametrize(
    ("ratio", "prices"),
    [
        ("2", [100, 100, 50, 50, 50, 50]),
        ("2", [100, 100, 45, 52, 50, 51]),
        ("0.25", [10, 10, 40, 40, 40, 40]),
        ("1.05", [100, 100, 98, 95, 95, 95]),
    ],
)
@pytest.mark.parametrize("seen", [NEXT_DAY, TWO_LATER])
def test_a_late_split_ends_like_one_that_was_known_in_time(tmp_path, seen, ratio, prices):
    whole = {0: [order("AAA", Action.BUY, 20)]}
    late, equity, notices = walk(tmp_path / "late", seen, ratio=ratio, prices=prices, orders=whole)
    in_time, expected, _ = walk(tmp_path / "in_time", IN_TIME, ratio=ratio, prices=prices, orders=whole)
    assert lots(late) == lots(in_time)
    booked = 3 if seen == NEXT_DAY else 4
    assert equity[booked:] == expected[booked:]
    assert "AAA" not in late.book.quarantined
    assert [line for line in notices if "the split of AAA on 2025-03-05 became known late" in line]


def test_a_late_split_under_a_former_ticker_is_one_of_the_symbol_that_is_held(tmp_path):
    late, equity, notices = walk(tmp_path / "former", NEXT_DAY, view=UnderFormerTicker)
    same, expected, expected_notices = walk(tmp_path / "same", NEXT_DAY)
    assert (lots(late), equity, notices) == (lots(same), expected, expected_notices)
    assert (late.book.quantity("AAA"), equity[-1]) == (22, 10_000_000)
    assert "AAA" not in late.book.quarantined


def test_the_fraction_of_a_late_split_is_sold_at_the_price_of_after_it(tmp_path):
    """11 shares at 10 become 2 at 40, and 3/4 of a share is sold for 30."""
    prices = [10, 10, 40, 40, 40, 40]
    broker, equity, _ = walk(tmp_path / "m", NEXT_DAY, ratio="0.25", prices=prices)
    assert (broker.book.quantity("AAA"), equity[-1], broker.book.cash) == (2, 10_000_000, 10_000_000 - 11_000 + 3_000)


@pytest.mark.parametrize("policy", list(SplitPolicy))
def test_open_orders_from_before_a_late_split_follow_the_policy(tmp_path, policy):
    """A sell limit at 150 rests from before; after the ex-date a sell limit at 80 is sent in new shares."""
    limit = {"type": OrderType.LIMIT}
    before = order("AAA", Action.SELL, 10, 1, limit_price=Decimal(150), **limit)
    after = order("AAA", Action.SELL, 1, 2, limit_price=Decimal(80), **limit)
    rules = replace(RULES, split_orders=policy)
    sent = {0: [BOUGHT], 1: [before]}
    late, _, _ = walk(tmp_path / "late", NEXT_DAY, rules=rules, orders={**sent, 2: [after]})
    in_time, _, _ = walk(tmp_path / "in_time", IN_TIME, rules=rules, orders=sent)
    scale = Instrument("AAA").price_scale
    assert open_prices(late) == [*open_prices(in_time), (1, 80 * scale, None)]


def test_an_order_filled_since_keeps_the_symbol_quarantined(tmp_path):
    orders = {0: [BOUGHT], 2: [order("AAA", Action.BUY, 1, 2)]}
    broker, _, _ = walk(tmp_path / "m", TWO_LATER, orders=orders)
    reason = broker.book.quarantined["AAA"].reason
    assert broker.book.quantity("AAA") == 12
    assert "was filled in shares of after the split; restore a backup from before 2025-03-05" in reason


def test_a_stop_limit_triggered_since_keeps_the_symbol_quarantined(tmp_path):
    """The fall by the split triggers the stop at 90, and the limit at 85 is not reached."""
    stop = order(
        "AAA", Action.SELL, 5, 1, type=OrderType.STOP_LIMIT, stop_price=Decimal(90), limit_price=Decimal(85)
    )  # fmt: skip
    broker, _, _ = walk(tmp_path / "m", NEXT_DAY, orders={0: [BOUGHT], 1: [stop]})
    assert "an order of it was triggered" in broker.book.quarantined["AAA"].reason
    assert broker.book.quantity("AAA") == 11


def test_a_dividend_on_the_old_number_of_shares_keeps_the_symbol_quarantined(tmp_path):
    broker, _, _ = walk(tmp_path / "m", TWO_LATER, dividend=3)
    assert "a dividend was booked" in broker.book.quarantined["AAA"].reason


def test_a_dividend_of_before_the_split_does_not_prevent_it(tmp_path):
    broker, equity, _ = walk(tmp_path / "m", NEXT_DAY, dividend=1, orders={0: [BOUGHT]})
    assert (broker.book.quantity("AAA"), equity[-1]) == (22, 10_000_000)


def test_prices_that_do_not_show_the_split_keep_the_symbol_quarantined(tmp_path):
    broker, _, _ = walk(tmp_path / "m", NEXT_DAY, prices=[100] * 6)
    assert "do not show the split" in broker.book.quarantined["AAA"].reason
    assert broker.book.quantity("AAA") == 11


def test_a_short_position_with_fees_since_keeps_the_symbol_quarantined(tmp_path):
    short = order("AAA", Action.SHORT, 10)
    paying, _, _ = walk(tmp_path / "fee", TWO_LATER, rules=replace(RULES, cash_bps=300), orders={0: [short]})
    free, equity, _ = walk(tmp_path / "free", NEXT_DAY, orders={0: [short]})
    assert "fees or interest were booked" in paying.book.quarantined["AAA"].reason
    assert (free.book.quantity("AAA"), equity[-1]) == (-20, 10_000_000)


RESTING = order("AAA", Action.BUY, 10, limit_price=Decimal(40), type=OrderType.LIMIT)


@pytest.mark.parametrize("seen", [NEXT_DAY, TWO_LATER])
@pytest.mark.parametrize("policy", [SplitPolicy.CANCEL, SplitPolicy.ADJUST])
def test_resting_orders_without_a_position_follow_the_policy_and_the_symbol_is_released(tmp_path, policy, seen):
    newer = order("AAA", Action.BUY, 3, 2, limit_price=Decimal(30), type=OrderType.LIMIT)
    rules = replace(RULES, split_orders=policy)
    late, _, notices = walk(tmp_path / "late", seen, rules=rules, orders={1: [RESTING], 2: [newer]})
    in_time, _, _ = walk(tmp_path / "in_time", IN_TIME, rules=rules, orders={1: [RESTING]})
    assert open_prices(late) == [*open_prices(in_time), (3, 30 * Instrument("AAA").price_scale, None)]
    assert not late.book.quarantined
    assert len([line for line in notices if "its orders from before are canceled or adjusted" in line]) == 1


def test_a_quarantined_symbol_is_released_with_a_late_split_of_its_resting_orders(tmp_path):
    broker, _, notices = walk(tmp_path / "m", TWO_LATER, orders={1: [RESTING]}, quarantined_after=3)
    assert not broker.book.quarantined
    assert open_prices(broker) == []
    assert [line for line in notices if "AAA is no longer quarantined" in line]


def test_an_order_triggered_since_the_split_is_canceled_whatever_the_policy(tmp_path):
    """The rise by the reverse split triggers the stop at 200, and the limit at 150 is not reached."""
    stop = order(
        "AAA", Action.BUY, 8, type=OrderType.STOP_LIMIT, stop_price=Decimal(200), limit_price=Decimal(150)
    )  # fmt: skip
    rules = replace(RULES, split_orders=SplitPolicy.ADJUST)
    prices = [100, 100, 400, 400, 400, 400]
    broker, _, _ = walk(tmp_path / "m", TWO_LATER, ratio="0.25", prices=prices, rules=rules, orders={1: [stop]})
    assert open_prices(broker) == []
    assert broker.book.orders[stop.client_order_id].reason == "split"


def test_a_split_of_before_the_resting_order_changes_nothing(tmp_path):
    broker, _, _ = walk(tmp_path / "m", TWO_LATER, orders={2: [RESTING]})
    assert open_prices(broker) == [(10, 40 * Instrument("AAA").price_scale, None)]
    assert not [event for event in broker.journal.events if type(event).__name__ == "SplitApplied"]
