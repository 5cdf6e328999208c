"""Small experiments of rules on the demo market, planned for an audit."""

import pytest
from openoutcry.evals.audit.subject import AuditSubject, no_adapter
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.plan import plan_experiment

TEXT = """
name: small
universe: [CALDR, HALDM]
window: {from: 2024-01-02, to: 2024-02-01}
seeds: [7]
account: {cash: 100000, margin: true, commission_bps: 1, slippage_bps: 2}
arms:
  debate: {desk: debate, model: rules}
  one: {desk: single_agent, model: rules}
"""


@pytest.fixture
def planned(settings, tmp_path):
    """Return a function that plans the experiment, with parts of its text replaced."""

    def plan(*changes):
        text = TEXT
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return plan_experiment(load_experiment(str(path)), settings, tmp_path / "runs")

    return plan


@pytest.fixture
def subject(planned):
    """Return a function that makes the subject of an audit."""

    def make(*changes, adapter=no_adapter, moments=4):
        return AuditSubject(planned(*changes), adapter, moments)

    return make
