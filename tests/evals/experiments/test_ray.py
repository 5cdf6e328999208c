"""The Ray runner: without Ray it says how to install it; on a local cluster it ends in the same metrics."""

import importlib.util
import os
import signal

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from openoutcry.evals.outputs import metrics_document
from openoutcry.evals.result import RunState
from small_experiment import Seen
from stub.server import StubServer

INSTALLED = importlib.util.find_spec("ray") is not None


@pytest.mark.skipif(INSTALLED, reason="Ray is installed")
def test_without_ray_the_installation_is_named(written, ran, tmp_path):
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[ray\]'"):
        ran(written(), kind=RunnerKind.RAY)
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(not INSTALLED, reason="Ray is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_which_the_workers_are_killed_ends_in_the_same_metrics(
    written, ran, settings, tmp_path, without_time
):
    import ray

    whole, _ = ran(written(), output="whole")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    killed = []

    class Killer:
        def notice(self, _text): ...

        def started(self, _plan, _reused): ...

        def progress(self, progress):
            if progress.done == 2:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)

    try:
        task = ray.remote(lambda: os.getpid())  # noqa: PLW0108 -- Ray accepts no builtin function
        worker = ray.get(task.remote())
        service = ExperimentService(settings, Killer(), output=tmp_path / "runs")
        result = service.run(written(), RunnerKind.RAY, 1)
    finally:
        ray.shutdown()
    assert killed == [worker]
    assert without_time(metrics_document(result)) == without_time(metrics_document(whole))


MODELS = """
name: models
universe: [CALDR, GRUND]
window: {from: 2025-03-03, to: 2025-03-04}
seeds: [7]
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
"""


@pytest.mark.skipif(not INSTALLED, reason="Ray is not installed")
@pytest.mark.filterwarnings("ignore")
def test_units_with_models_run_on_the_cluster_within_the_budget(written, tmp_path, monkeypatch, without_time):
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer() as stub:
        settings = load_settings({"base_url": stub.url})

        def ran(kind, output, *changes):
            service = ExperimentService(settings, Seen(), output=tmp_path / output)
            return service.run(written(*changes, text=MODELS), kind, 1)

        whole, calls = ran(RunnerKind.LOCAL, "local"), len(stub.requests)
        stub.requests.clear()
        ended = ran(RunnerKind.RAY, "ray", ("arms:", "budget: {max_calls: 3}\narms:"))
        assert ended.state is RunState.BUDGET_ENDED
        assert len(stub.requests) == 3
        found = ran(RunnerKind.RAY, "ray", ("arms:", "budget: {max_calls: 4}\narms:"))
        assert found.state is RunState.COMPLETE
        assert len(stub.requests) == calls == 4
    assert without_time(metrics_document(found)) == without_time(metrics_document(whole))
