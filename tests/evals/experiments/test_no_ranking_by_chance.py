"""Over random results: no table ranks arms whose interval spans zero, and no comparison is shown without its basis."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openoutcry.app.settings import load_settings
from openoutcry.cli.console.experiment import print_comparison
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from openoutcry.evals.outputs import comparison_section, metrics_document
from openoutcry.evals.result import evaluate_units
from openoutcry.evals.statistics.bootstrap import ConfidenceInterval
from openoutcry.evals.statistics.comparison import ArmComparison, ArmVerdict, judge
from openoutcry.evals.statistics.pairing import SeedSpread
from openoutcry.evals.view import view_of
from openoutcry.reports.experiment_report import experiment_html
from small_experiment import PLAIN, Seen

RANKS = {"better", "worse"}
BASIS = ("Costs: 1 bp commission", "Trials: ", "Knowledge cut-off: ", "Data fingerprint: ")
INTERVAL = re.compile(r"\[([+-][\d.,]+)%, ([+-][\d.,]+)%\]")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Run a small experiment once; its records are then given random equity."""
    folder = tmp_path_factory.mktemp("run")
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setenv("OPENOUTCRY_HOME", str(folder / "home"))
        settings = load_settings({})
        text = PLAIN.replace("to: 2024-01-31", "to: 2024-02-16")
        (folder / "x.yaml").write_text(text, encoding="utf-8")
        service = ExperimentService(settings, Seen(), output=folder / "runs")
        run = service.run(load_experiment(str(folder / "x.yaml")), RunnerKind.LOCAL, 1).run
        with run.units() as store:
            rows = store.planned()
            found = {row.key: store.find(row.key) for row in rows}
    return run, settings, rows, found


def random_result(stored, seed, drift, spread, shared):
    """Return the evaluation with random walks: `drift` of the arm, common moves with weight `shared`."""
    run, settings, rows, found = stored
    chance, records = np.random.default_rng(seed), {}
    common = chance.standard_normal(len(run.facts.sessions))
    for row in rows:
        own = chance.standard_normal(len(common))
        steps = spread * (shared * common + (1 - shared) * own) + (drift if row.track == "debate" else 0.0)
        equity = np.maximum(1, 10_000_000 * np.cumprod(1 + np.clip(steps, -0.5, 0.5))).astype(int).tolist()
        records[row.key] = replace(found[row.key], equity=tuple(equity))
    return evaluate_units(run, settings, rows, records, {})


def rows_of(text):
    table = [line.split("\t") for line in text.splitlines() if "\t" in line]
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


@given(
    seed=st.integers(0, 10_000),
    drift=st.sampled_from([0.0, 0.0005, -0.002, 0.01, -0.02]),
    spread=st.sampled_from([0.0, 1e-7, 0.002, 0.02, 0.2]),
    shared=st.sampled_from([0.0, 0.5, 0.99, 1.0]),
)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_table_ranks_arms_whose_interval_spans_zero(stored, capsys, seed, drift, spread, shared):
    result = random_result(stored, seed, drift, spread, shared)
    view = view_of(result)
    capsys.readouterr()
    print_comparison(view)
    printed = capsys.readouterr().out
    rows = rows_of(printed)
    assert [row["arm"] for row in rows] == ["debate", "buy_and_hold", "cash"]
    for row, shown in zip(rows, view.differences, strict=True):
        ends = INTERVAL.fullmatch(row["95% interval"])
        assert ends is not None or row["95% interval"] == "n/a"
        if row["verdict"] in RANKS:
            assert shown.low > 0 or shown.high < 0
            assert shown.p_value <= 0.05
            assert (row["verdict"] == "better") is (shown.low > 0)
    for each in comparison_section(result)["arms"]:
        if each["verdict"] in RANKS:
            assert each["interval"][0] * each["interval"][1] > 0
    for text in (printed, experiment_html(view)):
        assert all(words in text for words in BASIS)
    assert "nan" not in printed.lower()
    json.dumps(metrics_document(result), allow_nan=False, default=str)


def test_the_random_results_reach_every_kind_of_verdict(stored):
    cases = ((0.0, 0.0), (0.01, 0.002), (-0.02, 0.002), (0.0, 0.02))
    found = {random_result(stored, 1, drift, spread, 0.5).comparisons[-1].verdict for drift, spread in cases}
    assert found == {"identical", "better", "worse", "no_difference"}


def test_a_section_of_comparisons_has_everything_that_it_rests_on(stored):
    section = comparison_section(random_result(stored, 1, 0.0, 0.02, 0.5))
    assert {"confidence", "trials", "costs", "knowledge", "fingerprint", "accounts", "dropped", "notes"} <= set(section)
    assert all(len(each["interval"]) == 2 for each in section["arms"])


@given(
    ends=st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)).map(sorted),
    p_value=st.sampled_from([0.0, 0.001, 0.05, 0.051, 1.0]),
)
def test_an_interval_that_spans_zero_gives_no_rank_whatever_the_p_value(ends, p_value):
    low, value, high = ends
    given_one = ArmComparison(
        arm="one",
        against="other",
        verdict=ArmVerdict.NO_DIFFERENCE,
        pairs=50,
        sessions=50,
        unpaired=0,
        interval=ConfidenceInterval(value, low, high),
        p_value=p_value,
        adjusted_p_value=None,
        block=1,
        power=None,
        seeds=SeedSpread({}, None),
    )
    [judged] = judge([given_one], 0.95)
    assert (judged.verdict in RANKS) is ((low > 0 or high < 0) and p_value <= 0.05)
