"""The one-agent desk, the control for every experiment: same evidence, same limits, one mind."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ..domain.abstention import Abstention, Cause
from ..domain.answers import OrderPlan, SoloAnswer, SoloLotAnswer, Thesis
from ..domain.brief import Brief
from ..tools.toolbox import gather
from ..tools.view import MarketView
from . import dossier
from .arithmetic import Arithmetic
from .case import Case, check_citations, looked_for
from .reminder import EVERYTHING, WHOLE, Remind, nothing_to_mind
from .seat import Seat
from .trader import check_orders

Rule = Callable[[Case, Arithmetic], SoloAnswer | Abstention]


INPUTS = frozenset({"evidence", "absent", "market", "account", "sizing", "memories", "ticker", "as_of", "next_session"})


@dataclass(frozen=True, slots=True)
class Solo:
    """Reads everything, forms the thesis and writes the orders in one answer."""

    seat: Seat
    tools: tuple[str, ...]
    rule: Rule
    arithmetic: Arithmetic

    def __post_init__(self) -> None:
        self.seat.check_prompt("solo", INPUTS)

    def open(self, brief: Brief, view: MarketView, remind: Remind = nothing_to_mind) -> Case:
        """Gather the evidence, and what comes to mind. Raises SourceUnavailable or InvalidData when the source fails."""
        found = gather(view, brief.symbol, self.tools)
        case = Case(brief, found.evidence, looked_for(found))
        return replace(case, memories=remind(case, EVERYTHING, WHOLE)) if case.evidence else case

    async def decide(self, case: Case) -> SoloAnswer | Abstention:
        """Answer for the whole desk. Abstains without evidence, or when the answer fails the desk's checks."""
        if not case.evidence:
            return Abstention(self.seat.name, Cause.DATA, "; ".join(m.reason for m in case.missing))
        return await self.seat.answer(
            SoloLotAnswer if case.brief.account.lots(case.brief.symbol) else SoloAnswer,
            lambda: self._inputs(case),
            rule=lambda: self.rule(case, self.arithmetic),
            check=lambda answer: self._check(answer, case),
        )

    def _check(self, answer: SoloAnswer, case: Case) -> None:
        check_citations(answer.evidence, case.citable)
        check_orders(answer.orders, case, self.arithmetic)

    def _inputs(self, case: Case) -> dict[str, str]:
        brief = case.brief
        sizes = (f"{c:+} holds {self.arithmetic.size(Decimal(str(c)), brief):f} shares" for c in (-1, -0.5, 0.5, 1))
        return {
            "evidence": dossier.evidence_lines(case.evidence),
            "absent": dossier.missing_lines(case.missing),
            "market": dossier.market_line(brief),
            "account": dossier.position_lines(brief),
            "sizing": "; ".join(sizes),
            "memories": dossier.memory_lines(case.memories),
            "ticker": brief.symbol,
            "as_of": dossier.moment(brief),
            "next_session": f"{brief.next_session}",
        }


def split_answer(answer: SoloAnswer) -> tuple[Thesis, OrderPlan]:
    """Return the thesis and the plan that a one-agent answer consists of."""
    thesis = Thesis(**{name: getattr(answer, name) for name in Thesis.model_fields})
    return thesis, OrderPlan(orders=answer.orders, rationale=answer.rationale)
