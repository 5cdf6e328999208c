"""The journal and its entries: nothing unbalanced, nothing altered, nothing missing, nothing from the future."""

from dataclasses import replace
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given
from openoutcry.domain.errors import (
    ChainBroken,
    OrderRejected,
    SchemaMismatch,
    UnbalancedEntry,
)
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.ledger.book.codec import (
    ADDED,
    EVENTS,
    canonical,
    read_event,
    schema_of,
    to_plain,
    write_event,
)
from openoutcry.ledger.book.journal import (
    Journal,
    JournalRow,
    read_rows,
    row_hash,
)
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.model.entries import Entry, Posting
from openoutcry.ledger.model.events import Deposited, Event
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_events import OrderAccepted, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest, to_order_request
from openoutcry.ledger.pricing.units import (
    divide_half_even,
    exact_units,
    to_decimal,
    toward_zero,
)
from openoutcry.tests.ledger.harness import quiet_floor, terms


def journal() -> Journal:
    floor = quiet_floor()
    floor.broker.submit(OrderRequest(terms("a", "buy", 3)))
    floor.bar((10_000, 10_000, 10_000, 10_000, 10))
    return floor.broker.journal


def test_an_entry_that_does_not_balance_cannot_exist() -> None:
    with pytest.raises(UnbalancedEntry, match="AAA"):
        Entry(1, (Posting("assets:cash", "USD", 5), Posting("x", "USD", -5), Posting("y", "AAA", 1)))


@pytest.mark.parametrize("place", range(6))
def test_an_altered_a_missing_and_a_swapped_row_are_found(place: int) -> None:
    rows = list(journal().rows())
    altered = rows[place]._replace(body=rows[place].body.replace("1", "2", 1) + " ")
    for broken in (
        [*rows[:place], altered, *rows[place + 1 :]],
        [*rows[:place], *rows[place + 1 :]] if place < len(rows) - 1 else [rows[0], *rows],
        [*rows[:place], rows[place]._replace(hash="0" * 64), *rows[place + 1 :]],
    ):
        with pytest.raises(ChainBroken):
            list(read_rows(broken))


def test_a_journal_of_a_newer_version_is_refused() -> None:
    rows = list(journal().rows())
    with pytest.raises(SchemaMismatch, match="newer"):
        list(read_rows([rows[0]._replace(schema_version=99)]))
    with pytest.raises(SchemaMismatch):
        read_event('{"type":"Invented"}')
    with pytest.raises(SchemaMismatch):
        read_event('{"type":"Expired","order_id":"a","more":1}')


def test_rows_are_canonical() -> None:
    for row in journal().rows():
        assert isinstance(row, JournalRow)
        assert ": " not in row.body
        assert "." not in row.body.replace("a#1", "")


events = st.sampled_from(sorted(EVENTS)).flatmap(lambda name: st.from_type(EVENTS[name]))
fills = st.builds(OrderFilled, low=st.integers(), high=st.integers())


@given(events | fills)
def test_every_event_is_written_as_its_plain_form_in_canonical_json_and_reads_back(event: Event) -> None:
    written, (schema, later) = write_event(event), ADDED.get(type(event), (1, {}))
    stated = any(getattr(event, name) != absent for name, absent in later.items())
    form = {name: value for name, value in to_plain(event).items() if stated or name not in later}
    assert written == canonical({"type": event_name(event), **form})
    assert read_event(written) == event
    terms = (getattr(event, "terms", None), *getattr(event, "exits", ()))
    timed = any(each.good_after is not None or each.slice_of is not None for each in terms if each is not None)
    waits = any(each.awaits is not None for each in terms if each is not None)
    assert schema_of(event) == (6 if waits else 5 if timed else schema if stated or not later else 1)


def test_a_fill_of_an_older_journal_is_written_as_it_was_and_one_that_names_another_schema_is_refused() -> None:
    stated = journal()
    stated.events = [replace(e, low=None, high=None) if isinstance(e, OrderFilled) else e for e in stated.events]
    rows = list(stated.rows())
    assert {row.schema_version for row in rows} == {1}
    assert list(read_rows(rows)) == stated.events
    (place,) = (number for number, event in enumerate(stated.events) if isinstance(event, OrderFilled))
    assert '"low"' not in rows[place].body
    head = rows[place - 1].hash
    renamed = rows[place]._replace(schema_version=2, hash=row_hash(head, place + 1, rows[place].body, 2))
    with pytest.raises(ChainBroken, match="does not match its schema"):
        list(read_rows([*rows[:place], renamed]))


