"""Optimizations of the single agent's prompt on a falling symbol of the demo market, over a local endpoint."""

from dataclasses import dataclass, field

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.optimize.optimization_service import OptimizationService
from openoutcry.evals.optimize.request import OptimizeMethod, OptimizeOptions
from openoutcry.llm.budget import BudgetCaps
from stub.server import StubServer

TEXT = """
name: tuned
universe: [HALDM]
tuning: {from: 2025-02-03, to: 2025-02-24}
window: {from: 2025-03-03, to: 2025-03-07}
seeds: [7]
account: {cash: 100000, margin: true}
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
"""


@dataclass
class Seen:
    """An OptimizationObserver that keeps what it receives, and interrupts after some proposals."""

    stop_after: int | None = None
    notices: list = field(default_factory=list)
    attempts: list = field(default_factory=list)

    def notice(self, text):
        self.notices.append(text)

    def started(self, plan, reused):
        pass

    def progress(self, progress):
        pass

    def tuning(self, request):
        pass

    def attempted(self, attempt, incumbent):
        self.attempts.append(attempt)
        if len(self.attempts) == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.fixture(scope="session")
def market_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("market-cache")


@pytest.fixture
def settings(tmp_path, monkeypatch, stub, market_cache):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(market_cache)
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.chdir(tmp_path)
    return load_settings({"base_url": stub.url})


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the experiment file, with parts replaced."""

    def write(*changes, text=TEXT, name="tuned.yaml"):
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return load_experiment(str(tmp_path / name))

    return write


@pytest.fixture
def optimized(settings, stub, tmp_path):
    """Return a function that runs an optimization with a responder; it returns the result and what was observed."""

    def run(
        file,
        desk,
        *,
        method="opro",
        proposals=3,
        max_calls=None,
        max_cost_usd=None,
        stop_after=None,
        output="runs",
        **options,
    ):
        stub.responder = desk
        seen = Seen(stop_after)
        caps = BudgetCaps(max_calls=max_calls, max_cost_usd=max_cost_usd)
        asked = OptimizeOptions(OptimizeMethod(method), proposals=proposals, caps=caps, **options)
        return OptimizationService(settings, seen, output=tmp_path / output).run(file, asked), seen

    return run
