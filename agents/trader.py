"""The trader: turns a thesis into typed orders, or into deliberate inaction."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention
from ..domain.answers import OrderPlan, PlannedOrder, Thesis
from ..domain.brief import Brief
from ..domain.errors import BadAnswer
from ..domain.order_rules import order_defects
from . import dossier
from .case import Case, check_citations
from .seat import Seat

SizeGuide = Callable[[Decimal, Brief], Decimal]
"""From a conviction in [-1, 1] to the position, in signed shares, that the desk's arithmetic would hold for it."""

Rule = Callable[[Case, Thesis, SizeGuide], OrderPlan | Abstention]


@dataclass(frozen=True, slots=True)
class Trader:
    """Writes orders that a broker would take and that arithmetic may only make smaller."""

    seat: Seat
    rule: Rule
    size: SizeGuide

    async def plan(self, case: Case, thesis: Thesis) -> OrderPlan | Abstention:
        """Write the orders. Abstains when the model fails, cites what is not there, or insists on a senseless order."""
        brief = case.brief
        target = self.size(Decimal(str(thesis.conviction)), brief)
        return await self.seat.answer(
            OrderPlan,
            lambda: {
                "thesis": dossier.thesis_lines(thesis),
                "market": dossier.market_line(brief),
                "account": dossier.account_line(brief.account, brief),
                "sizing": f"a position of {target:f} shares (negative is short)",
                "exhibits": dossier.exhibit_lines(e for e in case.evidence if e.id in thesis.evidence),
                "ticker": brief.symbol,
                "as_of": dossier.moment(brief),
                "next_session": f"{brief.next_session}",
            },
            rule=lambda: self.rule(case, thesis, self.size),
            check=lambda plan: check_orders(plan.orders, case),
        )


def check_orders(orders: tuple[PlannedOrder, ...], case: Case) -> None:
    """Raise UncitedClaim or BadAnswer for the first order that cites what is not there or that makes no sense."""
    ids = {item.id for item in case.evidence}
    for place, order in enumerate(orders, start=1):
        check_citations(order.evidence, ids)
        if defects := order_defects(order, case.brief):
            raise BadAnswer(f"order {place} makes no sense: {'; '.join(defects)}")
