"""LiveTradeBench's normalisation of stated weights."""

from decimal import Decimal

from ...domain.errors import InvalidOutput
from ...domain.ids import Symbol
from ...domain.proposal import AllocationProposal, WeightEntry
from .facts import ProposalFacts
from .order_specs import AllocationRules


def target_weights(
    proposal: AllocationProposal, rules: AllocationRules, facts: ProposalFacts
) -> tuple[WeightEntry, ...]:
    """Return the weight of every symbol of `facts.quotes`, as shares of equity; symbols that are not named get 0.

    Negative weights become 0 unless `rules.negatives`; each is cut to 1. Without cash, cash is what is left to 1. The
    sizes of all weights, cash included, are then divided by their sum. Raises InvalidOutput for a symbol that was not
    asked for, for weights without any size, and for a stated sum above `rules.max_total`.
    """
    for entry in proposal.entries:
        facts.quote(entry.symbol)
    stated = {entry.symbol: _kept(entry.weight, negatives=rules.negatives) for entry in proposal.entries}
    cash = None if proposal.cash is None else max(Decimal(0), proposal.cash)
    _check_total(sum(map(abs, stated.values()), cash or Decimal(0)), cash, rules)
    cut = {symbol: max(Decimal(-1), min(Decimal(1), weight)) for symbol, weight in stated.items()}
    sizes = sum(map(abs, cut.values()), Decimal(0))
    left = max(Decimal(0), 1 - sizes) if cash is None else min(Decimal(1), cash)
    total = sizes + left
    return tuple(WeightEntry(symbol, _weight(cut, symbol) / total) for symbol in sorted(facts.quotes))


def _kept(weight: Decimal, *, negatives: bool) -> Decimal:
    return weight if negatives else max(Decimal(0), weight)


def _weight(weights: dict[Symbol, Decimal], symbol: Symbol) -> Decimal:
    return weights.get(symbol, Decimal(0))


def _check_total(total: Decimal, cash: Decimal | None, rules: AllocationRules) -> None:
    if not total:
        stated = "no weight is above 0" if cash is None else "no weight and no cash is above 0"
        raise InvalidOutput(f"the allocation is empty: {stated}; name the weights, or CASH 1 to hold cash only")
    if total > rules.max_total:
        raise InvalidOutput(
            f"the weights sum to {total.normalize():f}, more than {rules.max_total}; "
            "they are shares of equity and sum to 1 with cash"
        )
