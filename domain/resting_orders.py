"""Resting orders as a desk sees them: their labels, and the actions of a plan on them.

An action names an order by its label. What is allowed:
- KEEP: any order. It counts in the limits together with the new orders.
- CANCEL: any order that can still be canceled, exits included: a desk that cancels the exits of a position leaves it
  unprotected only by saying so.
- REPLACE: an entry, if the plan has any order; exits, if the plan's exits close at least as many shares.
Orders that end together (OCO) have one action. An entry that awaits an exit ends with it, and cannot be kept alone. An
order that the plan does not name is kept; an entry is replaced if the plan opens a position, so that the entries of two
decisions add up only if the plan keeps the first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from .account import Account, RestingFacts
from .ids import Symbol
from .orders import Order, RestingAction, RestingOrderAction
from .outputs import OrderPlan, PlannedOrder, RestingInstruction

UNKNOWN = RestingFacts(0)


@dataclass(frozen=True, slots=True)
class RestingOrder:
    """An open order of the symbol that is decided on.

    Attributes:
        label: `R1`, `R2` and so on, in the order of `Account.resting`; valid for one decision.
        order: the order, with its remaining quantity.
        age: completed sessions that could have filled it; None if unknown.
        linked: the labels of the orders that end together with it.
        fixed: why the order can be neither canceled nor replaced; empty if it can.
        note: a person's answer to an earlier cancellation; empty without one.
        awaits: the labels of the exits that the entry waits for; empty for other orders.
    """

    label: str
    order: Order
    age: int | None
    linked: tuple[str, ...] = ()
    fixed: str = ""
    note: str = ""
    awaits: tuple[str, ...] = ()


def resting_orders(account: Account, symbol: Symbol) -> tuple[RestingOrder, ...]:
    """Return the open orders of `symbol` with their labels."""
    labeled = {f"R{number}": order for number, order in enumerate(account.resting(symbol), start=1)}
    groups = {
        label: account.resting_facts.get(order.client_order_id, UNKNOWN).group for label, order in labeled.items()
    }
    return tuple(
        RestingOrder(
            label=label,
            order=order,
            age=facts.age if (facts := account.resting_facts.get(order.client_order_id)) else None,
            linked=tuple(o for o, group in groups.items() if group and o != label and group == groups[label]),
            fixed=_fixed(order, account),
            note=account.resting_facts.get(order.client_order_id, UNKNOWN).note,
            awaits=tuple(o for o, exit_order in labeled.items() if _is_awaited(exit_order, order)),
        )
        for label, order in labeled.items()
    )


def price_distance(order: Order, last_close: Decimal) -> Decimal | None:
    """Return (price of the order - last close) / last close; of an order with a stop, the stop. None without a price.

    A trailing stop without a stop price is `trail` away.
    """
    level = order.stop_price if order.stop_price is not None else order.limit_price
    if level is None and order.trail is not None:
        level = last_close + order.action.sign * order.trail
    return None if level is None or not last_close else (level - last_close) / last_close


def age_and_distance(age: int | None, distance: Decimal | None) -> tuple[str, ...]:
    """Return in words how long an order has rested and how far its price is from the last close; unknowns are left out.

    `age` is in sessions, `distance` as `price_distance` returns it.
    """
    rested = () if age is None else (f"rested {age} session{'' if age == 1 else 's'}",)
    return rested if distance is None else (*rested, f"{distance:+z.1%} from the last close")


def resting_defects(plan: OrderPlan, resting: Sequence[RestingOrder]) -> Iterator[str]:
    """Yield in words what is wrong with the actions of a plan on resting orders."""
    stated: dict[str, RestingAction] = {}
    by_label = {each.label: each for each in resting}
    for each in plan.resting or ():
        known = by_label.get(each.order)
        if known is None:
            yield f"there is no resting order {each.order[:40]!r}; {_names(by_label)}"
        elif stated.setdefault(each.order, each.action) is not each.action:
            yield f"{each.order} has two actions, {stated[each.order]} and {each.action}; give one"
        else:
            yield from _single_defects(each, known, plan.orders)
    yield from _linked_defects(stated, resting)
    yield from _entries_without_exit(stated, resting)
    yield from _uncovered_exits(stated, resting, plan.orders)


def stated_actions(plan: OrderPlan, account: Account, symbol: Symbol) -> tuple[RestingOrderAction, ...]:
    """Return the action on each open order of `symbol`; empty if the plan has no list of actions."""
    if plan.resting is None:
        return ()
    stated = {each.order: each.action for each in plan.resting}
    opens = any(order.action.opens for order in plan.orders)
    return tuple(
        RestingOrderAction(each.order.client_order_id, _action(each, stated, opens=opens))
        for each in resting_orders(account, symbol)
    )


def without_canceled_exits(
    actions: Iterable[RestingOrderAction], account: Account, symbol: Symbol
) -> tuple[RestingOrderAction, ...]:
    """Return the actions with all exits kept."""
    entries = {order.client_order_id for order in account.resting(symbol) if order.action.opens}
    return tuple(
        each if each.client_order_id in entries else replace(each, action=RestingAction.KEEP) for each in actions
    )


def account_after_actions(account: Account, actions: Sequence[RestingOrderAction]) -> Account:
    """Return the account as limits count it: kept orders are open; canceled and replaced ones are not.

    An exit to be replaced does not protect the position in the limits of new entries.
    """
    if not actions:
        return account
    kept = {each.client_order_id for each in actions if each.action is RestingAction.KEEP}
    gone = {each.client_order_id for each in actions} - kept
    entries = tuple(order for order in account.superseded if order.client_order_id in kept)
    others = tuple(order for order in account.open_orders if order.client_order_id not in gone)
    superseded = tuple(order for order in account.superseded if order.client_order_id not in kept)
    return replace(account, superseded=superseded, open_orders=(*entries, *others))


def _fixed(order: Order, account: Account) -> str:
    if order.client_order_id in account.starting_ids:
        return "its first bar starts before a decision can take effect"
    forced = account.resting_facts.get(order.client_order_id, UNKNOWN).forced
    return "the broker generated it for a margin call" if forced else ""


def _names(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"the resting orders are {names}" if names else "no order rests"


def _single_defects(stated: RestingInstruction, known: RestingOrder, planned: Sequence[PlannedOrder]) -> Iterator[str]:
    if stated.action is RestingAction.KEEP:
        return
    if known.fixed:
        yield f"{known.label} can only be kept: {known.fixed}"
    elif stated.action is RestingAction.REPLACE and known.order.action.opens and not planned:
        yield f"{known.label} is to be replaced, and the plan has no order that takes its place"


def _uncovered_exits(
    stated: Mapping[str, RestingAction], resting: Sequence[RestingOrder], planned: Sequence[PlannedOrder]
) -> Iterator[str]:
    """Yield a sentence if the plan's exits close fewer shares than the exits that it replaces."""
    replaced = [
        each for each in resting if stated.get(each.label) is RestingAction.REPLACE and not each.order.action.opens
    ]
    shares: dict[frozenset[str], Decimal] = {}
    for each in replaced:
        group = frozenset((each.label, *each.linked))
        shares[group] = max(each.order.quantity, shares.get(group, Decimal(0)))
    protected = sum(shares.values(), Decimal(0))
    closed = sum((order.quantity for order in planned if not order.action.opens), Decimal(0))
    if closed < protected:
        names = " and ".join(each.label for each in replaced)
        yield f"the replaced {names} close {protected:f} shares, and the new exits of the plan only {closed:f}"


