"""The quorum of a debate: how many of its turns must exist before the research manager judges it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..domain.abstention import Abstention, AbstentionCause, joint_cause
from ..domain.decision import DebateTurn

CURABLE = frozenset({AbstentionCause.MODEL, AbstentionCause.BUDGET})
"""Causes for which a run can be resumed."""


class Quorum(StrEnum):
    """The named quorums: the opening of every side, at least one turn, or no turn at all."""

    OPENINGS = "openings"
    ANY = "any"
    NONE = "none"


NAMED_COUNTS: Mapping[Quorum, int] = {Quorum.ANY: 1, Quorum.NONE: 0}


@dataclass(frozen=True, slots=True)
class DebateQuorum:
    """The quorum of a debate of `sides` with `rounds` answers of each side after the openings.

    Attributes:
        required: a named quorum, or the number of turns.
    """

    required: Quorum | int
    sides: tuple[str, ...]
    rounds: int

    @property
    def turns(self) -> int:
        """Return the number of turns of a complete debate."""
        return len(self.sides) * (1 + self.rounds)

    def abstention(
        self, role: str, turns: Sequence[DebateTurn], abstentions: Iterable[Abstention], finished: int
    ) -> Abstention | None:
        """Return the abstention of `role` if the quorum cannot be met after `finished` rounds (the openings are one).

        Its cause is MODEL or BUDGET if a turn is missing for that cause, so that the run can be resumed; else
        INCOMPLETE. Returns None while the quorum is met or can still be met.
        """
        missing = self._missing(turns, finished)
        if missing is None:
            return None
        silent = sorted((a for a in abstentions if a.role in self.sides), key=lambda a: self.sides.index(a.role))
        cause = joint_cause(silent)
        reasons = "; ".join(dict.fromkeys(abstention.reason for abstention in silent))
        return Abstention(
            role,
            cause if cause in CURABLE else AbstentionCause.INCOMPLETE,
            f"the debate has no quorum, {missing}" + (f": {reasons}" if reasons else ""),
        )

    def _missing(self, turns: Sequence[DebateTurn], finished: int) -> str | None:
        if self.required is Quorum.OPENINGS:
            opened = {turn.speaker for turn in turns if turn.round == 0}
            absent = [side for side in self.sides if side not in opened] if finished else []
            return f"the opening of {' and '.join(absent)} is missing" if absent else None
        required = NAMED_COUNTS[self.required] if isinstance(self.required, Quorum) else self.required
        possible = len(turns) + self.turns - finished * len(self.sides)
        return f"{len(turns)} of {required} required turns exist" if possible < required else None
