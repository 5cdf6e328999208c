"""One ticker of one demo market, walked by the same desk twice: with a memory that begins empty, and without one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from ..desk.memory import DeskMemory
from ..memory.port import MemoryKeeper
from ..memory.record import Namespace
from .traders import DeskTrader
from .unit import Setting, Unit, Walked, desk_of, walk_all, world

WITH, WITHOUT = "with memory", "without memory"
Opening = Callable[[], AbstractContextManager[MemoryKeeper]]


async def run_pair(unit: Unit, setting: Setting, opened: Opening) -> Walked:
    """Walk one ticker by both desks over the same sessions; `opened` makes an empty memory."""
    drawn = world(unit.seed, setting.last)
    forgetful = desk_of(setting, drawn.source)
    with opened() as keeper:
        memory = DeskMemory(keeper, Namespace(f"demo-{unit.seed}", "memory-value"))
        traders = {WITHOUT: DeskTrader(forgetful), WITH: DeskTrader(replace(forgetful, memory=memory))}
        return await walk_all(unit, setting, traders)
