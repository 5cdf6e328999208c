"""The life of one account, worked by hand: a bracket filled in parts, a dividend, a split, a short, every posting."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from openoutcry.domain.orders import Action
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.reports.audit import check_book
from openoutcry.ledger.reports.export import amount, dated_entries
from openoutcry.ledger.reports.history import equity_curve, executions
from openoutcry.tests.ledger.harness import Floor, terms

# A dollar for every order that trades, at most a tenth of the volume, T+1, borrow at 3.6 % a year.
RULES = AccountRules(
    margin=True, split_orders=SplitPolicy.ADJUST, commission=Commission(CommissionKind.PER_SHARE, rate=0, minimum=100)
)

BOOKED = """
2024-06-03 Deposited        assets:cash 10000.00, equity:deposits -10000.00
2024-06-04 Filled           liabilities:unsettled -6001.00, assets:shares:AAA 60 AAA, equity:street:AAA -60 AAA, \
assets:cost:AAA 6000.00, expenses:commission 1.00
2024-06-05 Settled          liabilities:unsettled 6001.00, assets:cash -6001.00
2024-06-05 Filled           liabilities:unsettled -4040.00, assets:shares:AAA 40 AAA, equity:street:AAA -40 AAA, \
assets:cost:AAA 4040.00
2024-06-06 DividendBooked   assets:dividends 50.00, income:dividends -50.00
2024-06-06 Settled          liabilities:unsettled 4040.00, assets:cash -4040.00
2024-06-07 SplitApplied     assets:shares:AAA 100 AAA, equity:street:AAA -100 AAA
2024-06-10 DividendPaid     assets:cash 50.00, assets:dividends -50.00
2024-06-10 Filled           assets:unsettled 5999.00, assets:shares:AAA -100 AAA, equity:street:AAA 100 AAA, \
assets:cost:AAA -5000.00, income:realised:AAA -1000.00, expenses:commission 1.00
2024-06-11 Settled          assets:unsettled -5999.00, assets:cash 5999.00
2024-06-11 Filled           assets:unsettled 4399.00, assets:shares:AAA -100 AAA, equity:street:AAA 100 AAA, \
assets:cost:AAA -5040.00, income:realised:AAA 640.00, expenses:commission 1.00
2024-06-12 Settled          assets:unsettled -4399.00, assets:cash 4399.00
2024-06-12 Filled           assets:unsettled 1999.00, assets:shares:BBB -10 BBB, equity:street:BBB 10 BBB, \
assets:cost:BBB -2000.00, expenses:commission 1.00
2024-06-13 Accrued          liabilities:charges -0.20, expenses:borrow 0.20
2024-06-13 Settled          assets:unsettled -1999.00, assets:cash 1999.00
2024-06-14 Accrued          liabilities:charges -0.19, expenses:borrow 0.19
2024-06-14 Filled           liabilities:unsettled -1901.00, assets:shares:BBB 10 BBB, equity:street:BBB -10 BBB, \
assets:cost:BBB 2000.00, income:realised:BBB -100.00, expenses:commission 1.00
2024-06-17 Settled          liabilities:unsettled 1901.00, assets:cash -1901.00
2024-07-01 Charged          assets:cash -0.39, liabilities:charges 0.39
"""


def flat(price: int, volume: int = 100_000) -> IntegerBar:
    return IntegerBar(price, price, price, price, volume)


def lived() -> Broker:
    floor = Floor(RULES, cash=0, symbols=("AAA", "BBB"))
    floor.day = date(2024, 6, 2)
    broker, other = floor.broker, flat(20_000)
    broker.deposit("opening", 1_000_000)
    floor.bar(flat(10_000), BBB=other)
    # A hundred shares with exits at 120 and 90; the first bar has volume for sixty, the next opens a dollar higher.
    broker.submit(
        OrderRequest(
            terms("in", "buy", 100, tif="gtc"),
            (
                terms("in.tp", "sell", 100, "limit", limit=12_000, tif="gtc", parent="in", group="in.tp"),
                terms("in.sl", "sell", 100, "stop", stop=9_000, tif="gtc", parent="in", group="in.tp"),
            ),
        )
    )
    floor.bar(flat(10_000, 600), BBB=other)
    floor.bar(flat(10_100), BBB=other)
    broker.dividend("AAA", date(2024, 6, 6), Fraction(1, 2), date(2024, 6, 10))
    floor.bar(flat(10_000), BBB=other)
    # Two for one: 200 shares, exits at 60 and 45. Half is sold at 60, the bar has no more; the rest gaps through 45.
    broker.split("AAA", date(2024, 6, 7), Fraction(2))
    floor.bar(flat(5_000), BBB=other)
    floor.bar((5_800, 6_100, 5_700, 5_900, 1_000), BBB=other)
    floor.bar(flat(4_400), BBB=other)
    broker.submit(OrderRequest(terms("down", "short", 10, symbol="BBB")))
    floor.bar(flat(4_400), BBB=other)
    # Two nights of borrowing: 2,000 and 1,900 at 3.6 % over 360 days.
    floor.bar(flat(4_400), BBB=flat(19_000))
    broker.submit(OrderRequest(terms("up", "cover", 10, symbol="BBB")))
    floor.bar(flat(4_400), BBB=flat(19_000))
    while floor.day < date(2024, 7, 1):
        floor.bar()
    return broker


def test_every_posting_of_the_life_is_the_one_worked_by_hand() -> None:
    broker = lived()
    lines = []
    for dated in dated_entries(broker.journal):
        legs = [
            f"{posting.account} {amount(broker.book, posting)}"
            + ("" if posting.commodity == "USD" else f" {posting.commodity}")
            for posting in dated.entry.postings
        ]
        lines.append(f"{dated.day} {event_name(dated.event):<16} {', '.join(legs)}")
    assert lines == BOOKED.strip().splitlines()


def test_the_equity_at_the_end_is_what_the_life_explains() -> None:
    book = lived().book
    # 10,000 + 50 dividend + 1,000 - 640 on AAA + 100 on BBB - 5 orders at 1 - 0.39 for borrowing
    assert book.equity == book.cash == 1_000_000 + 5_000 + 100_000 - 64_000 + 10_000 - 500 - 39
    assert not [check for check in check_book(lived().journal, book) if check.breaches]


def test_the_history_tells_the_same_life_in_decimals() -> None:
    broker = lived()
    curve = list(equity_curve(broker.journal.events))
    assert [point.session for point in curve] == sorted({point.session for point in curve})
    assert (curve[0].equity, curve[-1].equity) == (Decimal(10_000), Decimal("10504.61"))
    # after the short sale: 8,406 from AAA + 50 + 1,999 in cash, and ten shares owed at 200
    short = next(point for point in curve if point.session == "2024-06-12")
    assert (short.cash, short.short_value, short.equity) == (Decimal(12_406), Decimal(-2_000), Decimal(10_406))
    fills = [
        (fill.order_id, fill.action, fill.quantity, fill.price)
        for fill in executions(broker.journal.events, broker.book)
    ]
    assert fills[-2:] == [("down", Action.SHORT, 10, 200), ("up", Action.COVER, 10, 190)]
    assert [fill[0] for fill in fills[:4]] == ["in", "in", "in.tp", "in.sl"]
