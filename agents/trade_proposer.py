"""The trade proposer: says in words what to trade for a thesis, without typed orders."""

from collections.abc import Callable
from dataclasses import dataclass

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.outputs import Thesis
from ..domain.remarks import TradeProposal
from . import formatting
from .agent import AgentResult, AgentTask, single_output
from .context import AgentContext, check_citations
from .role import Role

Rule = Callable[[AgentContext, Thesis], TradeProposal | Abstention]

INPUTS = frozenset({"thesis", "market", "account", "exhibits", "memories", "ticker", "as_of"})


@dataclass(frozen=True, slots=True)
class TradeProposer:
    """Proposes to buy, hold or sell, with optional levels and a size in words."""

    role: Role
    rule: Rule

    def __post_init__(self) -> None:
        self.role.check_prompt("trade_proposer", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the proposal, or an abstention without a thesis, or if the model fails or cites unknown evidence."""
        context = await task.with_memories(task.context)
        thesis = context.thesis
        if thesis is None:
            return AgentResult(Abstention(self.role.name, AbstentionCause.INCOMPLETE, "there is no thesis"))
        answer = await self.role.generate(
            TradeProposal,
            lambda: {
                "thesis": formatting.format_thesis(thesis),
                "market": formatting.format_market(context.brief),
                "account": formatting.format_account(context.brief.account, context.brief),
                "exhibits": formatting.format_exhibits(context.evidence),
                "memories": formatting.format_memories(context.memories),
                "ticker": context.brief.symbol,
                "as_of": formatting.format_as_of(context.brief),
            },
            rule=lambda: self.rule(context, thesis),
            check=lambda trade: check_citations(trade.evidence, context.citable),
        )
        return single_output(answer, context)
