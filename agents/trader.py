"""The trader plans orders for a thesis, or deliberately none."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.errors import InvalidOutput
from ..domain.outputs import (
    OrderPlan,
    OrderPlanWithLots,
    PlannedOrder,
    Thesis,
)
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
            OrderPlanWithLots if brief.account.lots(brief.symbol) else OrderPlan,
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
            check=lambda plan: check_orders(plan.orders, context, self.order_policy),
        )


def check_orders(orders: tuple[PlannedOrder, ...], context: AgentContext, order_policy: OrderPolicy) -> None:
    """Raise CitationError or InvalidOutput for the first order that cites unknown evidence or is invalid."""
    for place, order in enumerate(orders, start=1):
        check_citations(order.evidence, context.citable)
        if defects := order_policy.check(order, context.brief):
            raise InvalidOutput(f"order {place} makes no sense: {'; '.join(defects)}")
