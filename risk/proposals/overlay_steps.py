"""The overlays of a desk file, applied to wanted positions."""

from decimal import Decimal

from ...domain.errors import NoData
from .cvar import risk_directive
from .facts import ProposalFacts
from .overlays import news_factor, project_turnover, style_factor
from .sizing_specs import (
    CvarOverlay,
    GuideOverlay,
    OverlaySpec,
    SentimentOverlay,
    StyleOverlay,
)
from .wanted import WantedPosition


def overlaid(position: WantedPosition, overlay: OverlaySpec, cap: Decimal, facts: ProposalFacts) -> WantedPosition:
    """Return the position with an overlay applied; every change is recorded under `overlay_<kind>`, in shares.

    `cap` is the share of equity that an exposure of 1 means. Raises NoData without the style or the tau that an overlay
    needs. A symbol without a news score is not changed by the sentiment overlay.
    """
    if isinstance(overlay, SentimentOverlay):
        return _sentiment(position, facts)
    if isinstance(overlay, StyleOverlay):
        return _style(position, overlay, facts)
    if isinstance(overlay, CvarOverlay):
        return _cvar(position, overlay, facts)
    if isinstance(overlay, GuideOverlay):
        return _guide(position, facts)
    held, symbol = facts.held(position.symbol), position.symbol
    raw, before = (facts.weight(symbol, shares) / cap for shares in (position.quantity, held))
    low, high = min(Decimal(-1), before, raw), max(Decimal(1), before, raw)
    exposure = project_turnover(raw, before, overlay.penalty, low, high)
    reason = f"a turnover penalty of {overlay.penalty} on the change of exposure"
    if exposure == before:
        return position.limited("overlay_turnover", held, reason, facts)
    return position.limited("overlay_turnover", facts.shares(symbol, exposure * cap), reason, facts)


def _sentiment(position: WantedPosition, facts: ProposalFacts) -> WantedPosition:
    score = facts.overlays.news_scores.get(position.symbol)
    if score is None:
        return position
    held = facts.held(position.symbol)
    factor = news_factor(score, position.quantity - held)
    return position.limited(
        "overlay_sentiment",
        _scaled(position, factor, held),
        f"a news score of {score} multiplies the trade by {factor}",
        facts,
    )


def _style(position: WantedPosition, overlay: StyleOverlay, facts: ProposalFacts) -> WantedPosition:
    style = facts.overlays.style
    if style is None:
        raise NoData("the overlay style needs a trading style, and none was stated")
    held = facts.held(position.symbol)
    factor = style_factor(style, position.quantity - held, overlay.conservative_buys)
    reason = f"the {style} style multiplies buys by {factor}"
    return position.limited("overlay_style", _scaled(position, factor, held), reason, facts)


def _cvar(position: WantedPosition, overlay: CvarOverlay, facts: ProposalFacts) -> WantedPosition:
    if overlay.scale is None:
        return position
    directive = risk_directive(facts.overlays.daily_pnl, overlay)
    if not directive.averse:
        return position
    held = facts.held(position.symbol)
    kept = held if held * position.quantity > 0 else Decimal(0)
    added = position.quantity - kept
    if added * position.quantity <= 0:
        return position
    return position.limited("overlay_cvar", kept + added * overlay.scale, directive.reason, facts)


def _guide(position: WantedPosition, facts: ProposalFacts) -> WantedPosition:
    tau = facts.overlays.tau.get(position.symbol)
    if tau is None:
        raise NoData(f"the overlay guide needs the strategist's view of {position.symbol}, and there is none")
    return position.limited(
        "overlay_guide", abs(position.quantity) * tau, f"the strategist's tau of {tau:+.3f} sets side and size", facts
    )


def _scaled(position: WantedPosition, factor: Decimal, held: Decimal) -> Decimal:
    """Return the position after `factor` times its trade; a position that was not to change side does not."""
    scaled = held + (position.quantity - held) * factor
    if held * position.quantity >= 0 and held * scaled < 0:
        return Decimal(0)
    return scaled
