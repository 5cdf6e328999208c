"""Which results of slow roles a run may use again: those of its account and desk, or those in its recording."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from ..desk.decision import Desk
from ..desk.records.stored_results import ResultsOwner, StoredPeriodResults, role_configurations
from ..desk.records.taped_results import RecordingPeriodResults, ReplayedPeriodResults
from ..domain.ids import RunId
from ..graph.period_results import PeriodResults
from ..graph.renamed_terms import stored_name
from ..llm.replay import Player, Recorder, Tape
from .market_namespace import market_namespace
from .settings import Settings


class ResultStore(Protocol):
    """A store with the results of slow roles: of the runs of accounts, or of backtests."""

    def period_results(self, owner: ResultsOwner, configurations: Mapping[str, str]) -> StoredPeriodResults: ...


def with_kept_results(
    desk: Desk, settings: Settings, store: ResultStore, account: str | None, run_id: RunId, tape: Tape | None
) -> Desk:
    """Return the desk of one run with the results that its slow roles use again.

    `account` is the name of the account or backtest; without one, the desk keeps nothing and asks every role. A
    replayed run reads its recording alone, and a recorded one adds to its recording what it reads.
    """
    if not desk.file.has_slow_roles:
        return desk
    if isinstance(tape, Player):
        return replace(desk, results=ReplayedPeriodResults(tape))
    if account is None:
        return desk
    owner = ResultsOwner(market_namespace(settings), account, stored_name(desk.file.name))
    results: PeriodResults = store.period_results(
        owner, role_configurations(desk.file, desk.team, desk.model, desk.seed)
    )
    if isinstance(tape, Recorder):
        results = RecordingPeriodResults(results, tape, run_id)
    return replace(desk, results=results)
