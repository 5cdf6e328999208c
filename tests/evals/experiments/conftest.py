"""Small experiments: written, run in this process, and read back."""

from dataclasses import dataclass, field

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from small_experiment import PLAIN


@dataclass
class Seen:
    """An ExperimentObserver that keeps what it receives, and interrupts after some units."""

    stop_after: int | None = None
    notices: list[str] = field(default_factory=list)
    progresses: list = field(default_factory=list)
    reused: int | None = None

    def notice(self, text):
        self.notices.append(text)

    def started(self, plan, reused):
        self.reused = reused

    def progress(self, progress):
        self.progresses.append(progress)
        if len(self.progresses) == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return load_settings({})


@pytest.fixture
def written(tmp_path):
    """Return a function that writes an experiment file, with parts of the plain one replaced."""

    def write(*changes, text=PLAIN, name="small.yaml"):
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load_experiment(str(path))

    return write


@pytest.fixture
def ran(settings, tmp_path):
    """Return a function that runs an experiment file; it returns the result and what the observer saw."""

    def run(file, *, output="runs", workers=1, kind=RunnerKind.LOCAL, stop_after=None):
        seen = Seen(stop_after)
        service = ExperimentService(settings, seen, output=tmp_path / output)
        return service.run(file, kind, workers), seen

    return run


@pytest.fixture
def without_time():
    """Return a function that removes from a metrics document what differs between repetitions."""

    def remove(document):
        return {name: value for name, value in document.items() if name != "started_at"}

    return remove
