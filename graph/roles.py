"""The roles of a desk: what a desk file writes about each, and what a topology adds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ..agents.decisions.book_forms import BOOK_FORMS
from ..domain.proposal import DecisionKind
from ..llm.port import Tier


class Part(BaseModel):
    """A part of a desk file: immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def __copy__(self) -> Self:
        """Return a copy without cached properties, because `model_copy` can change what they were computed from."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class RoleKind(StrEnum):
    """The kinds of roles."""

    ANALYST = "analyst"
    SINGLE_AGENT = "single_agent"
    RESEARCHER = "researcher"
    RESEARCH_MANAGER = "research_manager"
    TRADER = "trader"
    DECIDER = "decider"
    RISK_ANALYST = "risk_analyst"
    RISK_MANAGER = "risk_manager"


FILE_KINDS = frozenset({RoleKind.ANALYST, RoleKind.SINGLE_AGENT})
"""The kinds that a desk file lists; the others follow from its deliberation and its risk section."""
READING_KINDS = frozenset({RoleKind.ANALYST, RoleKind.SINGLE_AGENT})
"""The kinds that gather evidence themselves and therefore need tools."""


class Topic(StrEnum):
    """What a role can be blind to."""

    REPORTS = "reports"
    DEBATE = "debate"
    THESIS = "thesis"
    OPINIONS = "opinions"
    EVIDENCE = "evidence"
    MEMORIES = "memories"


class RoleSpec(Part):
    """One role.

    Attributes:
        tools: the sources of evidence that the role reads.
        prompt: id of its prompt; None for the prompt with the role's name.
        call_tools: whether a model may call the tools as functions.
        blind_to: what the role does not see.
        persona: a sentence of character for prompts that have the input `persona`.
    """

    role: RoleKind
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    tools: Annotated[tuple[str, ...], Field(validate_default=True)] = ()
    model: Tier = Tier.QUICK
    prompt: str | None = None
    call_tools: bool = True
    blind_to: tuple[Topic, ...] = ()
    persona: Annotated[str, Field(max_length=500)] = ""

    @field_validator("tools")
    @classmethod
    def _reads_something(cls, tools: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kind = info.data.get("role")
        if kind in READING_KINDS and not tools:
            raise ValueError(f"a role of kind {kind} needs at least one tool")
        return tools


@dataclass(frozen=True, slots=True)
class Roster:
    """The roles of a desk in the order of their first turn, and what they decide.

    Attributes:
        decision: the kind of decision.
        over_book: whether they decide on all symbols of a book at once.
    """

    roles: tuple[RoleSpec, ...]
    decision: DecisionKind = DecisionKind.ORDERS
    over_book: bool = False

    @property
    def decides_over_book(self) -> bool:
        """Return whether one decision is about all symbols, instead of one decision about each symbol."""
        return self.decision in BOOK_FORMS

    def of(self, *kinds: RoleKind) -> tuple[RoleSpec, ...]:
        """Return the roles of these kinds."""
        return tuple(role for role in self.roles if role.role in kinds)

    def names(self, *kinds: RoleKind) -> tuple[str, ...]:
        """Return the names of the roles of these kinds; without a kind, of all roles."""
        return tuple(role.name for role in (self.of(*kinds) if kinds else self.roles))

    def plus(self, more: Iterable[RoleSpec]) -> "Roster":
        """Return the roster with further roles."""
        return replace(self, roles=(*self.roles, *more))
