"""The trials of an experiment: every arm that was ever evaluated on its window, kept in the state folder."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ..app.clock import now
from ..app.factories import DEMO
from ..app.settings import Settings, home
from .experiment import Experiment
from .run_folder import StoredExperiment
from .trial_log import FILE_NAME, Trial, TrialCount, TrialLog, TrialWindow

SOURCE = "run"


def log_trials(settings: Settings, run: StoredExperiment, sharpes: Mapping[str, float | None]) -> TrialCount:
    """Record the arms of a run with their Sharpe ratios per session, and return all trials on the run's window.

    An arm that was recorded before stays as it is.
    """
    window = trial_window(run)
    contents = {track.name: track.content for track in run.facts.tracks}
    with closing(TrialLog(home(settings) / FILE_NAME)) as log:
        for name, sharpe in sharpes.items():
            log.record(Trial(window, contents[name], name, SOURCE, sharpe, now()))
        return log.count(window)


def trial_window(run: StoredExperiment) -> TrialWindow:
    """Return the window of a run; the demo market of all seeds is one market, a folder is known by its name."""
    return TrialWindow(market_name(run.experiment), run.facts.sessions[0], run.facts.sessions[-1])


def market_name(experiment: Experiment) -> str:
    """Return the name of an experiment's market in the trial log."""
    market = experiment.market
    return market if market == DEMO else f"folder:{Path(market).name}"
