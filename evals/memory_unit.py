"""One ticker of one demo market: the same desk with a memory that begins empty, and without one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from ..desk.memory import DeskMemory
from ..desk.strategies.desk_strategy import DeskStrategy
from ..memory.port import MemoryKeeper
from ..memory.record import Namespace
from .unit import Setting, Unit, Walked, desk_of, run_all, world

WITH, WITHOUT = "with memory", "without memory"
Opening = Callable[[], AbstractContextManager[MemoryKeeper]]


async def run_pair(unit: Unit, setting: Setting, opened: Opening) -> Walked:
    """Run both desks on one ticker over the same sessions; `opened` makes an empty memory."""
    drawn = world(unit.seed, setting.last)
    forgetful = desk_of(setting, drawn.source)
    with opened() as keeper:
        memory = DeskMemory(keeper, Namespace(f"demo-{unit.seed}", "memory-value"))
        desks = {WITHOUT: DeskStrategy(forgetful), WITH: DeskStrategy(replace(forgetful, memory=memory))}
        return await run_all(unit, setting, desks)
