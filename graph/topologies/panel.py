"""The panel: analysts report, and one agent decides on all reports."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ...domain.decision_outputs import JudgedView
from ...llm.port import Tier
from ..flow import Flow, Step
from ..roles import RoleKind, RoleSpec, Roster, Topic
from ..state import contributed
from .topology import ONE_SYMBOL, Topology

BEFORE = (RoleKind.STYLE, RoleKind.SCORER)
"""Kinds of roles that act after the analysts and before the decision."""


class Panel(Topology):
    """Analysts without a debate before one agent that decides, whose rationale reviewers may score.

    Over a book, analysts and scorers work on each symbol, and so does the agent that decides, unless it decides over
    the book.

    Attributes:
        head: name of the agent that decides.
        prompt: id of its prompt.
        blind_to: what it does not see.
        persona: a sentence of its character.
    """

    kind: Literal["panel"] = "panel"
    reads: ClassVar[frozenset[RoleKind]] = frozenset({*BEFORE, RoleKind.REVIEWER})
    head: Annotated[str, Field(alias="decider", pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "trader"
    prompt: str | None = None
    blind_to: tuple[Topic, ...] = ()
    persona: Annotated[str, Field(max_length=500)] = ""

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the agent that decides."""
        return (
            RoleSpec(
                role=RoleKind.DECIDER,
                name=self.head,
                prompt=self.prompt,
                model=Tier.DEEP,
                blind_to=self.blind_to,
                persona=self.persona,
            ),
        )

    def check(self, roster: Roster) -> None:
        """Raise ValueError without analysts, and with further roles over a book."""
        analysts, others = roster.of(RoleKind.ANALYST), roster.of(*self.reads)
        if not analysts or len(analysts) + len(others) != len(roster.roles):
            raise ValueError(
                "a panel needs analysts, and has only roles of kind style, scorer and reviewer beside them"
            )
        single = [role.name for role in others if role.role is not RoleKind.SCORER]
        if single and roster.over_book:
            raise ValueError(f"role {single[0]}: {ONE_SYMBOL}")

    def decider(self, roster: Roster) -> str:
        """Return the agent that decides."""
        return self.head

    def turns_per_symbol(self, roster: Roster) -> int:
        """Return the analysts, and the agent that decides unless it decides over the book."""
        return len(roster.roles) + (not roster.decides_over_book)

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the decision after the reports."""
        if roster.over_book:
            scored = flow.map_symbols(after, roster.names(RoleKind.SCORER))
            return flow.then(scored, self.head) if roster.decides_over_book else flow.map_symbols(scored, [self.head])
        before = flow.parallel(after, roster.names(*BEFORE))
        decided = flow.then(before, self.head)
        reviewers = roster.names(RoleKind.REVIEWER)
        return flow.parallel(decided.when(contributed(JudgedView)), reviewers) if reviewers else decided
