"""The prediction market: forecasters bet their budgets on outcomes, and the prices are the desk's view."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from ...agents.context import AgentContext, Contribution
from ...agents.decisions.computed import COMPUTED_KINDS, computed_decision
from ...domain.abstention import Abstention, AbstentionCause, joint_cause
from ...domain.deliberation_outputs import ExpertScore, Forecast, MarketPrices
from ...tools.signals.fusion import Bet, MarketForecast, OutcomeClass, fuse_bets
from ..flow import Flow, Step
from ..roles import RoleKind, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import ONE_SYMBOL, Topology

PRICES = "prices"
OUTCOMES = tuple(OutcomeClass)


class PredictionMarket(Topology):
    """An artificial prediction market: direction and conviction are the price of up less that of down.

    Attributes:
        outcomes: the outcomes that are bet on; those of `OutcomeClass`.
    """

    kind: Literal["market"] = "market"
    outcomes: tuple[OutcomeClass, ...] = OUTCOMES
    reads: ClassVar[frozenset[RoleKind]] = frozenset({RoleKind.FORECASTER})

    @model_validator(mode="after")
    def _all_outcomes(self) -> Self:
        if sorted(self.outcomes) != sorted(OUTCOMES):
            raise ValueError(f"the outcomes are {', '.join(OUTCOMES)}")
        return self

    def computations(self) -> tuple[str, ...]:
        """Return the computation of the prices."""
        return (PRICES,)

    def check(self, roster: Roster) -> None:
        """Raise ValueError without two forecasters, and for a kind of decision that has no size."""
        if roster.over_book:
            raise ValueError(ONE_SYMBOL)
        if len(roster.of(RoleKind.FORECASTER)) < 2:
            raise ValueError("a prediction market needs two or more roles of kind forecaster")
        if roster.decision not in COMPUTED_KINDS:
            raise ValueError(
                f"a market cannot decide on {roster.decision}; use one of: {', '.join(sorted(COMPUTED_KINDS))}"
            )

    def decider(self, roster: Roster) -> str:
        """Return the computation of the prices."""
        return PRICES

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the forecasts, all at the same time, and the prices."""

        def clear(state: State, run_context: RunContext) -> State:
            context = context_from_state(state, run_context.brief)
            return _cleared(context, roster, run_context.budgets(roster.names(RoleKind.FORECASTER)))

        return flow.compute(flow.parallel(after, roster.names(RoleKind.FORECASTER)), PRICES, clear)


def bets_of(context: AgentContext, budgets: Mapping[str, float]) -> tuple[Bet, ...]:
    """Return the bets of all forecasts, with the probabilities divided by their sum; a budget is 1 if it is unknown."""
    return tuple(
        Bet(author, budgets.get(author, 1.0), _probabilities(said)) for author, said in context.outputs(Forecast)
    )


def _probabilities(said: Forecast) -> dict[OutcomeClass, float]:
    total = said.down + said.flat + said.up
    stated = {OutcomeClass.DOWN: said.down, OutcomeClass.FLAT: said.flat, OutcomeClass.UP: said.up}
    return {outcome: value / total for outcome, value in stated.items()}


def _cleared(context: AgentContext, roster: Roster, budgets: Mapping[str, float]) -> State:
    """Contribute prices and decision, or abstain if no forecaster has bet."""
    bets = bets_of(context, budgets)
    fused = fuse_bets(bets)
    if fused is None:
        cause = joint_cause(context.abstentions) if context.abstentions else AbstentionCause.INCOMPLETE
        return State(abstentions=(Abstention(PRICES, cause, "no forecaster has bet"),))
    prices = _prices(fused, bets, context)
    made = computed_decision(
        PRICES, roster.decision, fused.conviction, roster.form, summary=_summary(prices), evidence=prices.evidence
    )
    if isinstance(made, Abstention):
        return State(contributions=(Contribution(PRICES, prices),), abstentions=(made,))
    return State(contributions=tuple(Contribution(PRICES, output) for output in (prices, *made)))


def _prices(fused: MarketForecast, bets: Sequence[Bet], context: AgentContext) -> MarketPrices:
    cited = (name for _, said in context.outputs(Forecast) for name in said.evidence)
    return MarketPrices(
        down=_bounded(fused.prices[OutcomeClass.DOWN]),
        flat=_bounded(fused.prices[OutcomeClass.FLAT]),
        up=_bounded(fused.prices[OutcomeClass.UP]),
        budgets=tuple(ExpertScore(expert=bet.analyst, score=bet.budget) for bet in bets),
        evidence=tuple(dict.fromkeys(cited)),
    )


def _bounded(price: float) -> float:
    """Return a price that rounding cannot put outside of 0 to 1."""
    return min(1.0, max(0.0, price))


def _summary(prices: MarketPrices) -> str:
    return f"Prediction market of {len(prices.budgets)} forecasters: {prices.line()}."
