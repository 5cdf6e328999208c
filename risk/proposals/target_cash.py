"""StockBench's total values per symbol: the checks whose texts go back to the model, and the target positions."""

from collections.abc import Iterator
from decimal import Decimal

from ...domain.proposal import CashTarget, TargetAction, TargetCashProposal
from .facts import ProposalFacts


def check_target_cash(proposal: TargetCashProposal, facts: ProposalFacts) -> tuple[str, ...]:
    """Return the defects of a proposal as sentences; empty if it can be compiled.

    Every symbol of `facts.quotes` is answered and no other. An increase names more than the current value, a decrease
    less; hold names no amount and close none or 0. Increases cost at most the cash, and all targets together are worth
    at most the equity. Amounts are in currency.
    """
    defects = [*_symbols(proposal, facts)]
    known = [entry for entry in proposal.entries if entry.symbol in facts.quotes]
    defects += [defect for entry in known for defect in _entry(entry, _value(entry, facts))]
    return tuple(defects) if defects else tuple(_totals(proposal, facts))


def cash_target_shares(entry: CashTarget, facts: ProposalFacts) -> Decimal | None:
    """Return the shares, not rounded, that a checked entry asks for; None if the position is kept."""
    if entry.action is TargetAction.HOLD:
        return None
    if entry.action is TargetAction.CLOSE or entry.amount is None:
        return Decimal(0)
    return entry.amount / facts.quote(entry.symbol).last_close


def _symbols(proposal: TargetCashProposal, facts: ProposalFacts) -> Iterator[str]:
    answered = {entry.symbol for entry in proposal.entries}
    if missing := sorted(set(facts.quotes) - answered):
        yield f"these symbols are not answered: {', '.join(missing)}"
    if strange := sorted(answered - set(facts.quotes)):
        yield f"these symbols were not asked for: {', '.join(strange)}"


def _value(entry: CashTarget, facts: ProposalFacts) -> Decimal:
    return facts.held(entry.symbol) * facts.quote(entry.symbol).last_close


def _entry(entry: CashTarget, current: Decimal) -> Iterator[str]:
    amount, symbol = entry.amount, entry.symbol
    if entry.action is TargetAction.HOLD and amount is not None:
        yield f"{symbol}: hold names no amount, and {amount:.2f} is given"
    if entry.action is TargetAction.CLOSE and amount:
        yield f"{symbol}: the amount of close is 0, not {amount:.2f}"
    if entry.action not in (TargetAction.INCREASE, TargetAction.DECREASE):
        return
    if amount is None:
        yield f"{symbol}: {entry.action} needs the total amount wanted"
    elif entry.action is TargetAction.INCREASE and amount <= current:
        yield f"{symbol}: the amount of an increase must be above the current value of {current:.2f}, not {amount:.2f}"
    elif entry.action is TargetAction.DECREASE and amount >= current:
        yield f"{symbol}: the amount of a decrease must be below the current value of {current:.2f}, not {amount:.2f}"


def _totals(proposal: TargetCashProposal, facts: ProposalFacts) -> Iterator[str]:
    values = [(entry, _value(entry, facts)) for entry in proposal.entries]
    wanted = [(value if entry.action is TargetAction.HOLD else entry.amount or Decimal(0)) for entry, value in values]
    added = [
        target - value
        for (entry, value), target in zip(values, wanted, strict=True)
        if entry.action is TargetAction.INCREASE
    ]
    if (cost := sum(added, Decimal(0))) > facts.account.cash:
        yield f"the increases cost {cost:.2f} together, more than the available cash of {facts.account.cash:.2f}"
    if (total := sum(wanted, Decimal(0))) > facts.equity:
        yield f"the targets are worth {total:.2f} together, more than the total assets of {facts.equity:.2f}"
