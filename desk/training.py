"""The training of a desk before its test, by its kind of learning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import EpisodesLearning, InstructionsLearning, RetryLearning, TrainedLearning
from .accounts.account import TradingAccount
from .backtest import Every, run_backtest
from .decision import Desk
from .episode_training import EpisodeTraining, OpenAccount
from .learning.instructions.learning import steps_until
from .retry_training import RetryTraining
from .strategies.desk_strategy import desk_strategy
from .warm_up import WarmUpWindow, warm_up_sessions


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A finished training: its episodes, and the beliefs or lessons that are known after it."""

    episodes: int
    learned: int


def is_trained(file: DeskConfig) -> bool:
    """Return whether the desk learns in a training before its test."""
    spec = file.learning
    return isinstance(spec, TrainedLearning) or (isinstance(spec, InstructionsLearning) and spec.frozen_at_test)


async def train(
    desk: Desk, symbols: Sequence[Symbol], window: WarmUpWindow, open_account: OpenAccount
) -> TrainingResult:
    """Train `desk` on the sessions of a window, strictly before the test.

    Repeating a training, also after an interruption, stores nothing twice. Raises ConfigError for a desk that is not
    trained, without a place to keep what it learns, for symbols of different calendars, and for a window that reaches
    into the test; and what decisions raise.
    """
    spec, learning = desk.file.learning, desk.learned
    if learning is None or not learning.writes:
        raise ConfigError("a training needs a place to keep what it learns; leave out --no-memory")
    names = {desk.source.calendar_name(symbol) for symbol in symbols}
    if len(names) != 1:
        raise ConfigError("a training needs symbols of one trading calendar")
    calendar = trading_calendar(names.pop())
    sessions = warm_up_sessions(calendar, window)
    if isinstance(spec, EpisodesLearning):
        updates = await EpisodeTraining(desk, learning, spec, calendar, symbols, sessions, open_account).run()
        return TrainingResult(len(updates), len(updates[-1].beliefs))
    if isinstance(spec, RetryLearning):
        lessons = await RetryTraining(desk, learning, spec, calendar, symbols, sessions, window.test).run()
        return TrainingResult(0, len(lessons))
    if isinstance(spec, InstructionsLearning) and spec.frozen_at_test:
        return await _instructions(desk, symbols, sessions, spec, open_account("training"))
    raise ConfigError(f"desk {desk.file.name} has no training; its learning is of kind {spec.kind}")


async def _instructions(
    desk: Desk, symbols: Sequence[Symbol], sessions: Sequence[date], spec: InstructionsLearning, account: TradingAccount
) -> TrainingResult:
    """Trade the sessions once with the instructions learned on the way, which stay as they are at the end."""
    learning = spec.model_copy(update={"frozen_at_test": False})
    unfrozen = replace(desk, memory=None, file=desk.file.model_copy(update={"learning": learning}))
    await run_backtest(
        account, desk_strategy(unfrozen), symbols, sessions[0], sessions[-1], every=Every.DAY, concurrency=1
    )
    steps = () if desk.learned is None else steps_until(desk.learned, account.calendar.close(sessions[-1]))
    return TrainingResult(1, steps[-1].version if steps else 0)
