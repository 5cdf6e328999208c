"""The risk committee: voices with different appetites, and a chair. They may shrink or veto, never enlarge."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ..domain.abstention import Abstention, Cause
from ..domain.answers import OrderPlan, RiskOpinion, RiskReview, Thesis
from ..domain.decision import RiskVoiceOpinion
from . import dossier
from .case import Case, check_citations
from .seat import Seat


class Appetite(StrEnum):
    """How much risk a voice is ready to take."""

    AGGRESSIVE = "aggressive"
    NEUTRAL = "neutral"
    CONSERVATIVE = "conservative"


VoiceRule = Callable[[Case, OrderPlan, Appetite], RiskOpinion | Abstention]
ChairRule = Callable[[Case, OrderPlan], RiskReview | Abstention]


SEEN = frozenset({"thesis", "plan", "market", "account", "exhibits", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class RiskVoice:
    """Speaks on a plan for one appetite for risk."""

    seat: Seat
    appetite: Appetite
    rule: VoiceRule

    def __post_init__(self) -> None:
        self.seat.check_prompt("risk_voice", SEEN | {"appetite"})

    async def speak(self, case: Case, thesis: Thesis, plan: OrderPlan) -> RiskVoiceOpinion | Abstention:
        """Give an opinion. Abstains when the model fails or cites what is not in the case."""
        said = await self.seat.answer(
            RiskOpinion,
            lambda: {"appetite": self.appetite, **_inputs(case, thesis, plan)},
            rule=lambda: self.rule(case, plan, self.appetite),
            check=lambda answer: check_citations(answer.evidence, case.citable, required=False),
        )
        return said if isinstance(said, Abstention) else RiskVoiceOpinion(self.seat.name, said)


@dataclass(frozen=True, slots=True)
class RiskManager:
    """Chairs the committee and has its last word."""

    seat: Seat
    rule: ChairRule

    def __post_init__(self) -> None:
        self.seat.check_prompt("risk_manager", SEEN | {"opinions"})

    async def review(self, case: Case, thesis: Thesis, plan: OrderPlan) -> RiskReview | Abstention:
        """Decide on the plan. Abstains without a single voice, or when the model fails or cites what is not there."""
        if not case.opinions:
            return Abstention(self.seat.name, Cause.BENCH, "no voice of the risk committee has a view")
        opinions = dossier.opinion_lines(case.opinions)
        absent = dossier.missing_lines((), case.absences)
        return await self.seat.answer(
            RiskReview,
            lambda: {"opinions": f"{opinions}\nAbsent: {absent}", **_inputs(case, thesis, plan)},
            rule=lambda: self.rule(case, plan),
            check=lambda answer: check_citations(answer.evidence, case.citable, required=False),
        )


def _inputs(case: Case, thesis: Thesis, plan: OrderPlan) -> dict[str, str]:
    brief = case.brief
    cited = {*thesis.evidence, *(i for order in plan.orders for i in order.evidence)}
    return {
        "thesis": dossier.thesis_lines(thesis),
        "plan": dossier.plan_lines(plan),
        "market": dossier.market_line(brief),
        "account": dossier.account_line(brief.account, brief),
        "exhibits": dossier.exhibit_lines(e for e in case.evidence if e.id in cited or e.id in RISK_EXHIBITS),
        "memories": dossier.memory_lines(case.memories),
        "ticker": brief.symbol,
        "as_of": dossier.moment(brief),
    }


RISK_EXHIBITS = frozenset({"tech.vol60", "tech.atr_pct", "px.shock", "macro.vix", "cal.sessions_to_next_filing"})
"""Facts that the committee always sees, whoever cited them."""
