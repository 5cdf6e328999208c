"""The contest: data agents write factors, contestants submit signals, judges deduct points (ContestTrade)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Annotated, Literal

from pydantic import Field

from ...agents.context import AgentContext, Contribution
from ...domain.abstention import Abstention, joint_cause
from ...domain.book_outputs import SignalEntry, SignalsDecision
from ...domain.contest_outputs import (
    ContestRanking,
    Deductions,
    FactorRanking,
    FactorSharpe,
    RankedSignal,
    SymbolSharpe,
    TextFactor,
)
from ...domain.ids import EvidenceId, Symbol
from ...domain.proposal import DecisionKind, SignalSide
from ...tools.signals.contest import PRIOR_DAYS, consensus_score, judge_score, predicted_sharpe, rank_factors
from ..flow import Flow, Step
from ..roles import RoleKind, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import Topology

RANKING, FACTORS = "ranking", "factors"
KINDS = (RoleKind.DATA_AGENT, RoleKind.CONTESTANT, RoleKind.JUDGE)
MOST_CITED = 20


class Contest(Topology):
    """A contest of signals over a book.

    predicted = n / (n + 5) x Sharpe of the contestant's n past rewards + 5 / (n + 5) x prior, where the prior of a
    signal is `prior_sharpe` x (2 x probability - 1) x mean score of the judges / 100.

    The predicted Sharpe ratio of a data agent's factors is n / (n + 5) x that of its n past rewards.

    Attributes:
        prior_sharpe: the prior of a certain signal without deductions; it sets the sizes while there is no history.
        top_factors: number of factors that contestants are shown, by predicted Sharpe ratio, then by name.
    """

    kind: Literal["contest"] = "contest"
    prior_sharpe: Annotated[float, Field(gt=0, le=10)] = 0.1
    top_factors: Annotated[int, Field(ge=1, le=20)] = 3

    def computations(self) -> tuple[str, ...]:
        """Return the computations that rank the factors, join the signals and rank them."""
        return (FACTORS, "submissions", RANKING)

    def check(self, roster: Roster) -> None:
        """Raise ValueError without all three kinds of agents, and for another decision than signals over a book."""
        if missing := [kind for kind in KINDS if not roster.of(kind)]:
            raise ValueError(f"a contest needs roles of kind {', '.join(missing)}")
        if len(roster.of(*KINDS)) != len(roster.roles):
            raise ValueError(f"a contest has roles of kind {', '.join(KINDS)} only")
        if not roster.over_book or roster.decision is not DecisionKind.SIGNALS:
            raise ValueError("a contest needs intake {scope: book} and decision {kind: signals}")

    def decider(self, roster: Roster) -> str:
        """Return the ranking."""
        return RANKING

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return 0: every agent works on the whole book."""
        return 0

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire factors, signals, deductions and the ranking."""
        data, contestants, judges = (roster.names(kind) for kind in KINDS)
        factors = flow.compute(flow.parallel(after, data), FACTORS, self._choose)
        submitted = flow.compute(flow.parallel(factors, contestants), "submissions", _unchanged)
        return flow.compute(flow.parallel(submitted, judges), RANKING, self._rank)

    def _choose(self, state: State, run_context: RunContext) -> State:
        """Contribute the ranking of the factors; nothing without factors."""
        factors = dict(context_from_state(state, run_context.brief, run_context.book).outputs(TextFactor))
        if not factors:
            return _unchanged(state, run_context)
        rewards = run_context.rewards()
        predicted = {name: predicted_sharpe(rewards.get(name, ())) for name in factors}
        ranked = tuple(
            FactorSharpe(author=name, rewards=len(rewards.get(name, ())), predicted=round(predicted[name], 10))
            for name in rank_factors(predicted, count=len(predicted))
        )
        shown = rank_factors(predicted, count=self.top_factors)
        return State(contributions=(Contribution(FACTORS, FactorRanking(factors=ranked, shown=shown)),))

    def _rank(self, state: State, run_context: RunContext) -> State:
        """Contribute the ranking and the decision, or abstain without signals or without judges."""
        context = context_from_state(state, run_context.brief, run_context.book)
        signals, judges = context.outputs(SignalsDecision), context.outputs(Deductions)
        if not signals or not judges:
            reason = "no contestant has submitted a signal" if not signals else "no judge has scored the signals"
            return State(abstentions=(Abstention(RANKING, joint_cause(context.abstentions), reason),))
        ranked = sorted(
            self._ranked(context, run_context.rewards()),
            key=lambda each: (-each.predicted, each.contestant, each.symbol),
        )
        ranking = ContestRanking(signals=tuple(ranked), symbols=tuple(_by_symbol(ranked)))
        made = (Contribution(RANKING, ranking), Contribution(RANKING, _decision(context, ranking)))
        return State(contributions=made)

    def _ranked(self, context: AgentContext, rewards: Mapping[str, Sequence[float]]) -> Iterable[RankedSignal]:
        judges = [said for _, said in context.outputs(Deductions)]
        for contestant, said in context.outputs(SignalsDecision):
            for entry in said.entries:
                score = _score(judges, contestant, entry.symbol)
                yield RankedSignal(
                    contestant=contestant,
                    symbol=entry.symbol,
                    action=entry.action,
                    score=score,
                    predicted=blended_sharpe(
                        rewards.get(contestant, ()), self.prior_sharpe * (2 * entry.probability - 1) * score / 100
                    ),
                )


def blended_sharpe(rewards: Sequence[float], prior: float) -> float:
    """Return n / (n + 5) x realized Sharpe + 5 / (n + 5) x prior for n past daily rewards."""
    return predicted_sharpe(rewards) + PRIOR_DAYS / (len(rewards) + PRIOR_DAYS) * prior


def _unchanged(_: State, __: RunContext) -> State:
    return State(counters={})


def _score(judges: Iterable[Deductions], contestant: str, symbol: Symbol) -> float:
    """Return the mean score of the judges for one signal."""
    scores = [
        judge_score([e.points for e in judge.entries if (e.contestant, e.symbol) == (contestant, symbol)])
        for judge in judges
    ]
    found = consensus_score(scores)
    return 0.0 if found is None else round(found[0], 6)


def _by_symbol(ranked: Iterable[RankedSignal]) -> Iterable[SymbolSharpe]:
    """Yield the signed sum of the positive predictions on each symbol; signals on both sides offset each other."""
    total: dict[Symbol, float] = defaultdict(float)
    for each in ranked:
        total[each.symbol] += max(each.predicted, 0.0) * (1 if each.action is SignalSide.BUY else -1)
    return (SymbolSharpe(symbol=symbol, predicted=round(total[symbol], 10)) for symbol in sorted(total))


def _decision(context: AgentContext, ranking: ContestRanking) -> SignalsDecision:
    """Return one signal for every symbol with a side, with what was submitted for it."""
    submitted = [entry for _, said in context.outputs(SignalsDecision) for entry in said.entries]
    entries = tuple(
        _entry(each, [entry for entry in submitted if entry.symbol == each.symbol])
        for each in ranking.symbols
        if each.predicted
    )
    leading = ranking.signals[:5]
    best = ", ".join(f"{each.contestant} {each.action} {each.symbol} {each.predicted:+.3f}" for each in leading)
    cited = tuple(dict.fromkeys(name for entry in entries for name in entry.evidence))
    return SignalsDecision(entries=entries, summary=f"Predicted Sharpe: {best}", evidence=cited[:MOST_CITED])


def _entry(sharpe: SymbolSharpe, submitted: Sequence[SignalEntry]) -> SignalEntry:
    side = SignalSide.BUY if sharpe.predicted > 0 else SignalSide.SELL
    agreeing = [entry for entry in submitted if entry.action is side]
    cited: tuple[EvidenceId, ...] = tuple(dict.fromkeys(name for entry in agreeing for name in entry.evidence))
    return SignalEntry(
        symbol=sharpe.symbol,
        action=side,
        evidence=cited[:MOST_CITED],
        limitations=tuple(dict.fromkeys(text for entry in agreeing for text in entry.limitations)),
        probability=round(fmean(entry.probability for entry in agreeing), 6),
    )
