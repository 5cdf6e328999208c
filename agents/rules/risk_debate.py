"""The rules of a trade in words and of the debate about its risk."""

from decimal import Decimal

from ...domain.abstention import Abstention
from ...domain.outputs import Thesis
from ...domain.remarks import RiskArgument, TradeAction, TradeProposal
from ..context import AgentContext
from ..risk_committee import RiskAppetite
from .research_manager import atr_range
from .risk_committee import TOLERANCES

ACTIONS = {1: TradeAction.BUY, 0: TradeAction.HOLD, -1: TradeAction.SELL}


def propose_trade(context: AgentContext, thesis: Thesis) -> TradeProposal | Abstention:
    """Propose the side of the thesis, with a stop one range of its horizon away."""
    sign, quote = thesis.rating.sign, context.brief.quote
    stop = None
    if sign and quote.atr is not None:
        level = quote.last_close - sign * atr_range(quote.atr, thesis.horizon_sessions)
        stop = level.quantize(quote.tick_at(quote.last_close)) if level > 0 else None
    return TradeProposal(
        action=ACTIONS[sign],
        entry_price=quote.last_close if sign else None,
        stop_price=stop or None,
        sizing=f"in proportion to a conviction of {thesis.conviction:+z.2f}" if sign else "",
        reasoning=f"The plan rates {thesis.rating}.",
        evidence=thesis.evidence,
    )


def argue_risk(context: AgentContext, trade: TradeProposal, appetite: RiskAppetite) -> RiskArgument | Abstention:
    """Argue by the volatility that the appetite tolerates; without a known volatility, against the trade."""
    cited = context.existing_ids(("tech.vol60", "macro.vix"))
    if trade.action is TradeAction.HOLD:
        return RiskArgument(claim=f"The {appetite} view: the trade adds no risk.", evidence=cited)
    volatility, tolerated = context.value("tech.vol60"), TOLERANCES[appetite].volatility
    if volatility is None:
        return RiskArgument(claim=f"The {appetite} view: the volatility is unknown, so stay out.", evidence=cited)
    side = "within" if volatility <= tolerated else "above"
    advice = "take it whole" if side == "within" else f"take {Decimal(tolerated / volatility):.0%} of it"
    claim = f"The {appetite} view: a volatility of {volatility:.0%} is {side} the tolerated {tolerated:.0%}; {advice}."
    return RiskArgument(claim=claim, evidence=cited)