def _linked_defects(stated: Mapping[str, RestingAction], resting: Sequence[RestingOrder]) -> Iterator[str]:
    for each in resting:
        for other in each.linked:
            actions = [stated.get(each.label), stated.get(other)]
            if each.label < other and None not in actions and actions[0] != actions[1]:
                yield f"{each.label} and {other} end together: give both one action, not {actions[0]} and {actions[1]}"


def _entries_without_exit(stated: Mapping[str, RestingAction], resting: Sequence[RestingOrder]) -> Iterator[str]:
    for each in resting:
        ended = [label for label in each.awaits if stated.get(label, RestingAction.KEEP) is not RestingAction.KEEP]
        if ended and stated.get(each.label) is RestingAction.KEEP:
            yield f"{each.label} waits for {' and '.join(ended)} and ends with it: it cannot be kept"


def _is_awaited(exit_order: Order, entry: Order) -> bool:
    return entry.awaits is not None and entry.awaits in (exit_order.client_order_id, exit_order.slice_of)


def _action(each: RestingOrder, stated: Mapping[str, RestingAction], *, opens: bool) -> RestingAction:
    """Return the stated action on an order or on one that it is linked to, else the default.

    An entry that is not named ends with an exit that it awaits.
    """
    found = next((stated[label] for label in (each.label, *each.linked) if label in stated), None)
    if found is not None:
        return found
    ended = [stated[label] for label in each.awaits if stated.get(label, RestingAction.KEEP) is not RestingAction.KEEP]
    if ended:
        return RestingAction.CANCEL if RestingAction.CANCEL in ended else RestingAction.REPLACE
    replaceable = each.order.action.opens and not each.fixed
    return RestingAction.REPLACE if opens and replaceable else RestingAction.KEEP
