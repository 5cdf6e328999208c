"""One ticker of one demo market: the same desk with an initially empty memory, and without memory."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from ..desk.learning.memory import DeskMemory
from ..desk.strategies.desk_strategy import DeskStrategy
from ..memory.port import MemoryStore
from ..memory.record import Namespace
from .demo_experiment import (
    ExperimentConfig,
    ExperimentUnit,
    UnitResult,
    desk_of,
    run_all,
    world,
)

WITH, WITHOUT = "with memory", "without memory"
Opening = Callable[[], AbstractContextManager[MemoryStore]]


async def run_pair(unit: ExperimentUnit, config: ExperimentConfig, opened: Opening) -> UnitResult:
    """Run both desks on one ticker over the same sessions; `opened` opens an empty memory."""
    drawn = world(unit.seed, config.last)
    without_memory = desk_of(config, drawn.source)
    with opened() as keeper:
        memory = DeskMemory(keeper, Namespace(f"demo-{unit.seed}", "memory-value"))
        desks = {WITHOUT: DeskStrategy(without_memory), WITH: DeskStrategy(replace(without_memory, memory=memory))}
        return await run_all(unit, config, desks)
