"""Repetition of a recorded run without models: the result must equal the record."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import __version__
from ..desk.book_decision import decide_book
from ..desk.decision import DecisionRequest, Desk
from ..desk.decision import decide as take_decision
from ..desk.records.document import to_document
from ..desk.records.taped_results import ReplayedPeriodResults
from ..desk.session_learning import learn_before_session
from ..domain.decision import Decision
from ..domain.errors import ModelUnavailable
from ..domain.ids import RunId
from ..llm.call_log import InMemoryCallLog
from ..llm.port import CallLog
from ..llm.recording import RecordedRun
from ..llm.replay import Player, ReplayMismatch
from ..llm.request_difference import RequestDifference, first_difference
from ..market.source import MarketSource
from .decision_account import with_account
from .desk import open_desk
from .factories import open_market
from .recorded_convictions import restore_convictions
from .recorded_inputs import RunInputs, decisions_of, inputs_of, settings_of
from .recordings import open_player, restore_memory
from .settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Replay:
    """A replayed decision that equals the record; `calls` is the number of recorded model calls.

    `decision` is that on the first symbol of a book; those on the others were compared too.
    """

    decision: Decision
    settings: Settings
    source: MarketSource
    calls: int


def replay_run(given: Settings, name: str) -> Replay:
    """Repeat a recorded run in a temporary folder, with its calls answered from the recording.

    Nothing is stored, and no model is contacted. The market, the desk file and the prompts are those of today.

    Raises:
        ConfigError: the run was not recorded, or cannot be read.
        ReplayMismatch: a request or the decision differs from the record; the message has the first difference.
    """
    player, run = open_player(given, name)
    inputs = inputs_of(run)
    settings = load_settings({**settings_of(inputs), "home": given.home, "live": given.live})
    source = open_market(settings)
    with TemporaryDirectory(prefix="openoutcry-replay-") as folder:
        restore_memory(given, run, Path(folder) / "memory")
        restore_convictions(inputs.convictions, Path(folder))
        own = settings.model_copy(update={"home": Path(folder)})
        decisions = asyncio.run(_decide(own, source, inputs, player, run))
    player.check()
    for recorded, decision in zip(decisions_of(run), decisions, strict=True):
        if difference := document_difference(recorded, decision, same_version=run.version == __version__):
            raise ReplayMismatch(
                f"the replay of {recorded.run_id} differs from its record first at {difference.path}: recorded "
                f"{difference.recorded}, replayed {difference.asked}"
            )
    return Replay(decisions[0], settings, source, player.calls)


def document_difference(recorded: Decision, replayed: Decision, *, same_version: bool) -> RequestDifference | None:
    """Return the first difference of two decision documents, apart from run ids and wall times; None if equal.

    The program's version is compared too with `same_version`.
    """
    return first_difference(_comparable(recorded, same_version), _comparable(replayed, same_version))


async def _decide(
    settings: Settings, source: MarketSource, inputs: RunInputs, player: Player, run: RecordedRun
) -> Sequence[Decision]:
    """Decide again: on one symbol, or on all symbols of a book."""
    first = DecisionRequest(RunId(run.run_id), inputs.ticker, inputs.as_of, inputs.account, inputs.attempt)
    others = (DecisionRequest(m.run_id, m.ticker, inputs.as_of, m.account, inputs.attempt) for m in inputs.others)
    requests, calls = [first, *others], InMemoryCallLog()
    if inputs.learning is not None:
        own = calls if inputs.learning.counted else InMemoryCallLog()
        async with _opened(settings, source, inputs, own, player) as desk:
            with suppress(ModelUnavailable):  # no step was taken then
                await learn_before_session(desk, inputs.learning.start)
    async with _opened(settings, source, inputs, calls, player) as desk:
        made = await decide_book(desk, requests) if desk.file.over_book else [await take_decision(desk, first)]
    return [
        with_account(decision, request.account, settings.account)
        for decision, request in zip(made, requests, strict=True)
    ]


@asynccontextmanager
async def _opened(
    settings: Settings, source: MarketSource, inputs: RunInputs, calls: CallLog, player: Player
) -> AsyncIterator[Desk]:
    """Open the desk of the recorded run, with the memory that it had."""
    own = settings if inputs.owner is None else settings.model_copy(update={"account": inputs.owner})
    async with open_desk(own, source, calls, tape=player) as desk:
        memory = desk.memory if inputs.remembers else None
        yield replace(desk, memory=memory, results=ReplayedPeriodResults(player))


def _comparable(decision: Decision, same_version: bool) -> object:
    untimed = {role: replace(usage, wall_s=0.0) for role, usage in decision.usage.by_role.items()}
    usage = replace(decision.usage, by_role=dict(sorted(untimed.items())), wall_s=0.0)
    document: Any = to_document(replace(decision, run_id=RunId("-"), usage=usage))
    if not same_version:
        document["provenance"] = {**document["provenance"], "version": "-"}
    return document
