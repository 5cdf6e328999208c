"""The portfolio: a risk control sets a ratio for each symbol, and a manager trades within it (DeepFund)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

from ...agents.context import AgentContext, Contribution
from ...domain.decision_outputs import RatioDecision
from ...domain.ids import ClientOrderId, Symbol
from ...domain.portfolio_outputs import TradableShares
from ...domain.proposal import DecisionKind, RatioProposal
from ...llm.port import Tier
from ...risk.limit_settings import Limits
from ...risk.order_rounding import round_quantity
from ...risk.proposals.facts import ProposalFacts
from ...risk.proposals.order_specs import RatioRules
from ...risk.proposals.ratio_book import wanted_by_ratio
from ..flow import Flow, Step
from ..roles import RoleKind, RoleSpec, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import Topology

CONTROL, MANAGER, TRADABLE = "risk_control", "portfolio_manager", "tradable_shares"


class PortfolioTopology(Topology):
    """Analysts, a risk control and a portfolio manager for each symbol of a book.

    Attributes:
        cash: `sequential` lets each symbol, in the order of the book, spend what those before it may not need; `frozen`
            shows each symbol all of the cash.
        ratio: cap and grid of the risk control's ratios.
    """

    kind: Literal["portfolio"] = "portfolio"
    cash: Literal["sequential", "frozen"] = "sequential"
    ratio: RatioRules = RatioRules()

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the risk control and the manager."""
        return (
            RoleSpec(role=RoleKind.DECIDER, name=CONTROL, prompt="decision", model=Tier.DEEP),
            RoleSpec(role=RoleKind.PORTFOLIO_MANAGER, name=MANAGER, prompt="portfolio_trade", model=Tier.DEEP),
        )

    def computations(self) -> tuple[str, ...]:
        """Return the computation of the tradable shares."""
        return (TRADABLE,)

    def check(self, roster: Roster) -> None:
        """Raise ValueError without analysts, or for another decision than the ratios of a book."""
        if not roster.of(RoleKind.ANALYST):
            raise ValueError("a portfolio needs analysts")
        if not roster.over_book or roster.decision is not DecisionKind.RATIO:
            raise ValueError("a portfolio needs intake {scope: book} and decision {kind: ratio}")

    def decider(self, roster: Roster) -> str:
        """Return the manager."""
        return MANAGER

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return all agents: each works on one symbol."""
        return len(roster.roles) + 2

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire ratios, tradable shares and trades."""
        ratios = flow.map_symbols(after, [CONTROL])
        return flow.map_symbols(flow.compute(ratios, TRADABLE, self._tradable), [MANAGER])

    def _tradable(self, state: State, run_context: RunContext) -> State:
        """Contribute the tradable shares of every symbol with a ratio."""
        context = context_from_state(state, run_context.brief, run_context.book)
        proposals = _proposals(context)
        facts = _facts(context)
        parts = [proposals] if self.cash == "sequential" else [(each,) for each in proposals]
        wanted = [position for part in parts for position in wanted_by_ratio(part, self.ratio, facts)]
        made = []
        for position in wanted:
            shares = round_quantity(position.quantity, facts.quote(position.symbol)) - facts.held(position.symbol)
            ratio = max(Decimal(0), min(Decimal(1), facts.weight(position.symbol, position.quantity)))
            output = TradableShares(shares=float(shares), ratio=float(ratio))
            made.append(Contribution(TRADABLE, output, symbol=position.symbol))
        return State(contributions=tuple(made))


def _proposals(context: AgentContext) -> Sequence[RatioProposal]:
    """Return the last ratio of each symbol, in the order of the book."""
    stated = {made.symbol: made.output for made in _ratios(context)}
    return [
        RatioProposal(brief.symbol, Decimal(repr(said.ratio)))
        for brief in context.book
        if isinstance(said := stated.get(brief.symbol), RatioDecision)
    ]


def _ratios(context: AgentContext) -> Iterable[Contribution]:
    return (made for made in context.contributions if isinstance(made.output, RatioDecision))


def _facts(context: AgentContext) -> ProposalFacts:
    quotes = {brief.symbol: brief.quote for brief in context.book}
    return ProposalFacts(context.brief.account, quotes, Limits(), _unnamed)


def _unnamed(symbol: Symbol, leg: int) -> ClientOrderId:
    """Return the id of an order that is not sent."""
    return ClientOrderId(f"{symbol}-{leg}")
