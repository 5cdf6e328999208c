"""The debate: bull and bear argue before a research manager, and a trader plans orders for the thesis."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, field_validator, model_validator

from ...agents.researcher import Side
from ...domain.outputs import Thesis
from ...domain.proposal import DecisionKind
from ...llm.port import Tier
from ..flow import Flow, Step
from ..quorum import DebateQuorum, Quorum
from ..roles import RoleKind, RoleSpec, Roster, Topic
from ..runtime import RunContext
from ..state import State, context_from_state, contributed
from .topology import ONE_SYMBOL, ONLY_ROLE, Topology

MOST_ROUNDS = 10
ROUND, MANAGER, TRADER = "debate", "research_manager", "trader"
JUDGE_IS_BLIND_TO: dict[str, tuple[Topic, ...]] = {
    "both": (),
    "transcript": (Topic.REPORTS, Topic.EVIDENCE),
    "reports": (Topic.DEBATE,),
}


class Debate(Topology):
    """A debate of two sides before a judge.

    Attributes:
        rounds: answers of each side after the openings.
        openings: `serial` lets each side see what the sides before it said in the same round.
        judge_sees: what the research manager sees of reports and debate.
        quorum: the part of the debate that must exist before the judge is asked: `openings` (the opening of every
            side), `any` (at least one turn), `none`, or a number of turns. Without it the desk abstains.
    """

    kind: Literal["debate"] = "debate"
    sides: tuple[Side, ...] = ()
    rounds: Annotated[int, Field(ge=0, le=MOST_ROUNDS)] = 1
    openings: Literal["parallel", "serial"] = "parallel"
    judge: Literal["research_manager"] | None = None
    judge_sees: Literal["both", "transcript", "reports"] = "both"
    stop: Literal["rounds"] = "rounds"
    quorum: Quorum | Annotated[int, Field(strict=True, ge=1)] = Quorum.OPENINGS

    @property
    def debate_quorum(self) -> DebateQuorum:
        """Return the quorum with the sides and rounds that it is applied to."""
        return DebateQuorum(self.quorum, tuple(str(side) for side in self.sides), self.rounds)

    @model_validator(mode="after")
    def _quorum_can_be_met(self) -> Self:
        most = self.debate_quorum.turns
        if not isinstance(self.quorum, Quorum) and self.quorum > most:
            raise ValueError(f"a quorum of {self.quorum!s:.20} turns cannot be met; the debate has {most}")
        return self

    @field_validator("quorum", mode="wrap")
    @classmethod
    def _named_or_counted(cls, value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise ValueError(f"expected {', '.join(Quorum)} or a number of turns, not {value!r:.40}") from None

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the sides, the research manager and the trader, who proposes or decides as the roster says."""
        sides = (RoleSpec(role=RoleKind.RESEARCHER, name=str(side), prompt="researcher") for side in self.sides)
        judge = RoleSpec(
            role=RoleKind.RESEARCH_MANAGER,
            name=MANAGER,
            model=Tier.DEEP,
            blind_to=JUDGE_IS_BLIND_TO[self.judge_sees],
        )
        return (*sides, judge, _trader(roster))

    @property
    def proposes_trades(self) -> bool:
        """Return True: before a chair that decides, the trader proposes a trade."""
        return True

    def computations(self) -> tuple[str, ...]:
        """Return the computation that counts the rounds."""
        return (ROUND,)

    def check(self, roster: Roster) -> None:
        """Raise ValueError without analysts, sides and a judge, and over a book."""
        if roster.of(RoleKind.SINGLE_AGENT):
            raise ValueError(ONLY_ROLE)
        if not roster.of(RoleKind.ANALYST) or self.judge is None or not self.sides:
            raise ValueError("analysts need a deliberation {kind: debate} with sides and a judge")
        if roster.over_book:
            raise ValueError(ONE_SYMBOL)

    def decider(self, roster: Roster) -> str:
        """Return the trader."""
        return TRADER

    def turns(self, roster: Roster) -> int:
        """Return the analysts, all turns of the debate, and the two that decide."""
        return len(roster.roles) + self.debate_quorum.turns + 2

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire openings, answers, thesis and plan."""
        sides = [str(side) for side in self.sides]
        talk = flow.repeat(
            after,
            ROUND,
            self._next_round,
            lambda head: flow.in_order(self.openings, head, sides),
            again=self._goes_on,
        )
        judged = flow.then(talk.when(self._can_be_judged), MANAGER)
        return flow.then(judged.when(contributed(Thesis)), TRADER)

    def _goes_on(self, state: State) -> bool:
        return self._can_be_judged(state) and state.get("counters", {}).get(ROUND, 0) <= 1 + self.rounds

    def _can_be_judged(self, state: State) -> bool:
        """Return whether there is a report and the quorum is not out of reach."""
        without_quorum = any(abstention.role == ROUND for abstention in state.get("abstentions", ()))
        return not without_quorum and bool(state.get("contributions"))

    def _next_round(self, state: State, run_context: RunContext) -> State:
        """Count the next round, or abstain as the debate if its quorum is out of reach."""
        context = context_from_state(state, run_context.brief)
        finished = state.get("counters", {}).get(ROUND, 0)
        lost = self.debate_quorum.abstention(ROUND, context.turns, context.abstentions, finished)
        counted = State(counters={ROUND: finished + 1})
        return counted if lost is None else State(**counted, abstentions=(lost,))


def _trader(roster: Roster) -> RoleSpec:
    """Return the trader: it writes typed orders, proposes a trade to the chair, or decides in the form of the desk."""
    if roster.chair is not None:
        blind: tuple[Topic, ...] = (Topic.REPORTS, Topic.DEBATE, Topic.EVIDENCE)
        return RoleSpec(role=RoleKind.TRADE_PROPOSER, name=TRADER, prompt="trade_proposer", blind_to=blind)
    if roster.decision is DecisionKind.ORDERS:
        return RoleSpec(role=RoleKind.TRADER, name=TRADER)
    return RoleSpec(role=RoleKind.DECIDER, name=TRADER, model=Tier.DEEP)
