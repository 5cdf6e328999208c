"""The earlier decisions of an account: where they are kept, and how they are completed with their outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.ids import ClientOrderId, Symbol
from ..domain.past_decision import PastDecision
from ..graph.desk_sections import MOST_PAST_DECISIONS
from ..ledger.book.book import Book
from ..ledger.model import chart_of_accounts
from ..ledger.pricing.units import MINOR, to_decimal
from .stated_decision import stated_decision

FRACTION_DIGITS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """An account when it decided: equity in its currency, and its return since the opening as a fraction, or None.

    `deposited` is the sum of deposits less withdrawals, in its currency.
    """

    equity: Decimal
    account_return: Decimal | None
    deposited: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A submitted decision without what came of it, and the ids of its orders."""

    past: PastDecision
    orders: tuple[ClientOrderId, ...]


class DecisionHistory(Protocol):
    """Reads the earlier decisions of one account.

    Contract: `past` returns the submitted decisions on `symbol` that were made before `before`, oldest first; at most
    `count`, which are the newest. The result does not depend on the order in which they were stored.
    """

    def past(self, symbol: Symbol, before: datetime, count: int) -> Sequence[KeptDecision]: ...


@dataclass(frozen=True, slots=True)
class NoHistory:
    """Implements `DecisionHistory` for an account whose decisions are not kept."""

    def past(self, symbol: Symbol, before: datetime, count: int) -> Sequence[KeptDecision]:
        """Return nothing."""
        return ()


NO_HISTORY = NoHistory()


@dataclass(frozen=True, slots=True)
class DecisionLog:
    """Implements `DecisionHistory` with decisions in memory; a decision that is recorded again is kept once."""

    _kept: dict[Symbol, dict[datetime, KeptDecision]] = field(default_factory=dict)

    def record(self, decisions: Sequence[Decision], figures: AccountFigures) -> None:
        """Keep those of `decisions` that were submitted, with the account's figures at that time."""
        for decision in decisions:
            if decision.submissions is not None:
                own = self._kept.setdefault(decision.ticker, {})
                own[decision.as_of] = kept_decision(decision, figures)
                for oldest in sorted(own)[:-MOST_PAST_DECISIONS]:
                    del own[oldest]

    def past(self, symbol: Symbol, before: datetime, count: int) -> Sequence[KeptDecision]:
        """Return the decisions that were recorded."""
        own = self._kept.get(symbol, {})
        return newest([kept for as_of, kept in sorted(own.items()) if as_of < before], count)


def newest(kept: Sequence[KeptDecision], count: int) -> Sequence[KeptDecision]:
    """Return the last `count` of decisions that are ordered by time."""
    return kept[max(0, len(kept) - count) :]


def kept_decision(decision: Decision, figures: AccountFigures | None) -> KeptDecision:
    """Return a submitted decision as it is kept; `figures` are None if they are unknown."""
    stated, thesis = stated_decision(decision), decision.thesis
    past = PastDecision(
        as_of=decision.as_of,
        stated=stated.words,
        amount=stated.amount,
        conviction=None if thesis is None else Decimal(str(thesis.conviction)),
        reason=stated.reason,
        equity=figures.equity if figures else None,
        account_return=figures.account_return if figures else None,
    )
    return KeptDecision(past, tuple(order.client_order_id for order in decision.risk.allowed))


def account_figures(book: Book) -> AccountFigures:
    """Return equity, and equity over the sum of deposits less 1, rounded to 6 decimals; None without deposits."""
    deposited, equity = -book.balance(chart_of_accounts.DEPOSITS), book.equity
    gained = (Decimal(equity) / Decimal(deposited) - 1).quantize(FRACTION_DIGITS) if deposited > 0 else None
    return AccountFigures(to_decimal(equity, MINOR), gained, to_decimal(deposited, MINOR))


def with_history(account: Account, history: DecisionHistory, symbol: Symbol, before: datetime, count: int,
                 book: Book) -> Account:  # fmt: skip
    """Return the account with its last `count` decisions on `symbol`, with what `book` has executed of each."""
    if not count:
        return account
    kept = history.past(symbol, before, count)
    return replace(account, past_decisions=tuple(_executed(each, book) for each in kept))


def _executed(kept: KeptDecision, book: Book) -> PastDecision:
    """Return the decision with the shares that its orders have filled, and the cash that was paid for them."""
    shares = cash = commission = Decimal(0)
    for order_id in kept.orders:
        for order in book.parts(order_id):
            sign, scale = order.terms.sign, book.instruments[order.terms.symbol].quantity_scale
            shares += sign * to_decimal(order.filled, scale)
            paid = to_decimal(order.commission, MINOR)
            cash -= to_decimal(sign * order.value, MINOR) + paid
            commission += paid
    return replace(kept.past, shares=shares, cash_change=cash, commission=commission)
