"""Which orders need a person's approval: the policy of an account, parsed from text."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..domain.errors import ConfigError
from ..domain.orders import Order, RestingAction
from ..risk.reference_prices import exposure_price
from .amounts import without_grouping

OUTSIDE_LIMITS = ("max_order_notional", "max_quantity", "price_collar")
SYNTAX = (
    "none, all, `above AMOUNT`, or `outside LIMITS` such as `outside max_order_notional=5000,max_quantity=100,"
    "price_collar=0.05`"
)


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """An order needs an approval if `every` is set, or if it exceeds a limit that is not None.

    Attributes:
        text: the policy as written.
        max_order_notional: value of an order in currency, at its own price or the last close, whichever is higher.
        max_quantity: quantity of an order in shares.
        price_collar: distance of its limit or stop price from the last close, as a share of it.
    """

    text: str = "none"
    every: bool = False
    max_order_notional: Decimal | None = None
    max_quantity: Decimal | None = None
    price_collar: Decimal | None = None

    def needs_approval(self, order: Order, price: Decimal) -> bool:
        """Return whether `order` needs an approval; `price` is the last close in currency per share.

        Exits are treated like entries.
        """
        if self.every:
            return True
        levels = [level for level in (order.limit_price, order.stop_price) if level is not None]
        away = max((abs(level - price) / price for level in levels), default=Decimal(0))
        return any(
            limit is not None and value > limit
            for limit, value in (
                (self.max_order_notional, order.quantity * exposure_price(order, price)),
                (self.max_quantity, order.quantity),
                (self.price_collar, away),
            )
        )

    def needs_approval_to_end(self, order: Order, price: Decimal, action: RestingAction) -> bool:
        """Return whether ending the resting exit `order` needs an approval; `price` as in `needs_approval`.

        It is judged like an order of the same size and level. A canceled exit has no level any more, which is outside
        of every price collar.
        """
        bare = action is RestingAction.CANCEL and self.price_collar is not None
        return bare or self.needs_approval(order, price)


def parse_approval_policy(text: str) -> ApprovalPolicy:
    """Return the policy that `text` names: none, all, `above AMOUNT` or `outside NAME=VALUE,...`.

    Raises ConfigError for any other text.
    """
    words = text.strip()
    kind, _, rest = words.partition(" ")
    if not rest and kind in ("none", "all"):
        return ApprovalPolicy(words, every=kind == "all")
    if kind == "above":
        return ApprovalPolicy(words, max_order_notional=_positive(rest, text))
    if kind == "outside":
        limits = _limits(rest, text)
        return ApprovalPolicy(
            words,
            max_order_notional=limits.get("max_order_notional"),
            max_quantity=limits.get("max_quantity"),
            price_collar=limits.get("price_collar"),
        )
    raise _invalid(text)


def _limits(rest: str, text: str) -> dict[str, Decimal]:
    """Return the limits by name; separators of thousands other than `_` are not possible here."""
    found: dict[str, Decimal] = {}
    for part in rest.split(","):
        name, _, value = part.partition("=")
        name = name.strip()
        if name not in OUTSIDE_LIMITS or name in found:
            raise _invalid(text)
        found[name] = _positive(value, text)
    return found


def _positive(value: str, text: str) -> Decimal:
    try:
        number = Decimal(without_grouping(value))
    except InvalidOperation as error:
        raise _invalid(text) from error
    if not number.is_finite() or number <= 0:
        raise _invalid(text)
    return number


def _invalid(text: str) -> ConfigError:
    return ConfigError(f"approval policy {text[:80]!r}: write {SYNTAX}")
