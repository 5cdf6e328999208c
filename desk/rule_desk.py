"""Opening a desk that answers by rules: no model, no state kept, the same decision for the same market every time."""

from collections.abc import Callable
from decimal import Decimal

from ..agents.order_policy import OrderPolicy
from ..domain.brief import Brief
from ..graph.build import build
from ..graph.desk_config import DeskConfig
from ..graph.team_builder import PromptObserver, build_team
from ..llm.call_log import InMemoryCallLog
from ..market.source import MarketSource
from ..prompts.library import PromptLibrary
from ..risk.limit_settings import Limits
from ..risk.order_checks import check_order
from ..risk.sizing import target_quantity
from .decision import RULE_MODEL, Desk


def order_policy(limits: Limits) -> OrderPolicy:
    """Return what the desk lends its traders: the size for a conviction, and what is wrong with an order."""

    def size(conviction: Decimal, brief: Brief) -> Decimal:
        return target_quantity(conviction, brief.quote, brief.account, limits).quantity

    return OrderPolicy(size, check_order)


def rule_desk(
    desk: DeskConfig,
    prompts: PromptLibrary,
    source: MarketSource,
    limits: Limits,
    *,
    seed: int,
    version: str,
    timer: Callable[[], float],
    on_prompt: PromptObserver | None = None,
) -> Desk:
    """Open `desk` with a rule for every role; `on_prompt`, if given, receives what models would be sent."""
    return Desk(
        file=desk,
        team=build_team(desk, prompts, None, order_policy(limits), seed=seed, on_prompt=on_prompt),
        graph=build(desk),
        source=source,
        limits=limits,
        model=RULE_MODEL,
        calls=InMemoryCallLog(),
        prices={},
        seed=seed,
        version=version,
        timer=timer,
    )
