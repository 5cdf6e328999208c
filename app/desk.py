"""Opening of a desk for one run: its agents, model, memory and checkpoints."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace

from .. import __version__
from ..desk.decision import RULE_MODEL, Desk
from ..desk.learning.memory import DeskMemory
from ..desk.learning.taped_learning import with_tape
from ..desk.rule_desk import order_policy, rule_desk
from ..graph.build import Graph, build_with_checkpoints, build_without_checkpoints
from ..graph.call_policy import PolicyContext, has_cascade
from ..graph.checkpoints import open_checkpoints
from ..graph.desk_config import DeskConfig, load_desk
from ..graph.renamed_terms import stored_name
from ..graph.team_builder import PromptObserver, build_team
from ..llm.budget import Budget
from ..llm.events import CallObserver, ignore_event
from ..llm.policy.conviction_store import FILE_NAME as CONVICTIONS
from ..llm.policy.conviction_store import ConvictionStore
from ..llm.port import CallLog
from ..llm.replay import Tape
from ..market.source import MarketSource
from ..memory.record import Namespace
from ..prompts.library import load_prompts
from .budgets import call_budget
from .desk_learning import account_learning
from .factories import (
    HYPOTHETICAL_ACCOUNT,
    choose_model,
    open_memory,
    open_model,
)
from .market_namespace import market_namespace
from .model_access import ModelAccess
from .model_connection import call_observer
from .observer import TokenSink
from .settings import Settings, home
from .state_folder import CHECKPOINTS

MEMORY_WAIT_S = 10.0
"""Seconds to wait while another process writes to the memory."""

Notify = Callable[[str], None]
"""Receives one sentence for the user."""


def ignore_notice(_: str) -> None:
    """Drop a notice."""


@asynccontextmanager
async def open_desk(
    settings: Settings,
    source: MarketSource,
    calls: CallLog,
    *,
    notes: bool = True,
    notify: Notify = ignore_notice,
    events: CallObserver = ignore_event,
    budget_of: Budget | None = None,
    tape: Tape | None = None,
    tokens: TokenSink | None = None,
) -> AsyncIterator[Desk]:
    """Open the desk for one run: build its team, connect its model, open its memory and its checkpoints.

    Without `notes` nothing is written to the memory, and nothing is learned. `notify` receives one sentence for each
    memory repair, `events` the events of model calls. The budget of the run is inside `budget_of`, such as that of an
    account. `tape` records the calls of models and what the desk learned, or answers them. `tokens` receives answers
    while they arrive, which are then streamed.
    """
    desk, choice, prompts = load_desk(settings.desk, notify), choose_model(settings), load_prompts(settings.prompts)
    async with AsyncExitStack() as stack:
        limits, access = desk.limits_within(settings.limits), ModelAccess(call_budget(settings, calls, budget_of), tape)
        model = open_model(settings, choice, calls, access, events, tokens)
        if model is not None:
            await stack.enter_async_context(model)
        policies = stack.enter_context(policy_context(settings, desk, call_observer(settings, events)))
        team = build_team(
            desk, prompts, model, order_policy(limits, settings.portfolio), seed=settings.seed, policies=policies
        )
        memory = stack.enter_context(
            desk_memory(settings, desk, writes=notes, analogies=model is not None, notify=notify, access=access)
        )
        learned = with_tape(stack.enter_context(account_learning(settings, desk, prompts, writes=notes)), tape)
        graph = build_without_checkpoints(desk) if model is None else _durable_graph(desk, settings, stack)
        yield Desk(
            file=desk, team=team, graph=graph, source=source, limits=limits, calls=calls, memory=memory,
            model=model.info if model else RULE_MODEL,
            prices=access.budget.prices,
            seed=settings.seed,
            version=__version__,
            timer=time.perf_counter,
            time_limit_s=settings.decision_timeout_s, learned=learned,
        )  # fmt: skip


def _durable_graph(desk: DeskConfig, settings: Settings, stack: AsyncExitStack) -> Graph:
    """Return the graph of a desk with checkpoints; a desk of rules needs none, since it is computed again faster."""
    return build_with_checkpoints(desk, stack.enter_context(open_checkpoints(home(settings) / CHECKPOINTS)))


@contextmanager
def dry_run_desk(settings: Settings, source: MarketSource, on_prompt: PromptObserver) -> Iterator[Desk]:
    """Open the desk with rules in every role; `on_prompt` receives each prompt for a model. Nothing is stored."""
    desk, prompts = load_desk(settings.desk), load_prompts(settings.prompts)
    floor = rule_desk(
        desk,
        prompts,
        source,
        settings.limits,
        portfolio=settings.portfolio,
        seed=settings.seed,
        version=__version__,
        timer=time.perf_counter,
        on_prompt=on_prompt,
    )
    with (
        desk_memory(settings, desk, writes=False, analogies=False) as memory,
        account_learning(settings, desk, prompts, writes=False) as learned,
    ):
        yield replace(floor, memory=memory, learned=learned)


@contextmanager
def policy_context(settings: Settings, desk: DeskConfig, events: CallObserver) -> Iterator[PolicyContext]:
    """Open what the policies of calls of a desk need; the store of convictions only for a desk with a cascade."""
    if not has_cascade(desk.calls):
        yield PolicyContext(events)
        return
    store = ConvictionStore(home(settings) / CONVICTIONS)
    try:
        yield PolicyContext(events, store.history, store.learn)
    finally:
        store.close()


@contextmanager
def desk_memory(
    settings: Settings,
    desk: DeskConfig,
    *,
    writes: bool,
    analogies: bool,
    notify: Notify = ignore_notice,
    access: ModelAccess | None = None,
) -> Iterator[DeskMemory | None]:
    """Open the desk's memory of this market and account; yields None if the desk or the settings disable memory.

    With `analogies`, lessons from other tickers are recalled too. `access` has the budget and the tape of embeddings.
    Waits up to `MEMORY_WAIT_S` seconds while another process is writing.
    """
    if not desk.memory.enabled or not settings.remember:
        yield None
        return
    answered_by = choose_model(settings).quick or "rules"
    space = Namespace(
        market_namespace(settings),
        settings.account or HYPOTHETICAL_ACCOUNT,
        agent=f"{stored_name(desk.name)}:{answered_by}",
    )
    with open_memory(
        settings, preset=desk.memory.preset, patience=MEMORY_WAIT_S, notice=notify, access=access
    ) as keeper:
        learns = desk.learning.kind == "analyst_weights"
        yield DeskMemory(
            keeper,
            space,
            tokens=desk.memory.tokens,
            analogies=analogies,
            updates_weights=learns,
            writes=writes,
            learning=desk.learning,
        )
