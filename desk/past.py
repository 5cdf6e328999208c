"""The desk's memory through one question: whatever goes wrong with it is said in the record, and costs no decision."""

from dataclasses import dataclass, field

from ..agents.case import Case
from ..agents.reminder import Remind, nothing_to_mind
from ..domain.brief import Brief
from ..domain.errors import ConfigError, ConflictError, OpenOutcryError, is_bug
from ..graph.bench import Members
from ..tools.view import MarketView
from .memory import DeskMemory
from .noting import note
from .settling import settle


@dataclass(frozen=True, slots=True)
class Past:
    """What `memory`, where there is one, has to do with one question; `troubles` says in words what it could not do."""

    memory: DeskMemory | None
    view: MarketView
    troubles: list[str] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """Name what could be read; empty without a memory, or where it could not be."""
        return self.memory.seen(self.view.as_of) if self.memory else ""

    async def settle(self, members: Members, brief: Brief) -> None:
        """Learn from what has become known; raises StoreLocked while another process writes to the memory."""
        try:
            if self.memory is not None:
                await settle(self.memory, members, self.view, brief)
        except OpenOutcryError as error:
            if is_bug(error) or isinstance(error, ConfigError | ConflictError):
                raise
            self.troubles.append(f"no outcome was evaluated: {error}")

    def remind(self, brief: Brief) -> Remind:
        """Return what reminds the members."""
        if self.memory is None:
            return nothing_to_mind
        return self.memory.reminder(self.view.as_of, brief.symbol, self.troubles)

    def note(self, case: Case) -> None:
        """Note down what the case holds."""
        try:
            if self.memory is not None:
                note(self.memory, self.view, case)
        except OpenOutcryError as error:
            if is_bug(error):
                raise
            self.troubles.append(f"nothing was noted down: {error}; decide again as of the same moment to note it")
