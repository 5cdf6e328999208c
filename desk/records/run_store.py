"""The run store: every run, its finished model calls and its decision record, in SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from ...domain.decision import Decision
from ...domain.errors import ConfigError
from ...domain.ids import RunId
from ...llm.port import ModelCall
from ...storage.sqlite import enable_wal, storage_error
from .run_lease import RunLease
from .run_status import Status, check_transition

SCHEMA_VERSION = 2
"""1: runs are `running` or `done`. 2: any state of `Status`, and the request of every call. Rows of 1 stay readable."""
_META = MetaData()
_RUNS = Table(
    "runs",
    _META,
    Column("run_id", String, primary_key=True),
    Column("started_at", String, nullable=False),
    Column("ticker", String, nullable=False),
    Column("as_of", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("status", String, nullable=False),
    Column("outcome", String),
    Column("request", Text, nullable=False),
    Column("config_hash", String, nullable=False),
    Column("decision", Text),
)
_CALLS = Table(
    "calls",
    _META,
    Column("run_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("model", String, nullable=False),
    Column("reply", Text, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("wall_s", Float, nullable=False),
    Column("estimated", Boolean, nullable=False),
    Column("request", Text),
)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)
_CALL: TypeAdapter[ModelCall] = TypeAdapter(ModelCall)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of the list of runs. `request` holds the settings that the run was started with, as JSON text."""

    run_id: RunId
    started_at: datetime
    ticker: str
    as_of: datetime
    desk: str
    status: Status
    outcome: str | None
    request: str
    config_hash: str


_RUN: TypeAdapter[Run] = TypeAdapter(Run)
_RUN_COLUMNS = [column for column in _RUNS.c if column.name != "decision"]
_CALL_COLUMNS = [column for column in _CALLS.c if column.name != "run_id"]


