"""The units of an experiment: arms and baselines on every symbol or on the book, with every seed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from .. import __version__
from ..app.backtest_request import BacktestRequest, check_request, common_calendar
from ..app.clock import now
from ..app.factories import DEMO, LIVE, choose_model
from ..app.settings import Settings
from ..desk.backtest import sessions_to_decide
from ..desk.records.provenance import digest
from ..desk.strategies.catalog import MATCHED_BASELINE, PORTFOLIO_BASELINES
from ..desk.strategies.portfolio_weights import check_skfolio
from ..desk.training import is_trained
from ..domain.errors import ConfigError, OpenOutcryError
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_sections import WarmUp
from ..llm.pricing import check_priced, price_table
from ..market.source import MarketSource
from .arms import ExperimentArm, resolve_arms
from .experiment import DESK_BASELINES, AccountScope
from .experiment_file import ExperimentFile
from .tuned_prompts import check_tuning
from .unit import PlannedUnit, experiment_rules, unit_key
from .unit_run import unit_market
from .universe import check_universe, universe_notes, universe_of

SAMPLED_BARS = 60
UNCHARGED = {"charge_tokens"}
"""Keys of an account that do not change what is run."""
JUDGED: dict[str, bool | set[str]] = {
    **dict.fromkeys(("description", "compare", "budget", "allow_identical"), True),
    "account": UNCHARGED,
}
"""Keys of an experiment that do not change what is run, so that a run is continued when they change."""


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    """One arm or baseline; `arm` is None for a baseline without agents."""

    name: str
    arm: ExperimentArm | None

    @property
    def content(self) -> str:
        """Return what the key of a unit holds for this track."""
        return f"baseline {self.name}" if self.arm is None else self.arm.content.hash


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """A checked experiment.

    Attributes:
        run_id: derived from everything that the results depend on.
        tracks: arms first, then baselines.
        sessions: the sessions of the window.
        fingerprints: fingerprint of the market data by seed.
        notes: sentences that are shown with every comparison.
        units: all units, ordered by seed, symbol and track.
    """

    run_id: str
    file: ExperimentFile
    folder: Path
    tracks: tuple[PlannedTrack, ...]
    symbols: tuple[Symbol, ...]
    sessions: tuple[date, ...]
    fingerprints: Mapping[int, str]
    synthetic: bool
    notes: tuple[str, ...]
    units: tuple[PlannedUnit, ...] = field(repr=False)

    @property
    def arms(self) -> tuple[ExperimentArm, ...]:
        """Return the arms of the file, without baselines."""
        return tuple(each.arm for each in self.tracks if each.arm is not None and each.name not in DESK_BASELINES)

    @property
    def fingerprint(self) -> str:
        """Return one fingerprint of the data of all seeds."""
        return digest(sorted(self.fingerprints.items()))


def plan_experiment(file: ExperimentFile, base: Settings, runs: Path) -> ExperimentPlan:
    """Return the checked experiment, to be stored in a folder inside `runs`.

    Raises ConfigError for what the file asks and cannot have, NoData if the market lacks bars in the window.
    """
    experiment = file.experiment
    if PORTFOLIO_BASELINES & set(experiment.baselines):
        check_skfolio()
    arms = resolve_arms(file, base)
    check_tuning(file, arms)
    _check_prices(file, arms)
    settings = arms[0].settings
    if experiment.market == LIVE:
        raise ConfigError(
            f"experiment file {file.path}: market: an experiment needs data that do not change; write a folder with "
            "openoutcry data snapshot and name it"
        )
    sources = {seed: _market(settings, seed, file) for seed in experiment.seeds}
    first = next(iter(sources.values()))
    symbols = universe_of(file, settings, first)
    notes = (*universe_notes(experiment, first), *_untrained(file, arms))
    try:
        sessions, calendar = _checked(file, symbols, sources, settings)
    except ConfigError as error:
        raise ConfigError(f"experiment file {file.path}: {error}") from error
    tracks = _tracks(file, arms)
    prints = {seed: fingerprint(settings, seed, source, symbols, sessions[-1]) for seed, source in sources.items()}
    asked = experiment.model_dump(mode="json", exclude=JUDGED)
    planned = [track.content for track in tracks], symbols, prints, asked
    name = f"{experiment.name}-{digest([__version__, planned])[:8]}"
    folder = runs / name
    synthetic = all(source.synthetic for source in sources.values())
    units = _units(file, tracks, symbols, prints, calendar, folder)
    return ExperimentPlan(name, file, folder, tracks, symbols, sessions, prints, synthetic, notes, tuple(units))


def fingerprint(settings: Settings, seed: int, source: MarketSource, symbols: Sequence[Symbol], last: date) -> str:
    """Return a hash of the market data.

    For a folder it covers the content of every file, for the demo market its seed, the program's version and the last
    bars of every symbol.
    """
    if settings.market != DEMO:
        return _folder_hash(settings.market)
    until = trading_calendar(source.calendar_name(symbols[0])).close(last)
    bars = [repr(source.bars(symbol, Interval.DAY, until=until, count=SAMPLED_BARS)) for symbol in symbols]
    return digest([DEMO, seed, __version__, bars])


def _check_prices(file: ExperimentFile, arms: Sequence[ExperimentArm]) -> None:
    """Raise ConfigError if model calls are charged and the price of a model is not known."""
    if not file.experiment.account.charge_tokens:
        return
    for arm in arms:
        choice = choose_model(arm.settings)
        try:
            check_priced([name for name in (choice.quick, choice.deep) if name], price_table(arm.settings.prices))
        except ConfigError as error:
            raise ConfigError(
                f"experiment file {file.path}: account.charge_tokens: arms.{arm.name}: {error}"
            ) from error


def _folder_hash(folder: str) -> str:
    whole = hashlib.sha256()
    for path in sorted(each for each in Path(folder).iterdir() if each.is_file()):
        whole.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:16]


def _market(settings: Settings, seed: int, file: ExperimentFile) -> MarketSource:
    try:
        return unit_market(_seeded(settings, seed), seed, file.experiment.window.last)
    except OpenOutcryError as error:
        if isinstance(error, ConfigError):
            raise ConfigError(f"experiment file {file.path}: market: {error}") from error
        raise


def _seeded(settings: Settings, seed: int) -> str:
    return settings.model_copy(update={"seed": seed, "demo_seed": seed}).model_dump_json()


def _checked(
    file: ExperimentFile, symbols: tuple[Symbol, ...], sources: Mapping[int, MarketSource], settings: Settings
) -> tuple[tuple[date, ...], str]:
    """Return the sessions of the window and the name of the calendar, after all checks."""
    experiment, asked, window = file.experiment, file.experiment.account, file.experiment.window
    sessions, calendar = tuple[date, ...](), ""
    for source in sources.values():
        check_universe(experiment, symbols, source, settings)
        calendar = common_calendar(source, symbols, settings)
        rules = experiment_rules(asked, calendar)
        request = BacktestRequest(symbols, window.first, window.last, window.every, asked.cash, asked.currency, rules)
        sessions = check_request(request, source, now())
    deciding = sessions_to_decide(trading_calendar(calendar), sessions, window.every)
    if len(deciding) <= window.warm_up:
        raise ConfigError(
            f"window: it has {len(deciding)} deciding sessions and warm_up {window.warm_up} leaves none to count; give "
            "a longer window or a shorter warm_up"
        )
    return sessions, calendar


def _tracks(file: ExperimentFile, arms: Sequence[ExperimentArm]) -> tuple[PlannedTrack, ...]:
    by_name = {arm.name: arm for arm in arms}
    return tuple(PlannedTrack(name, by_name.get(name)) for name in (*file.experiment.arms, *file.experiment.baselines))


def _units(
    file: ExperimentFile,
    tracks: Sequence[PlannedTrack],
    symbols: tuple[Symbol, ...],
    prints: Mapping[int, str],
    calendar: str,
    folder: Path,
) -> Iterator[PlannedUnit]:
    whole = file.experiment.account.scope is AccountScope.BOOK
    accounts = [symbols] if whole else [(symbol,) for symbol in symbols]
    default = next(track.arm for track in tracks if track.arm is not None)
    for seed, data in prints.items():
        for held in accounts:
            reference = _unit(file, _reference(file, tracks), default, held, seed, data, calendar, folder)
            for track in tracks:
                unit = _unit(file, track, track.arm or default, held, seed, data, calendar, folder)
                yield _matched(unit, reference) if track.name == MATCHED_BASELINE else unit


def _reference(file: ExperimentFile, tracks: Sequence[PlannedTrack]) -> PlannedTrack:
    """Return the arm whose turnover the random baseline has: the one compared with, or the first."""
    arms = [track for track in tracks if track.arm is not None]
    return next((track for track in arms if track.name == file.experiment.against), arms[0])


def _matched(unit: PlannedUnit, reference: PlannedUnit) -> PlannedUnit:
    return replace(unit, key=digest([unit.key, reference.key]), like=reference.key)


def _unit(
    file: ExperimentFile,
    track: PlannedTrack,
    arm: ExperimentArm,
    symbols: tuple[Symbol, ...],
    seed: int,
    data: str,
    calendar: str,
    folder: Path,
) -> PlannedUnit:
    window, account = file.experiment.window, file.experiment.account
    labelled, trained = _labelled_from(file, track), _trained_from(file, track)
    shown: list[object] = [window.first, window.last, window.every, *([] if labelled is None else [labelled])]
    shown += [] if trained is None else ["trained_from", trained]
    shown += ["learns"] if track.arm is not None and track.arm.settings.remember else []
    key = unit_key(track.content, symbols, seed, shown, account.model_dump(mode="json", exclude=UNCHARGED), data)
    return PlannedUnit(
        key=key,
        track=track.name,
        baseline=track.name if track.arm is None else None,
        symbols=symbols,
        seed=seed,
        first=window.first,
        last=window.last,
        every=window.every,
        account=account,
        calendar=calendar,
        settings=_seeded(arm.settings, seed),
        memory=arm.spec.memory if track.arm is not None else "none",
        has_model=track.arm is not None and arm.has_model,
        folder=folder / "arms" / track.name / key,
        labelled_from=labelled,
        trained_from=trained,
        warm_up=window.warm_up,
    )


def _labelled_from(file: ExperimentFile, track: PlannedTrack) -> date | None:
    """Return the first day of the labelled warm-up of a track's memory; None if it has no memory to fill so."""
    arm = track.arm
    asks = arm is not None and arm.spec.memory != "none" and arm.desk.memory.warmup is WarmUp.LABELLED
    return file.experiment.window.labelled_from if asks else None


def _untrained(file: ExperimentFile, arms: Sequence[ExperimentArm]) -> tuple[str, ...]:
    """Return a sentence on each arm whose desk learns in a training that the window does not have."""
    if file.experiment.window.trained_from is not None:
        return ()
    missing = "its desk learns in a training, and window.trained_from is not given"
    return tuple(f"Arm {arm.name} is untrained: {missing}." for arm in arms if arm.has_model and is_trained(arm.desk))


def _trained_from(file: ExperimentFile, track: PlannedTrack) -> date | None:
    """Return the first day of the training of a track's desk; None if a model does not answer or it has no training."""
    arm = track.arm
    asks = arm is not None and arm.has_model and is_trained(arm.desk)
    return file.experiment.window.trained_from if asks else None
