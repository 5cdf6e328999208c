"""What a desk learns beside its memory: where it is kept, for accounts and for backtests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from ..desk.learning.desk_learning import DeskLearning
from ..desk.learning.learned_store import LearnedStore, LearningSpace, SqliteLearnedStore
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import InstructionsLearning, TrainedLearning
from ..graph.renamed_terms import stored_name
from ..prompts.library import PromptLibrary
from .factories import HYPOTHETICAL_ACCOUNT, choose_model
from .market_namespace import market_namespace
from .settings import Settings, home


def learns_instructions(desk: DeskConfig, settings: Settings) -> bool:
    """Return whether the desk takes steps of learning between sessions."""
    return settings.remember and isinstance(desk.learning, InstructionsLearning) and not desk.learning.frozen_at_test


def learns_beside_memory(desk: DeskConfig) -> bool:
    """Return whether the kind of learning of the desk keeps entries of its own."""
    return isinstance(desk.learning, InstructionsLearning | TrainedLearning)


def kept_learning(
    settings: Settings,
    desk: DeskConfig,
    prompts: PromptLibrary,
    store: LearnedStore,
    account: str,
    *,
    stops_at_budget: bool = False,
) -> DeskLearning | None:
    """Return the learning of an account or backtest in `store`; None for a desk without, or if memory is disabled."""
    if not learns_beside_memory(desk) or not settings.remember:
        return None
    answered_by = choose_model(settings).quick or "rules"
    space = LearningSpace(market_namespace(settings), account, f"{stored_name(desk.name)}:{answered_by}")
    return DeskLearning(store, space, prompts, stops_at_budget=stops_at_budget)


@contextmanager
def account_learning(
    settings: Settings, desk: DeskConfig, prompts: PromptLibrary, *, writes: bool
) -> Iterator[DeskLearning | None]:
    """Open what the desk has learned for the account of the settings; without `writes` nothing is added."""
    account = settings.account or HYPOTHETICAL_ACCOUNT
    with stored_learning(settings, desk, prompts, home(settings), account) as learned:
        yield None if learned is None else replace(learned, writes=writes)


@contextmanager
def stored_learning(
    settings: Settings,
    desk: DeskConfig,
    prompts: PromptLibrary,
    folder: Path,
    account: str,
    *,
    stops_at_budget: bool = False,
) -> Iterator[DeskLearning | None]:
    """Open what the desk has learned for an account or backtest in the file of `folder`."""
    if not learns_beside_memory(desk) or not settings.remember:
        yield None
        return
    with closing(SqliteLearnedStore(folder)) as store:
        yield kept_learning(settings, desk, prompts, store, account, stops_at_budget=stops_at_budget)
