"""The sections of a desk file beside its roles and its deliberation."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ..agents.risk_committee import RiskAppetite
from .roles import Part


class IntakeSpec(Part):
    """How the evidence comes in: all analysts at once, or one after another so that each sees the reports before it."""

    order: Literal["parallel", "serial"] = "parallel"


class DecisionSpec(Part):
    """The kind of decision that the desk emits."""

    kind: Literal["orders"] = "orders"


class RiskSpec(Part):
    """The risk committee. Without committee and chair, only the risk limits are applied to the plan."""

    committee: tuple[RiskAppetite, ...] = ()
    chair: Literal["risk_manager"] | None = None
    limits: Literal["default"] = "default"
    order: Literal["parallel", "serial"] = "parallel"


class PosturePolicy(StrEnum):
    """How the desk's risk posture is set; `adaptive` is averse after three sessions with a loss."""

    NONE = "none"
    SEEKING = "seeking"
    AVERSE = "averse"
    ADAPTIVE = "adaptive"


class MemorySpec(Part):
    """The memory: its preset (`none` for no memory), the token budget of each role, and the risk posture."""

    preset: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")] = "none"
    tokens: Annotated[int, Field(ge=0, le=8_000)] = 300
    risk_posture: PosturePolicy = PosturePolicy.NONE

    @property
    def enabled(self) -> bool:
        """Return whether the desk has a memory."""
        return self.preset != "none"


class LearningSpec(Part):
    """How the desk learns between decisions: weights of its analysts, or nothing."""

    kind: Literal["none", "analyst_weights"] = "none"
