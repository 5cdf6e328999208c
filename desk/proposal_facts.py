"""What the sizes of proposals need beside quotes and account: closes, held sessions, and what agents have scored."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from ..agents.context import AgentContext
from ..domain.account import Account
from ..domain.deliberation_outputs import Guidance
from ..domain.ids import Symbol
from ..domain.market import Quote
from ..domain.proposal import Proposal
from ..domain.remarks import NewsScore, StyleChoice
from ..market.adjustment import adjust_bars
from ..market.view import MarketView
from ..risk.proposals.cvar import risk_directive
from ..risk.proposals.facts import EstimateFacts, OverlayFacts
from ..risk.proposals.order_specs import HorizonExits, ProposalRules, VolMultipleExits
from ..risk.proposals.sizing_specs import CvarOverlay, EstimateSection
from ..risk.proposals.views import symbol_views
from .held_sessions import held_sessions


def estimate_facts(rules: ProposalRules, view: MarketView, symbols: tuple[Symbol, ...]) -> EstimateFacts:
    """Return the closes that a sizing or exits by estimates need, of the same sessions; empty if none are needed."""
    needed = rules.sizing.prices if isinstance(rules.sizing, EstimateSection) else 0
    if isinstance(rules.exits, VolMultipleExits):
        needed = max(needed, rules.exits.sessions + 1)
    if not needed:
        return EstimateFacts()
    closes = {symbol: _closes(view, symbol, needed) for symbol in symbols}
    shared = sorted(set.intersection(*(set(by_session) for by_session in closes.values())))[-needed:]
    return EstimateFacts({symbol: tuple(closes[symbol][day] for day in shared) for symbol in symbols})


def expected_returns(
    proposals: Sequence[Proposal], rules: ProposalRules, quotes: Mapping[Symbol, Quote]
) -> Mapping[Symbol, Decimal]:
    """Return conviction x VIEW_SCALE x daily volatility for every symbol with a side: additions to daily means."""
    views = symbol_views(proposals, rules.hold)
    return {
        view.symbol: view.conviction * VIEW_SCALE * Decimal(str(quotes[view.symbol].daily_volatility or 0))
        for view in views
    }


VIEW_SCALE = Decimal("0.1")
"""Daily standard deviations that a certain view adds to the expected daily return."""


def _closes(view: MarketView, symbol: Symbol, count: int) -> Mapping[date, Decimal]:
    bars = view.bars(symbol, count=count + SPARE_SESSIONS)
    adjusted = adjust_bars(bars, view.splits(symbol), view.dividends(symbol)).close.tolist()
    return {bar.session: Decimal(repr(close)) for bar, close in zip(bars, adjusted, strict=True)}


SPARE_SESSIONS = 10
"""Sessions read beyond those that are needed, because a symbol may lack some of them."""


def overlay_facts(
    context: AgentContext, rules: ProposalRules, accounts: Mapping[Symbol, Account], view: MarketView
) -> OverlayFacts:
    """Return what overlays and exits need of the desk's contributions, and of the account as it is shown by symbol."""
    scores = ((made.symbol or context.brief.symbol, made.output) for made in context.contributions)
    style, guidance = context.latest(StyleChoice), context.latest(Guidance)
    return OverlayFacts(
        news_scores={symbol: said.score for symbol, said in scores if isinstance(said, NewsScore)},
        style=None if style is None else style.style,
        tau={} if guidance is None else {context.brief.symbol: Decimal(str(guidance.tau))},
        daily_pnl=next(iter(accounts.values())).daily_results,
        held_sessions=held_sessions(accounts, view) if isinstance(rules.exits, HorizonExits) else {},
    )


def directive_text(rules: ProposalRules, account: Account) -> str:
    """Return why a desk with the overlay `cvar` decides risk averse this time; empty if it does not."""
    overlays = (overlay for overlay in rules.sizing.overlays if isinstance(overlay, CvarOverlay))
    return next((risk_directive(account.daily_results, overlay).reason for overlay in overlays), "")