def test_terms_without_a_good_after_moment_are_written_as_earlier_versions_wrote_them() -> None:
    made = terms("a", "buy", 5)
    text = (
        '{"first_bar":1,"held":false,"reserved":0,"stop":null,"terms":{"closing":false,"decision_id":"decision-1",'
        '"forced":false,"group":null,"limit":null,"lots":[],"order_id":"a","parent":null,"quantity":5,'
        '"run_id":"run-1","sign":1,"stop":null,"symbol":"AAA","tif":"day","trail":null,"type":"market"},'
        '"type":"Accepted"}'
    )
    event = OrderAccepted(made, 1, 0)
    assert (write_event(event), schema_of(event)) == (text, 1)
    timed = OrderAccepted(replace(made, good_after=1_741_012_200, slice_of="whole"), 1, 0)
    later = text.replace('"group"', '"good_after":1741012200,"group"').replace('"stop":null,"symbol"',
                         '"slice_of":"whole","stop":null,"symbol"')  # fmt: skip
    assert (write_event(timed), schema_of(timed)) == (later, 5)
    assert read_event(later) == timed


def test_a_float_is_never_written() -> None:
    with pytest.raises(TypeError):
        write_event(Deposited("half a cent", 1.5))  # type: ignore[arg-type]
    with pytest.raises(SchemaMismatch):
        to_plain([1.5])


@given(st.integers(-(10**20), 10**20), st.integers(-(10**6), 10**6).filter(bool))
def test_half_even_is_the_rounding_of_decimal(numerator: int, denominator: int) -> None:
    exact = round(numerator * 2, 0)
    assert exact == numerator * 2
    quotient = divide_half_even(numerator, denominator)
    off = abs(2 * (quotient * denominator - numerator))
    assert off <= abs(denominator)
    assert off < abs(denominator) or quotient % 2 == 0


def test_units_refuse_what_lies_between_two_steps() -> None:
    assert exact_units(Decimal("1.25"), 100, "price") == 125
    assert to_decimal(-125, 100) == Decimal("-1.25")
    assert (toward_zero(-7, 2), toward_zero(7, 2)) == (-3, 3)
    for text in ("1.255", "NaN", "Infinity", "1e999999", "1e-999999", "0.1000000000000000000001"):
        with pytest.raises(OrderRejected):
            exact_units(Decimal(text), 100, "price")


def desk_order(order_class: OrderClass, **changes: object) -> Order:
    made = Order(
        ClientOrderId("d"), Symbol("AAA"), Action.BUY, Decimal(3), OrderType.LIMIT, Decimal("99.50"), None, None,
        TimeInForce.DAY, order_class, None, None, "because", (),
    )  # fmt: skip
    return replace(made, **changes)


def test_a_desk_order_becomes_integers_and_its_exits_orders_of_their_own() -> None:
    exits = {"take_profit": TakeProfit(Decimal(110)), "stop_loss": StopLoss(Decimal(90), Decimal(89))}
    made = to_order_request(desk_order(OrderClass.BRACKET, **exits), Instrument("AAA"), run_id="r", decision_id="d")
    assert (made.terms.quantity, made.terms.limit, made.terms.sign, made.terms.closing) == (3, 9_950, 1, False)
    profit, loss = made.exits
    assert (profit.order_id, profit.type, profit.limit, profit.sign, profit.closing) == (
        "d.tp", OrderType.LIMIT, 11_000, -1, True,
    )  # fmt: skip
    assert (loss.order_id, loss.type, loss.stop, loss.limit) == ("d.sl", OrderType.STOP_LIMIT, 9_000, 8_900)
    assert profit.group == loss.group == "d.tp"
    assert {profit.parent, loss.parent} == {"d"}


def test_an_oco_is_two_siblings_on_the_same_side() -> None:
    order = desk_order(OrderClass.OCO, action=Action.SELL, stop_loss=StopLoss(Decimal(90)))
    made = to_order_request(order, Instrument("AAA"), run_id="r", decision_id="d")
    assert [leg.sign for leg in (made.terms, *made.exits)] == [-1, -1]
    assert {leg.group for leg in (made.terms, *made.exits)} == {"d"}
    assert made.exits[0].parent is None


@pytest.mark.parametrize("order_class", [OrderClass.BRACKET, OrderClass.OTO, OrderClass.OCO])
def test_an_order_class_without_its_exits_is_rejected(order_class: OrderClass) -> None:
    with pytest.raises(OrderRejected):
        to_order_request(desk_order(order_class), Instrument("AAA"), run_id="r", decision_id="d")
    with pytest.raises(OrderRejected, match="between two steps"):
        to_order_request(
            desk_order(OrderClass.SIMPLE, quantity=Decimal("0.5")), Instrument("AAA"), run_id="r", decision_id="d"
        )
