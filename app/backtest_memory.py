"""The memory of a backtest: a namespace of its own, and its labelled warm-up before the window."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..desk.episode_training import OpenAccount
from ..desk.learning.memory import DeskMemory
from ..desk.records.backtest_store import BacktestStore
from ..desk.training import is_trained, train
from ..desk.warm_up import WarmUpWindow, warm_up
from ..domain.errors import ConfigError
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import load_desk
from ..graph.desk_sections import WarmUp
from ..llm.recording import RecordingMode
from ..market.source import MarketSource
from .backtest_desk import BacktestDesk, backtest_desk
from .backtest_request import BacktestRequest
from .desk import Notify, desk_memory
from .desk_learning import learns_beside_memory
from .embedder import HASHING
from .factories import choose_model
from .settings import Settings


@contextmanager
def backtest_memory(
    request: BacktestRequest, settings: Settings, backtest_id: str, notify: Notify
) -> Iterator[DeskMemory | None]:
    """Open the memory of a backtest, whose run is the id of the backtest; yields None if it uses none.

    A backtest that is continued finds what it has remembered. Raises ConfigError if the desk has no memory, and for a
    recorded or replayed backtest whose memory is searched by a model, because its vectors are not recorded.
    """
    if not request.uses_memory:
        yield None
        return
    desk = load_desk(settings.desk)
    if not desk.memory.enabled and not request.with_memory and learns_beside_memory(desk):
        yield None
        return
    if not desk.memory.enabled or not settings.remember:
        raise ConfigError(f"desk {desk.name} has no memory, so the backtest cannot use one; leave out --with-memory")
    taped = settings.replay is not None or settings.recording is not RecordingMode.OFF
    if taped and settings.memory.embedder != HASHING:
        raise ConfigError(
            f"a backtest whose memory is searched by {settings.memory.embedder} can be neither recorded nor replayed; "
            f"set memory.embedder to {HASHING}, or leave out the memory or the recording"
        )
    own = settings.model_copy(update={"account": backtest_id})
    analogies = choose_model(settings).quick is not None
    with desk_memory(own, desk, writes=True, analogies=analogies, notify=notify) as memory:
        yield memory


@contextmanager
def desk_with_memory(
    backtest_id: str,
    request: BacktestRequest,
    settings: Settings,
    source: MarketSource,
    store: BacktestStore,
    notify: Notify,
) -> Iterator[BacktestDesk]:
    """Open the desk of a backtest with the memory that the request asks for; raises as `backtest_memory`."""
    with backtest_memory(request, settings, backtest_id, notify) as memory:
        yield backtest_desk(settings, source, store, backtest_id, memory=memory)


async def warm_up_backtest(request: BacktestRequest, backtest_desk: BacktestDesk, open_account: OpenAccount) -> None:
    """Fill the memory of a backtest and train its desk from `warm_up_from` on, up to two sessions before its window.

    `open_account` opens the account of an episode. Raises ConfigError for a desk with neither a labelled warm-up nor a
    training, and if no session lies between.
    """
    if request.warm_up_from is None:
        return
    calendar = trading_calendar(request.rules.calendar)
    test = calendar.between(request.first, request.last)[0]
    window = WarmUpWindow(request.warm_up_from, calendar.previous(calendar.previous(test)), test)
    async with backtest_desk.warm_up_desk() as desk:
        if desk.file.memory.warmup is WarmUp.LABELLED or not is_trained(desk.file):
            await warm_up(desk, request.symbols, window)
        if is_trained(desk.file):
            await train(desk, request.symbols, window, open_account)