class RunStore:
    """Keeps runs in one SQLite file; a row is durable against a killed process when the method returns."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError when it is no such store, or of a newer version."""
        self._path = path
        self._engine = _engine(path)
        try:
            self._prepare()
        except DatabaseError as error:
            raise storage_error("the run store", path, error.orig) from error

    def plan(self, run: Run) -> None:
        """Store a run before it begins."""
        with self._writing() as connection:
            connection.execute(insert(_RUNS), _RUN.dump_python(replace(run, status=Status.PLANNED), mode="json"))

    def begin(self, run: Run) -> None:
        """Store that a run begins; a planned run with the same id becomes this one."""
        values = _RUN.dump_python(replace(run, status=Status.RUNNING), mode="json")
        with self._writing() as connection:
            if self._status(connection, run.run_id) is Status.PLANNED:
                connection.execute(_RUNS.update().where(_RUNS.c.run_id == run.run_id).values(values))
            else:
                connection.execute(insert(_RUNS), values)

    def move(self, run_id: RunId, status: Status) -> None:
        """Store the next state of a run; raises ConfigError for an unknown run, ValueError for an impossible step."""
        self._update(run_id, status, {})

    def record(self, decision: Decision, status: Status) -> None:
        """Store the full decision record of a run that has begun, with the state that it reaches; raises as `move`."""
        text = _DECISION.dump_json(decision).decode()
        self._update(decision.run_id, status, {"outcome": decision.outcome, "decision": text})

    def finish(self, decision: Decision) -> None:
        """Store the full decision record of a run and close the run."""
        self.record(decision, Status.DONE)

    def runs(self, *, limit: int | None = None) -> tuple[Run, ...]:
        """Return the runs, newest first."""
        query = select(*_RUN_COLUMNS).order_by(_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_RUN.validate_python(row._asdict()) for row in connection.execute(query))

    def get(self, run_id: str) -> Run:
        """Return one run; raises ConfigError when there is none with that id."""
        run = self.find(run_id)
        if run is None:
            raise _unknown(run_id)
        return run

    def find(self, run_id: str) -> Run | None:
        """Return one run, or None when there is none with that id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_RUN_COLUMNS).where(_RUNS.c.run_id == run_id)).one_or_none()
        return None if row is None else _RUN.validate_python(row._asdict())

    def lease(self, run_id: str) -> RunLease:
        """Return the lease that a process holds while it works on a run."""
        return RunLease(self._path.absolute().parent / "leases", run_id)

    def current_status(self, run: Run) -> Status:
        """Return the state of a run; one that is stored as running, but that no process works on, is interrupted."""
        if run.status is Status.RUNNING and not self.lease(run.run_id).is_held:
            return Status.INTERRUPTED
        return run.status

    def decision(self, run_id: str) -> Decision | None:
        """Return the decision record of a run, or None while it has none; raises ConfigError for an unknown id."""
        self.get(run_id)
        return self.find_decision(run_id)

    def find_decision(self, run_id: str) -> Decision | None:
        """Return the decision record of a run, or None where there is no such run or it has none."""
        with self._engine.connect() as connection:
            record = connection.execute(select(_RUNS.c.decision).where(_RUNS.c.run_id == run_id)).scalar_one_or_none()
        return None if record is None else _DECISION.validate_json(record)

    def call_log(self, run_id: RunId) -> "RunCallLog":
        """Return the log of the finished model calls of one run."""
        return RunCallLog(self._engine, run_id)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _update(self, run_id: RunId, status: Status, values: Mapping[str, object]) -> None:
        with self._writing() as connection:
            before = self._status(connection, run_id)
            if before is None:
                raise _unknown(run_id)
            check_transition(run_id, before, status)
            connection.execute(_RUNS.update().where(_RUNS.c.run_id == run_id).values({**values, "status": status}))

    @staticmethod
    def _status(connection: Connection, run_id: RunId) -> Status | None:
        found = connection.execute(select(_RUNS.c.status).where(_RUNS.c.run_id == run_id)).scalar_one_or_none()
        return None if found is None else Status(found)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Write in one transaction; raises ConfigError, with nothing written, when the file does not take it."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise storage_error("the run store", self._path, error.orig) from error

    def _prepare(self) -> None:
        """Bring a new file, or one of an older version, to the present one; several processes may come at once."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > SCHEMA_VERSION:
                raise ConfigError(f"the run store {self._path} was written by a newer version; upgrade openoutcry")
            if version == 1:
                connection.exec_driver_sql("ALTER TABLE calls ADD COLUMN request TEXT")
            _META.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")


class RunCallLog:
    """The CallLog of one run: what was answered before the process was killed is not asked again."""

    def __init__(self, engine: Engine, run_id: RunId) -> None:
        self._engine, self._run_id = engine, run_id

    def find(self, key: str) -> ModelCall | None:
        query = select(*_CALL_COLUMNS).where(_CALLS.c.run_id == self._run_id, _CALLS.c.key == key)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _CALL.validate_python(row._asdict())

    def save(self, call: ModelCall) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(_CALLS).prefix_with("OR REPLACE"), asdict(call) | {"run_id": self._run_id})

    def calls(self) -> Sequence[ModelCall]:
        query = select(*_CALL_COLUMNS).where(_CALLS.c.run_id == self._run_id).order_by(_CALLS.c.role, _CALLS.c.key)
        with self._engine.connect() as connection:
            return [_CALL.validate_python(row._asdict()) for row in connection.execute(query)]


def _unknown(run_id: str) -> ConfigError:
    return ConfigError(f"there is no run {run_id!r}; `openoutcry runs list` shows those there are")


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool)

    @event.listens_for(engine, "connect")
    def _tune(connection: object, _: object) -> None:
        execute = connection.execute  # type: ignore[attr-defined]
        enable_wal(execute)
        for pragma in ("synchronous=NORMAL", "busy_timeout=10000"):
            execute(f"PRAGMA {pragma}")

    return engine
