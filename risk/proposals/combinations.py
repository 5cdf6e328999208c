"""What the rules of a desk file require: of each other, and of a direction."""

from ...domain.errors import ConfigError, InvalidOutput
from ...domain.proposal import DecisionKind, DirectionProposal
from .order_specs import AsOrderedExits, NoExits, ProposalRules

_OVER_BOOK = ("equal", "mean_variance", "black_litterman", "hrp")
_SIZINGS: dict[DecisionKind, tuple[str, ...]] = {
    DecisionKind.ORDERS: ("as_decided",),
    DecisionKind.RATING: ("rating_map", "vol_target", *_OVER_BOOK),
    DecisionKind.DIRECTION: ("all_in", "unit", "vol_target", *_OVER_BOOK),
    DecisionKind.EXPOSURE: ("as_decided", "vol_target", *_OVER_BOOK),
    DecisionKind.RATIO: ("as_decided",),
    DecisionKind.TARGET_CASH: ("as_decided",),
    DecisionKind.ALLOCATION: ("as_decided",),
    DecisionKind.SIGNALS: ("positive_sharpe", *_OVER_BOOK),
    DecisionKind.REPORT: ("as_decided",),
}


def check_combination(kind: DecisionKind, rules: ProposalRules) -> None:
    """Raise ConfigError if the decision kind cannot have the sizing or the exits of `rules`."""
    allowed = _SIZINGS[kind]
    if rules.sizing.kind not in allowed:
        raise ConfigError(f"decision {kind} cannot have sizing {rules.sizing.kind}; use one of: {', '.join(allowed)}")
    if kind in (DecisionKind.ORDERS, DecisionKind.REPORT):
        if not isinstance(rules.exits, AsOrderedExits | NoExits):
            raise ConfigError(f"decision {kind} cannot have exits {rules.exits.kind}; use as_ordered or none")
        if rules.sizing.overlays:
            raise ConfigError(f"decision {kind} has no sizes that overlays could change; remove them")


def check_direction(proposal: DirectionProposal, rules: ProposalRules) -> None:
    """Raise InvalidOutput for a direction that takes no side where it must, or a ratio outside of the stated range."""
    if rules.forced and not proposal.direction.sign:
        raise InvalidOutput(f"{proposal.symbol}: direction {proposal.direction} takes no side; say long or short")
    if rules.reward_to_risk is None:
        return
    low, high = rules.reward_to_risk
    if proposal.reward_to_risk is None or not low <= proposal.reward_to_risk <= high:
        raise InvalidOutput(
            f"{proposal.symbol}: reward_to_risk is from {low} to {high}, not {proposal.reward_to_risk or 'absent'}"
        )
