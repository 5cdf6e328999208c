"""The port of a runner: it executes units and reports each one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...domain.errors import BudgetExceeded
from ..unit import PlannedUnit, UnitRecord


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """What became of one unit: its record, or the error that it failed with."""

    unit: PlannedUnit
    record: UnitRecord | None
    error: str = ""


Finish = Callable[[UnitOutcome], None]


class Runner(Protocol):
    """Executes units.

    Contract:
    - `finish` is called in this process and thread, once for each unit that ended, in any order;
    - a unit that fails with an error of the market or the model is reported and the others go on; bugs, LookAheadError
      and ConfigError are raised after the other workers were stopped;
    - KeyboardInterrupt ends all workers and is raised;
    - the records do not depend on the runner or its number of workers.
    """

    def run(self, units: Sequence[PlannedUnit], finish: Finish) -> BudgetExceeded | None:
        """Execute the units, which may be none; return the error that ended the run if its budget is used up."""
        ...
