"""The risk debater: argues about the risk of a proposed trade with one risk appetite, before a portfolio manager."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.remarks import RiskArgument, TradeProposal
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .risk_committee import RiskAppetite
from .role import Role

Rule = Callable[[AgentContext, TradeProposal, RiskAppetite], RiskArgument | Abstention]

INPUTS = frozenset(
    {"appetite", "trade", "reports", "debate", "market", "account", "exhibits", "memories", "ticker", "as_of"}
)


@dataclass(frozen=True, slots=True)
class RiskDebater:
    """Argues for or against a trade; it sees the arguments of the risk debaters before it."""

    role: Role
    appetite: RiskAppetite
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("risk_debater", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return an argument, or an abstention without a trade, or if the model fails or cites unknown evidence."""
        context = await task.with_memories(task.context)
        trade = context.latest(TradeProposal)
        if trade is None:
            return AgentResult(Abstention(self.role.name, AbstentionCause.INCOMPLETE, "there is no proposed trade"))
        answer = await self.role.generate(
            RiskArgument,
            lambda: self._inputs(context, trade),
            rule=lambda: self.rule(context, trade, self.appetite),
            check=lambda argument: check_citations(argument.evidence, context.citable, required=False),
        )
        return single_output(answer, context)

    def _inputs(self, context: AgentContext, trade: TradeProposal) -> dict[str, str]:
        brief = context.brief
        return {
            "appetite": self.appetite,
            "trade": formatting.format_remarks([("trader", trade)]),
            "reports": formatting.format_reports(context.reports),
            "debate": formatting.format_remarks(context.outputs(RiskArgument)),
            "market": formatting.format_market(brief),
            "account": formatting.format_account(brief.account, brief),
            "exhibits": formatting.format_exhibits(context.evidence),
            "memories": formatting.format_memories(context.memories),
            "ticker": brief.symbol,
            "as_of": formatting.format_as_of(brief),
        }
