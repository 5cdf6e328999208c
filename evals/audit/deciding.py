"""Decisions of a desk at one moment, for an empty account: on one symbol, or over the whole book."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from ... import __version__
from ...app.backtest_records import STOPPING
from ...app.budgets import call_budget
from ...app.factories import account_for, choose_model, open_model
from ...app.model_access import ModelAccess
from ...app.settings import Settings
from ...desk.book_decision import decide_book
from ...desk.decision import DecisionRequest, Desk, decide
from ...desk.rule_desk import order_policy
from ...domain.decision import Decision
from ...domain.errors import ConfigError
from ...domain.ids import RunId
from ...graph.build import build_without_checkpoints
from ...graph.desk_config import load_desk
from ...graph.team_builder import build_team
from ...llm.budget import Budget
from ...llm.call_log import InMemoryCallLog
from ...llm.port import CallLog, Model
from ...market.source import MarketSource
from ...prompts.library import load_prompts
from .subject import AuditMoment

AUDIT_RUN = RunId("audit")


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a decision wants of one symbol: the conviction of its thesis, None without one, and the size it opens."""

    conviction: Decimal | None
    size: Decimal


async def decisions_at(desk: Desk, settings: Settings, moment: AuditMoment) -> Sequence[Decision]:
    """Return the decision on the symbol of a moment, or of a desk over a book those on all its symbols.

    Each symbol has an empty account. Raises what the desk raises.
    """
    symbols = moment.book if desk.file.over_book else (moment.symbol,)
    requests = [
        DecisionRequest(AUDIT_RUN, symbol, moment.as_of, account_for(settings, desk.source, symbol, moment.as_of))
        for symbol in symbols
    ]
    return await decide_book(desk, requests) if desk.file.over_book else [await decide(desk, requests[0])]


def views_of(decisions: Sequence[Decision]) -> tuple[DecisionView, ...]:
    """Return what each decision wants."""
    return tuple(
        DecisionView(None if made.thesis is None else Decimal(str(made.thesis.conviction)), net_size(made))
        for made in decisions
    )


def net_size(made: Decision) -> Decimal:
    """Return the shares that the allowed opening orders of a decision buy, less those that they sell short."""
    opening = [order for order in made.risk.allowed if order.action.opens]
    return sum((order.quantity if str(order.action) == "buy" else -order.quantity for order in opening), Decimal(0))


def check_answered(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Return the decisions; raises ModelUnavailable or BudgetExceeded if one lacked its model."""
    for made in decisions:
        failed = made.abstention
        if failed is not None and failed.cause in STOPPING:
            raise STOPPING[failed.cause](f"{made.ticker} as of {made.as_of:%Y-%m-%d}: {failed.reason}")
    return decisions


@asynccontextmanager
async def connected_model(settings: Settings, calls: CallLog, budget: Budget) -> AsyncIterator[Model]:
    """Connect the model of an arm inside a budget; calls that `calls` holds are not made again."""
    model = open_model(settings, choose_model(settings), calls, ModelAccess(call_budget(settings, calls, budget), None))
    if model is None:
        raise ConfigError("the arm has no model")
    async with model:
        yield model


def desk_with_model(settings: Settings, source: MarketSource, model: Model) -> Desk:
    """Return the desk of the settings with a model and without a memory."""
    file, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    limits = file.limits_within(settings.limits)
    return Desk(
        file=file,
        team=build_team(file, prompts, model, order_policy(limits, settings.portfolio), seed=settings.seed),
        graph=build_without_checkpoints(file),
        source=source,
        limits=limits,
        model=model.info,
        calls=InMemoryCallLog(),
        prices={},
        seed=settings.seed,
        version=__version__,
        timer=time.perf_counter,
        time_limit_s=settings.decision_timeout_s,
    )
