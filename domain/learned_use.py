"""What a desk had learned when it decided, and used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LearnedUse:
    """What a decision used of what its desk had learned.

    Attributes:
        kind: the kind of learning.
        learned_at: when the desk learned last before the decision, beside its memory; None if it had not.
        version: number of texts put in force, of episodes that changed beliefs, or of lessons of retries.
        instructions: content hash of the prompt of each role whose instructions are learned.
        lessons: ids of the lessons and beliefs that roles were shown.
        budgets: budget of each forecaster of a prediction market.
        labels: labels of the earlier decisions that were shown, by their moment.
    """

    kind: str
    learned_at: datetime | None = None
    version: int = 0
    instructions: Mapping[str, str] = field(default_factory=dict)
    lessons: tuple[str, ...] = ()
    budgets: Mapping[str, Decimal] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
