"""FinCon's risk-averse directive from the CVaR of daily profits and losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .sizing_specs import CvarOverlay


@dataclass(frozen=True, slots=True)
class RiskDirective:
    """Whether a desk decides risk averse in this session, with the reason; empty if it does not.

    `cvar` is the mean of the worst days' profit or loss in currency; None with too few observations.
    """

    averse: bool
    reason: str
    cvar: Decimal | None


def conditional_value_at_risk(daily_pnl: Sequence[Decimal], tail: Decimal) -> Decimal:
    """Return the mean profit or loss of the worst `tail` of the days, at least one; negative for losses."""
    worst = sorted(daily_pnl)[: max(1, int(len(daily_pnl) * tail))]
    return sum(worst, Decimal(0)) / len(worst)


def risk_directive(daily_pnl: Sequence[Decimal], overlay: CvarOverlay) -> RiskDirective:
    """Return the directive after the days so far: averse if the last day lost, or if the CVaR fell on it.

    The CVaR is known from `overlay.observations` days on, and its fall from one day more.
    """
    enough = len(daily_pnl) >= overlay.observations
    cvar = conditional_value_at_risk(daily_pnl, overlay.tail) if enough else None
    if daily_pnl and daily_pnl[-1] < 0:
        return RiskDirective(True, f"the last day lost {-daily_pnl[-1]:.2f}", cvar)
    if cvar is not None and len(daily_pnl) > overlay.observations:
        before = conditional_value_at_risk(daily_pnl[:-1], overlay.tail)
        if cvar < before:
            return RiskDirective(True, f"the {overlay.tail:.0%} CVaR fell from {before:.2f} to {cvar:.2f}", cvar)
    return RiskDirective(False, "", cvar)
