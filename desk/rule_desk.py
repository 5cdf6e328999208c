"""Opening a desk that answers by rules: no model, no state kept, the same decision for the same market every time."""

from collections.abc import Callable
from decimal import Decimal

from ..agents.arithmetic import Arithmetic
from ..domain.brief import Brief
from ..graph.build import build
from ..graph.desk_file import DeskFile
from ..graph.seating import Rehearse, seat_members
from ..llm.call_log import MemoryCallLog
from ..prompts.book import PromptBook
from ..risk.planning import order_defects
from ..risk.settings import Limits
from ..risk.sizing import target_quantity
from ..tools.source import MarketSource
from .decision import RULES, Floor


def arithmetic(limits: Limits) -> Arithmetic:
    """Return what the desk lends its traders: the size for a conviction, and what is wrong with an order."""

    def size(conviction: Decimal, brief: Brief) -> Decimal:
        return target_quantity(conviction, brief.quote, brief.account, limits).quantity

    return Arithmetic(size, order_defects)


def rules_floor(
    desk: DeskFile,
    prompts: PromptBook,
    source: MarketSource,
    limits: Limits,
    *,
    seed: int,
    version: str,
    timer: Callable[[], float],
    rehearse: Rehearse | None = None,
) -> Floor:
    """Open `desk` with rules in every seat; `rehearse`, where given, sees what models would have been sent."""
    return Floor(
        file=desk,
        members=seat_members(desk, prompts, None, arithmetic(limits), seed=seed, rehearse=rehearse),
        graph=build(desk),
        source=source,
        limits=limits,
        model=RULES,
        calls=MemoryCallLog(),
        prices={},
        seed=seed,
        version=version,
        timer=timer,
    )
