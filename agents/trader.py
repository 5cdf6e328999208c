"""The trader plans orders for a thesis, or deliberately none."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.errors import InvalidOutput
from ..domain.outputs import OrderPlan, PlannedOrder, Thesis
from ..domain.resting_orders import resting_defects, resting_orders
from ..domain.resting_outputs import PLAN_CLASSES
from ..risk.planned_turns import brief_for
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .order_policy import OrderPolicy
from .role import Role

Rule = Callable[[AgentContext, Thesis, OrderPolicy], OrderPlan | Abstention]


INPUTS = frozenset({"thesis", "market", "account", "sizing", "exhibits", "memories", "ticker", "as_of", "next_session"})


@dataclass(frozen=True, slots=True)
class Trader:
    """Plans orders that a broker accepts. The risk limits applied later can only make them smaller."""

    role: Role
    rule: Rule
    order_policy: OrderPolicy

    def __post_init__(self) -> None:
        self.role.check_prompt("trader", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the orders, or an abstention if the model fails, cites unknown evidence or insists on a bad order."""
        context = await task.with_memories(task.context)
        if context.thesis is None:
            return AgentResult(Abstention(self.role.name, AbstentionCause.INCOMPLETE, "there is no thesis"))
        return single_output(await self._plan(context, context.thesis), context)

    async def _plan(self, context: AgentContext, thesis: Thesis) -> OrderPlan | Abstention:
        brief = context.brief
        target = self.order_policy.size(Decimal(str(thesis.conviction)), brief)
        return await self.role.generate(
            PLAN_CLASSES[asked_for(context)],
            lambda: {
                "thesis": formatting.format_thesis(thesis),
                "market": formatting.format_market(brief),
                "account": formatting.format_positions(brief),
                "sizing": f"a position of {target:f} shares (negative is short)",
                "exhibits": formatting.format_exhibits(e for e in context.evidence if e.id in thesis.evidence),
                "memories": formatting.format_memories(context.memories),
                "ticker": brief.symbol,
                "as_of": formatting.format_as_of(brief),
                "next_session": f"{brief.next_session}",
            },
            rule=lambda: self.rule(context, thesis, self.order_policy),
            check=lambda plan: check_plan(plan, context, self.order_policy),
        )


def asked_for(context: AgentContext) -> tuple[bool, bool]:
    """Return whether the account has lots that an order may name, and whether orders of the symbol rest."""
    account, symbol = context.brief.account, context.brief.symbol
    return bool(account.lots(symbol)), bool(account.resting(symbol))


def check_plan(plan: OrderPlan, context: AgentContext, order_policy: OrderPolicy) -> None:
    """Raise CitationError or InvalidOutput for a bad order, or for a bad action on a resting order."""
    check_orders(plan.orders, context, order_policy)
    resting = resting_orders(context.brief.account, context.brief.symbol)
    if defects := tuple(resting_defects(plan, resting)):
        raise InvalidOutput(f"the actions on resting orders make no sense: {'; '.join(defects)}")


def check_orders(orders: tuple[PlannedOrder, ...], context: AgentContext, order_policy: OrderPolicy) -> None:
    """Raise CitationError or InvalidOutput for the first order that cites unknown evidence or is invalid.

    An entry that awaits the exit of the position is checked as if the position were closed.
    """
    for place, order in enumerate(orders, start=1):
        check_citations(order.evidence, context.citable)
        if defects := order_policy.check(order, brief_for(orders, place - 1, context.brief)):
            raise InvalidOutput(f"order {place} makes no sense: {'; '.join(defects)}")
