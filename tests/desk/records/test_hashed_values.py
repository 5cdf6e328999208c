"""A configuration hash is that of earlier versions, which copied dataclasses by `asdict`."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from decimal import Decimal

from decisions import plain_order
from openoutcry.desk.records.provenance import digest, plain
from openoutcry.domain.account import Account, Holding, LastOrder
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import Action
from openoutcry.risk.limit_settings import Limits

AAA = Symbol("AAA")
ACCOUNT = Account(
    "mine",
    Decimal("100.50"),
    margin=True,
    holdings={AAA: Holding(AAA, Decimal(3), Decimal("1.25"), Decimal(2))},
    open_orders=(plain_order("o1", "AAA", "buy", 3, stop="1.00", target="9.00"),),
    last_orders=(
        LastOrder(datetime(2025, 3, 3, tzinfo=UTC), Action.BUY, Decimal(5), Decimal(3), Decimal(3), "filled"),
    ),
)


def copy_of(value):
    """Return the copy of a dataclass; an order without a good-after moment is copied as earlier versions did."""

    def earlier(pairs):
        return {
            name: each for name, each in pairs if each is not None or name not in ("good_after", "slice_of", "awaits")
        }

    return asdict(value, dict_factory=earlier)


def test_nested_values_hash_as_their_copies_did():
    for value in (ACCOUNT, ACCOUNT.open_orders[0], Limits(), [ACCOUNT, {"a": (1, None)}]):
        copied = [copy_of(ACCOUNT), {"a": (1, None)}] if isinstance(value, list) else copy_of(value)
        if isinstance(value, Limits):
            copied["restricted"] = sorted(copied["restricted"])
            assert digest(plain(value) | {"restricted": sorted(value.restricted)}) == digest(copied)
        else:
            assert digest(plain(value)) == digest(copied)


def test_a_good_after_moment_changes_the_hash():
    (order,) = ACCOUNT.open_orders
    timed = replace(order, good_after=datetime(2025, 3, 4, 15, 30, tzinfo=UTC))
    assert digest(plain(timed)) != digest(plain(order))
    assert digest(plain(timed)) != digest(plain(replace(timed, slice_of=ClientOrderId("whole"))))
