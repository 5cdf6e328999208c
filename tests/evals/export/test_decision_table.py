"""The decisions of a run as a Parquet file, with the extra, and what is said without it."""

import importlib.util
import json
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.decision_table import decision_lines, write_decisions
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from small_experiment import PLAIN, Seen

INSTALLED = importlib.util.find_spec("pyarrow") is not None


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    (folder / "x.yaml").write_text(PLAIN.replace("2024-01-31", "2024-01-05"), encoding="utf-8")
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setenv("OPENOUTCRY_HOME", str(folder / "home"))
        service = ExperimentService(load_settings({}), Seen(), output=folder / "runs")
        return service.run(load_experiment(str(folder / "x.yaml")), RunnerKind.LOCAL, 1).run


def test_every_decision_is_a_line_with_its_arm_and_seed(run):
    lines = [json.loads(line) for line in decision_lines(run)]
    assert len(lines) == len(run.facts.tracks) * len(run.facts.symbols) * len(run.facts.sessions)
    assert {line["schema"] for line in lines} == {"openoutcry.experiment-decision/1"}
    assert len({(line["arm"], line["seed"], line["symbol"], line["session"]) for line in lines}) == len(lines)


@pytest.mark.skipif(INSTALLED, reason="pyarrow is installed")
def test_without_the_extra_the_installation_is_named_and_no_file_is_written(run, tmp_path):
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[parquet\]'"):
        write_decisions(run, tmp_path / "decisions.parquet")
    assert not list(tmp_path.iterdir())
    assert not (run.folder / "decisions.parquet").exists()


def test_the_parquet_file_holds_the_same_decisions_with_types(run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "decisions.parquet"
    assert write_decisions(run, path) == len(list(decision_lines(run)))
    rows = parquet.read_table(path).to_pylist()
    assert isinstance(rows[0]["session"], date)
    assert isinstance(rows[0]["cost_usd"], Decimal)
    plain = [json.loads(line) for line in decision_lines(run)]
    same = ("arm", "seed", "run_id", "symbol", "outcome", "opened", "rejected", "conviction", "forward_return")
    assert [{name: row[name] for name in same} for row in rows] == [{name: row[name] for name in same} for row in plain]
    assert set(plain[0]) == set(rows[0])
    assert (run.folder / "decisions.parquet").read_bytes() == path.read_bytes()
