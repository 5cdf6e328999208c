"""One training episode as the belief writer reads it, and the edit that two episodes allow."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ....domain.decision import Decision, Outcome
from ....domain.ids import Symbol
from ....domain.learning_outputs import BeliefEdits
from ....domain.outputs import Report, Stance

SIGNS: Mapping[Stance, int] = {Stance.BULLISH: 1, Stance.NEUTRAL: 0, Stance.BEARISH: -1}
LARGEST_MOVES = 3
"""Decisions that are quoted for each source, by the size of the move that followed."""
SUMMARY_CHARACTERS = 120
Step = tuple[date, Symbol]


@dataclass(frozen=True, slots=True)
class SourceCall:
    """One report of an analyst, and the return of the symbol from the close of its session to the next close."""

    session: date
    symbol: Symbol
    report: Report
    moved: float

    @property
    def right(self) -> bool:
        """Return whether the stance has the sign of the return."""
        return SIGNS[self.report.stance] * self.moved > 0


@dataclass(frozen=True, slots=True)
class Episode:
    """A finished episode.

    Attributes:
        total_return: of the account.
        actions: sign of the position after each decision.
        calls: the reports of each analyst whose outcome is known.
    """

    number: int
    total_return: float
    actions: Mapping[Step, int]
    calls: Mapping[str, Sequence[SourceCall]] = field(default_factory=dict)

    def text(self, sources: Iterable[str]) -> str:
        """Return the episode as text: its return, and for each source how often it was right, with examples."""
        held = [sum(sign == each for sign in self.actions.values()) for each in (1, 0, -1)]
        lines = [f"Return {self.total_return:+.2%}; long {held[0]}, flat {held[1]}, short {held[2]} decisions."]
        for name in sources:
            calls = [each for each in self.calls.get(name, ()) if SIGNS[each.report.stance]]
            lines.append(f"{name}: {sum(each.right for each in calls)} of {len(calls)} reports with a side were right.")
            largest = sorted(calls, key=lambda each: (-abs(each.moved), each.session, each.symbol))[:LARGEST_MOVES]
            lines += [_example(each) for each in largest]
        return "\n".join(lines)


def _example(call: SourceCall) -> str:
    said = f"{call.report.stance}, {call.report.summary[:SUMMARY_CHARACTERS]}"
    return f"  - {'right' if call.right else 'wrong'}, {call.moved:+.2%} followed: {said}"


def episode_of(number: int, total_return: float, decisions: Iterable[Decision], moves: Mapping[Step, float]) -> Episode:
    """Return an episode from its decisions; `moves` has the return after each step where it is known."""
    actions, calls = dict[Step, int](), defaultdict[str, list[SourceCall]](list)
    for decision in decisions:
        step = decision.as_of.date(), decision.ticker
        if decision.outcome is not Outcome.ABSTAIN:
            actions[step] = held_after(decision)
        if step in moves:
            for each in decision.reports:
                calls[each.role].append(SourceCall(*step, each.report, moves[step]))
    return Episode(number, total_return, actions, calls)


def held_after(decision: Decision) -> int:
    """Return the sign of the position after all allowed orders of a decision, as if they were executed."""
    held = decision.position.quantity if decision.position is not None else Decimal(0)
    held += sum((order.action.sign * order.quantity for order in decision.risk.allowed), Decimal(0))
    return (held > 0) - (held < 0)


@dataclass(frozen=True, slots=True)
class AppliedEdits:
    """The beliefs after an edit, the sources that changed, and those whose edits exceeded the size."""

    beliefs: Mapping[str, str]
    edited: tuple[str, ...]
    dropped: tuple[str, ...]


def allowed_edits(size: float, sources: int) -> int:
    """Return how many beliefs may change: `size`, a share from 0 to 1, of the sources, rounded up."""
    return math.ceil(round(size * sources, 9))


def apply_edits(beliefs: Mapping[str, str], said: BeliefEdits, sources: Sequence[str], allowed: int) -> AppliedEdits:
    """Return the beliefs after the first `allowed` edits that change one, in the order in which they were given.

    The last edit of a source counts; an edit of an unknown source is dropped.
    """
    wanted = {each.source: each.belief.strip() for each in said.edits}
    changing = [name for name, text in wanted.items() if name in sources and text != beliefs.get(name, "")]
    edited = tuple(changing[:allowed])
    dropped = tuple(name for name in wanted if name not in sources) + tuple(changing[allowed:])
    return AppliedEdits({**beliefs, **{name: wanted[name] for name in edited}}, edited, dropped)
