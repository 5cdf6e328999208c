"""Recorded runs: what a run starts from, and its tape."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from .. import __version__
from ..desk.records.run_store import Run
from ..domain.account import Account
from ..domain.decision import Decision
from ..domain.errors import ConfigError
from ..domain.ids import RunId, Symbol
from ..llm.port import ModelCall
from ..llm.recording import FILE_NAME, RecordedRun, RecordingMode, RecordingStore
from ..llm.replay import Player, Recorder, Tape
from ..memory.journal.journal import FILE as JOURNAL
from ..memory.journal.journal import MemoryJournal
from ..memory.journal.snapshot import copy_journal
from ..storage.expansion import CorruptCompression, ExpandedTooLarge, inflate
from .recorded_convictions import convictions_before
from .recorded_inputs import (
    OWN_ACCOUNT,
    BookMember,
    RunInputs,
    RunOrigin,
    decision_type,
    decisions_of,
    decisions_type,
    inputs_of,
    inputs_type,
    settings_of,
)
from .settings import Settings, home

SQLITE_BEGINNING = b"SQLite format 3\0"
"""How every database of SQLite begins; an empty file would become one by being opened."""
NOT_RECORDED = (
    "`openoutcry decide TICKER --record` records one; a backtest or session is repeated by its own command with "
    "--replay instead of --record, the same settings and base URL"
)
"""The remedy for a run that is not recorded."""


def open_recordings(settings: Settings) -> RecordingStore:
    """Open the recordings in the home folder."""
    return RecordingStore(home(settings) / FILE_NAME)


def open_file(path: Path) -> RecordingStore:
    """Open an exported recording; raises ConfigError if there is no such file, or it is of another kind."""
    if not path.is_file():
        raise ConfigError(f"there is no recording {path}; `openoutcry runs export RUN --file {path}` writes one")
    try:
        with path.open("rb") as file:
            beginning = file.read(len(SQLITE_BEGINNING))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if beginning != SQLITE_BEGINNING:
        raise ConfigError(f"{path} is not a recording; `openoutcry runs export RUN --file FILE` writes one")
    return RecordingStore(path)


def begin_recording(
    settings: Settings,
    store: RecordingStore,
    runs: Sequence[Run],
    accounts: Sequence[Account],
    origin: RunOrigin = OWN_ACCOUNT,
) -> Recorder:
    """Store what a run starts from, and return the recorder of its calls; a run over a book is that of its first.

    A run that was begun before keeps what it started from.
    """
    run = runs[0]
    past = convictions_before(settings, run.as_of) if origin.past is None else origin.past
    others = tuple(
        BookMember(each.run_id, Symbol(each.ticker), own) for each, own in zip(runs[1:], accounts[1:], strict=True)
    )
    inputs = RunInputs(
        run.request, Symbol(run.ticker), run.as_of, accounts[0], settings.attempt, past, others,
        origin.learning, origin.owner, origin.remembers,
    )  # fmt: skip
    text = inputs_type().dump_json(inputs).decode()
    store.begin(RecordedRun(run.run_id, __version__, text, _memory_head(settings)))
    return Recorder(store, run.run_id, reuse=settings.recording is RecordingMode.AUTO)


class RunRecording:
    """The tape of a run according to its settings: a recorder, a player, or none. It is a context manager."""

    def __init__(
        self,
        settings: Settings,
        runs: Sequence[Run],
        accounts: Sequence[Account],
        calls: Sequence[ModelCall],
        origin: RunOrigin = OWN_ACCOUNT,
    ) -> None:
        """Open the tape; several runs are one run over a book.

        With a player, `calls`, those that the run has finished before, count as replayed.
        """
        self.tape: Tape | None = None
        self._store: RecordingStore | None = None
        if settings.replay is not None:
            player, _ = open_player(settings, settings.replay)
            for call in calls:
                player.skip(call.key)
            self.tape = player
        elif settings.recording is not RecordingMode.OFF:
            self._store = open_recordings(settings)
            self.tape = begin_recording(settings, self._store, runs, accounts, origin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._store is not None:
            self._store.close()

    def learned(self) -> None:
        """End the step of learning; raises ReplayMismatch if a replayed one asked for what was not recorded."""
        if isinstance(self.tape, Player):
            self.tape.check_asked()

    def finish(self, decisions: Sequence[Decision]) -> None:
        """Store the recorded decisions; raises ReplayMismatch if a replayed run did not make the recorded calls."""
        if isinstance(self.tape, Player):
            self.tape.check()
        if self._store is not None:
            first, *others = decisions
            text = decisions_type().dump_json(tuple(decisions)) if others else decision_type().dump_json(first)
            self._store.finish(first.run_id, text.decode())


class TrainingRecording:
    """The tape of a training or a warm-up, whose calls are recorded under `run_id`. It is a context manager."""

    def __init__(self, settings: Settings, run_id: RunId, calls: Sequence[ModelCall]) -> None:
        """Open the tape; with a player, `calls`, those that were finished before, count as replayed."""
        self.tape: Tape | None = None
        self._store: RecordingStore | None = None
        if settings.replay is None and settings.recording is RecordingMode.OFF:
            return
        self._store = open_recordings(settings)
        if settings.replay is None:
            self.tape = Recorder(self._store, run_id, reuse=settings.recording is RecordingMode.AUTO)
            return
        self.tape = Player(self._store.entries(run_id), f"the recording of {run_id}")
        for call in calls:
            self.tape.skip(call.key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._store is not None:
            self._store.close()

    def finish(self) -> None:
        """End the training; raises ReplayMismatch if a replayed one differs from the recorded one."""
        if isinstance(self.tape, Player):
            self.tape.check()


def with_recorded_model(settings: Settings) -> Settings:
    """Return the settings with the models of the run to replay, unless they name models themselves."""
    if settings.replay is None or settings.model or settings.deep_model:
        return settings
    stored = settings_of(inputs_of(open_player(settings, settings.replay)[1]))
    return settings.model_copy(update={name: stored[name] for name in ("model", "deep_model")})


def find_run(store: RecordingStore, name: str) -> RecordedRun:
    """Return a recorded run by its id, a unique beginning of it, or `latest`; raises ConfigError without one."""
    if (exact := store.find(name)) is not None:
        return exact
    runs = store.runs()
    found: Sequence[RecordedRun] = runs[-1:] if name == "latest" else [r for r in runs if r.run_id.startswith(name)]
    if len(found) == 1:
        return found[0]
    problem = "is the beginning of several recorded runs" if found else "is not a recorded run"
    raise ConfigError(f"{name!r} {problem}; {NOT_RECORDED}")


def open_player(settings: Settings, source: str) -> tuple[Player, RecordedRun]:
    """Return the player of a recorded run, and the run; `source` is a run of the home folder or an exported file."""
    if Path(source).is_file():
        store = open_file(Path(source))
        runs = store.runs()
        if len(runs) != 1:
            raise ConfigError(f"{source} holds {len(runs)} runs; import it, and replay one of them by its id")
        run = runs[0]
    else:
        store = open_recordings(settings)
        run = find_run(store, source)
    player = Player(store.entries(run.run_id), f"the recording of {run.run_id}")
    store.close()
    return player, run


def export_run(settings: Settings, name: str, target: Path) -> RunId:
    """Write one recorded run, with the memory that it could read, to a new file; raises ConfigError if it exists."""
    if target.exists():
        raise ConfigError(f"{target} exists already; choose another file")
    store = open_recordings(settings)
    run = find_run(store, name)
    decisions_of(run)
    copy = RecordingStore(target)
    copy.begin(replace(run, memory=_memory_bytes(settings, run)))
    copy.save(run.run_id, store.entries(run.run_id))
    copy.close()
    store.close()
    return RunId(run.run_id)


def import_runs(settings: Settings, source: Path) -> tuple[RunId, ...]:
    """Add the runs of an exported file to the home folder, and return their ids.

    Raises ConfigError if the file is no recording, or holds a run that cannot be read or was changed.
    """
    given, store = open_file(source), open_recordings(settings)
    runs = given.runs()
    for run in runs:
        inputs_of(run)
        decisions_of(run)
        _check_memory(run)
        entries = given.entries(run.run_id)
        if (known := store.find(run.run_id)) is not None and known.decision != run.decision:
            raise ConfigError(f"run {run.run_id} is recorded here with another decision; nothing was imported")
        store.save(run.run_id, entries)
        store.begin(run)
    given.close()
    store.close()
    return tuple(RunId(run.run_id) for run in runs)


def restore_memory(settings: Settings, run: RecordedRun, folder: Path) -> None:
    """Write the memory that a recorded run could read to `folder`; nothing if it had none."""
    if run.memory is not None:
        folder.mkdir(parents=True)
        with (folder / JOURNAL).open("wb") as journal:
            journal.writelines(_memory_pieces(run))
    elif run.memory_head is not None:
        copy_journal(settings.home / "memory", folder, run.memory_head)


def _memory_pieces(run: RecordedRun) -> Iterator[bytes]:
    """Yield the memory journal that is stored in a run; raises ConfigError if it is damaged or too large."""
    try:
        yield from inflate(run.memory or b"")
    except (CorruptCompression, ExpandedTooLarge) as error:
        raise ConfigError(f"the memory stored in run {run.run_id} cannot be read: {error}") from error


def _check_memory(run: RecordedRun) -> None:
    if run.memory is not None:
        for _ in _memory_pieces(run):
            pass


def _memory_head(settings: Settings) -> int | None:
    folder = settings.home / "memory"
    if not (folder / JOURNAL).exists():
        return 0 if settings.remember else None
    journal = MemoryJournal(folder)
    try:
        return journal.head()
    finally:
        journal.close()


def _memory_bytes(settings: Settings, run: RecordedRun) -> bytes | None:
    if run.memory is not None or not run.memory_head:
        return run.memory
    with TemporaryDirectory() as folder:
        copy_journal(settings.home / "memory", Path(folder), run.memory_head)
        return zlib.compress((Path(folder) / JOURNAL).read_bytes())
