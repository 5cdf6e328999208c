"""Two runs compared as one: the arms of the second that the first does not have are added to it."""

from dataclasses import replace

from ..app.settings import Settings
from ..domain.errors import ConfigError
from ..reports.backtest_view import KnownWindow
from .experiment import CompareMetric
from .result import ExperimentResult, evaluate_units
from .run_folder import StoredExperiment


def joined_result(
    first: StoredExperiment,
    second: StoredExperiment,
    settings: Settings,
    *,
    metric: CompareMetric | None = None,
    against: str | None = None,
) -> ExperimentResult:
    """Return the evaluation of both runs; a track of the second run with a name of the first is called `name@run`.

    Raises ConfigError unless both have the same data, universe, window, seeds and account, or if the second run has no
    arm that the first does not have.
    """
    _check(first, second)
    known = {track.content for track in first.facts.tracks}
    names = {track.name for track in first.facts.tracks}
    added = {
        track.name: f"{track.name}@{second.facts.run_id}" if track.name in names else track.name
        for track in second.facts.tracks
        if track.content not in known
    }
    if not added:
        raise ConfigError(f"run {second.facts.run_id} has no arm that {first.facts.run_id} does not have")
    tracks = (
        *first.facts.tracks,
        *(replace(track, name=added[track.name]) for track in second.facts.tracks if track.name in added),
    )
    whole = replace(first, facts=replace(first.facts, tracks=tracks, known=_known(first, second)))
    with first.units() as store, second.units() as other:
        rows = [*store.planned()]
        rows += [replace(row, track=added[row.track]) for row in other.planned() if row.track in added]
        failures = {**other.failures(), **store.failures()}
        found = {row.key: record for row in rows if (record := store.find(row.key) or other.find(row.key)) is not None}
    return evaluate_units(whole, settings, rows, found, failures, metric=metric, against=against)


def _known(first: StoredExperiment, second: StoredExperiment) -> tuple[KnownWindow, ...]:
    return tuple({each.model: each for run in (first, second) for each in run.facts.known}.values())


def _check(first: StoredExperiment, second: StoredExperiment) -> None:
    one, other = first.experiment, second.experiment
    unequal = [
        name
        for name, equal in (
            ("data fingerprint", first.facts.fingerprint == second.facts.fingerprint),
            ("universe", first.facts.symbols == second.facts.symbols),
            ("window", one.window == other.window),
            ("seeds", set(one.seeds) == set(other.seeds)),
            ("account", one.account == other.account),
        )
        if not equal
    ]
    if unequal:
        raise ConfigError(
            f"runs {first.facts.run_id} and {second.facts.run_id} differ in {', '.join(unequal)}, so their arms cannot "
            "be paired; run both on the same"
        )
