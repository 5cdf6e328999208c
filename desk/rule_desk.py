"""A desk whose roles are answered by rules: without a model and without state, deterministic for the same market."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from ..agents.order_policy import OrderPolicy
from ..domain.brief import Brief
from ..graph.build import build_without_checkpoints
from ..graph.desk_config import DeskConfig
from ..graph.team_builder import PromptObserver, build_team
from ..llm.call_log import InMemoryCallLog
from ..market.source import MarketSource
from ..prompts.library import PromptLibrary
from ..risk.limit_settings import Limits
from ..risk.order_checks import check_order
from ..risk.portfolio_limits import PortfolioLimits
from ..risk.sizing import target_quantity
from .decision import RULE_MODEL, Desk
from .order_refusals import book_refusals


def order_policy(limits: Limits, portfolio: PortfolioLimits | None = None) -> OrderPolicy:
    """Return the functions of the traders: sizes, defects of planned orders, and what limits refuse of a book.

    `portfolio` has the limits over the whole account; None if the run applies none.
    """

    def size(conviction: Decimal, brief: Brief) -> Decimal:
        return target_quantity(conviction, brief.quote, brief.account, limits).quantity

    return OrderPolicy(size, check_order, limits, partial(book_refusals, limits, portfolio))


def rule_desk(
    desk: DeskConfig,
    prompts: PromptLibrary,
    source: MarketSource,
    limits: Limits,
    *,
    portfolio: PortfolioLimits | None = None,
    seed: int,
    version: str,
    timer: Callable[[], float],
    on_prompt: PromptObserver | None = None,
) -> Desk:
    """Open `desk` with a rule for every role; `on_prompt`, if given, receives what models would be sent.

    `portfolio` has the limits over the whole account; None if the run applies none. Raises ConfigError for a limit of
    the desk that is wider than that of `limits`.
    """
    limits = desk.limits_within(limits)
    return Desk(
        file=desk,
        team=build_team(desk, prompts, None, order_policy(limits, portfolio), seed=seed, on_prompt=on_prompt),
        graph=build_without_checkpoints(desk),
        source=source,
        limits=limits,
        model=RULE_MODEL,
        calls=InMemoryCallLog(),
        prices={},
        seed=seed,
        version=version,
        timer=timer,
    )
