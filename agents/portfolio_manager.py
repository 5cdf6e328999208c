"""The portfolio manager of DeepFund: trades in one symbol within the shares that the risk control leaves."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.brief import Brief
from ..domain.decision_outputs import RatioDecision
from ..domain.errors import InvalidOutput
from ..domain.outputs import StructuredOutput
from ..domain.portfolio_outputs import TradableShares, TradeChoice
from ..domain.remarks import TradeAction
from .agent import AgentResult, AgentTask
from .book_formatting import format_past
from .decisions.form import thesis_of
from .formatting import EMPTY
from .role import Role

INPUTS = frozenset({"ticker", "tradable", "price", "holding", "past"})


@dataclass(frozen=True, slots=True)
class PortfolioManager:
    """Buys, sells or holds. It sees tradable shares, price, holding and its last decisions, and no reports."""

    role: Role

    def __post_init__(self) -> None:
        self.role.check_prompt("portfolio_manager", INPUTS)

    async def act(self, task: AgentTask) -> AgentResult:
        """Return a thesis, the ratio of equity that the trade leads to, and the trade.

        Returns an abstention without tradable shares, or if the model fails or insists on more than it may trade.
        """
        context = task.context
        room, asked = context.latest(TradableShares), context.latest(RatioDecision)
        if room is None or asked is None:
            return AgentResult(Abstention(self.role.name, AbstentionCause.INCOMPLETE, "no ratio of the risk control"))
        answer = await self.role.generate(
            TradeChoice,
            lambda: _inputs(context.brief, room),
            rule=lambda: _by_rule(room),
            check=lambda choice: _check(choice, room),
        )
        if isinstance(answer, Abstention):
            return AgentResult(answer)
        return AgentResult(_outputs(answer, room, asked, context.brief))


def _inputs(brief: Brief, room: TradableShares) -> dict[str, str]:
    return {
        "ticker": brief.symbol,
        "tradable": f"{room.shares:+g}",
        "price": f"{brief.quote.last_close:f}",
        "holding": f"{brief.account.quantity(brief.symbol):f}",
        "past": "\n".join(map(format_past, brief.past)) or EMPTY,
    }


def _by_rule(room: TradableShares) -> TradeChoice:
    """Trade all tradable shares."""
    action = TradeAction.BUY if room.shares > 0 else TradeAction.SELL if room.shares < 0 else TradeAction.HOLD
    return TradeChoice(action=action, shares=abs(room.shares), justification="The rule follows the risk control.")


def _check(choice: TradeChoice, room: TradableShares) -> None:
    if choice.action is TradeAction.HOLD and choice.shares:
        raise InvalidOutput("a hold has 0 shares")
    if choice.action.sign * room.shares < 0 or choice.shares > abs(room.shares):
        raise InvalidOutput(f"{choice.action} {choice.shares:g} is not within the tradable shares {room.shares:+g}")


def _outputs(
    choice: TradeChoice, room: TradableShares, asked: RatioDecision, brief: Brief
) -> tuple[StructuredOutput, ...]:
    """Return the choice as the ratio of equity that holds exactly the shares wanted, half a share above to be safe."""
    account, price = brief.account, brief.quote.last_close
    wanted = account.quantity(brief.symbol) + choice.action.sign * Decimal(repr(choice.shares))
    spare = Decimal("0.5") if brief.quote.whole_shares else Decimal(0)
    ratio = (wanted + spare) * price / account.equity if account.equity > 0 else Decimal(0)
    decision = asked.model_copy(update={"ratio": float(min(max(ratio, Decimal(0)), Decimal(1)))})
    decision = decision.model_copy(update={"summary": choice.justification})
    share = choice.shares / abs(room.shares) if room.shares else 0.0
    return (thesis_of(decision, round(choice.action.sign * share, 4)), decision, choice)
