"""Small experiments: written, run in this process, and read back."""

import pytest
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from small_experiment import PLAIN, Seen


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
