"""The report of an experiment: everything is escaped, nothing is loaded, and every comparison has its interval."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.reports.backtest_view import KnownWindow
from openoutcry.reports.experiment_report import experiment_html, write_experiment_report
from openoutcry.reports.experiment_tables import (
    NUMBERS,
    PERCENTS,
    basis_sentences,
    cutoff_marks,
    difference_table,
    figure_table,
    power_sentences,
)
from openoutcry.reports.experiment_view import (
    ArmView,
    CalibrationPoint,
    CheckView,
    DifferenceView,
    ExampleView,
    ExperimentView,
    PromptChangeView,
    SeedRange,
)

DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5))
FIGURES = {*PERCENTS.values(), *NUMBERS.values()}


def arm(name, *, is_arm=True, figures=None):
    return ArmView(
        name=name,
        is_arm=is_arm,
        desk="debate",
        model="rules",
        sessions=DAYS,
        equity=(100.0, 101.0, 99.0),
        drawdown=(0.0, 0.0, -0.0198),
        net=(0.1, 0.2, 0.1),
        gross=(0.3, 0.2, 0.1),
        figures=dict.fromkeys(FIGURES, SeedRange(None, None, None)) | (figures or {}),
        costs=12.5,
        deflated=0.6 if is_arm else None,
        by_symbol={"AAA": 0.01},
        by_year={"2025": -0.01},
        outcomes={"hold": 3},
        rejected=0,
        forecasts=4,
        brier=0.25,
        calibration_error=0.1,
        calibration=(CalibrationPoint(4, 0.6, 0.5),),
        model_calls=7,
        tokens=900,
        cost_usd=None,
    )


def difference(**changes):
    plain = DifferenceView(
        arm="<b>new</b>",
        against="old",
        verdict="no difference shown",
        proven=False,
        difference=0.001,
        low=-0.001,
        high=0.003,
        p_value=0.4,
        pairs=6,
        sessions=3,
        detectable=0.004,
        sessions_needed=1_234,
        seeds_needed=None,
        by_seed={7: -0.001, 11: 0.003},
    )
    return replace(plain, **changes)


def view(**changes):
    plain = ExperimentView(
        run_id="x-1",
        name="x",
        description="Is <i>new</i> better?",
        version="1",
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        complete=True,
        state="All units are finished.",
        synthetic=False,
        market="demo",
        fingerprint="abc123",
        symbols=("AAA",),
        first=DAYS[0],
        last=DAYS[-1],
        sessions=3,
        every="day",
        warm_up=0,
        seeds=(7, 11),
        costs="1 bp commission",
        currency="USD",
        metric="net return",
        against="old",
        confidence=0.9,
        periods=252,
        trials=5,
        accounts=2,
        dropped=1,
        known=(),
        arms=(arm("<b>new</b>"), arm("old"), arm("cash", is_arm=False)),
        differences=(difference(),),
        best=(ExampleView("old", 7, "r-1", DAYS[0], "AAA", 0.5, 0.1, "<script>bad</script>", '{"a": "<script>"}'),),
        worst=(),
        prompt_changes=(PromptChangeView("new", "old", "trader", "-a <x>\n+b"),),
        checks=(CheckView("costs", "warning", "Commission is 0 & more"),),
        failures=(("old on AAA, seed 7", "the <endpoint> was down"),),
    )
    return replace(plain, **changes)


def test_the_page_escapes_every_text_and_loads_nothing():
    page = experiment_html(view())
    for text in ("<b>new", "<i>new", "<script>", "<x>", "<endpoint>"):
        assert text not in page
    assert "default-src 'none'" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
    for part in ("comparison", "equity", "figures", "costs", "calibration", "symbols", "years", "prompts", "checks"):
        assert f'id="{part}"' in page
    assert "&lt;script&gt;" in page
    assert "Commission is 0 &amp; more" in page


def test_a_page_without_a_comparison_says_why():
    page = experiment_html(view(arms=(), differences=(), complete=False, state="Nothing was finished."))
    assert "Nothing was finished." in page
    assert 'id="figures"' not in page


def test_a_comparison_states_costs_trials_accounts_cut_offs_and_data():
    said = " ".join(basis_sentences(view()))
    for words in (
        "1 bp commission",
        "5 variants were tried",
        "2 compared; 1 more were left out",
        "abc123",
        "rules decide",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (KnownWindow("m", None, "", None), "that of m is not known"),
        (KnownWindow("m", date(2025, 3, 3), "vendor", 1), "1 of 3 sessions lie before that of m (2025-03-03)"),
        (KnownWindow("m", date(2024, 3, 3), "vendor", 0), "the whole window lies after that of m (2024-03-03)"),
    ],
)
def test_the_knowledge_cut_off_is_marked(window, said):
    [sentence] = cutoff_marks(view(known=(window,)))
    assert said in sentence


def test_differences_are_scaled_to_a_year_and_undefined_ones_are_not_numbers():
    table = difference_table(view(differences=(difference(), difference(difference=None, low=None, high=None))))
    first, second = (dict(zip(table.headings, row, strict=True)) for row in table.rows)
    assert (first["difference a year"], first["90% interval"]) == ("+25.20%", "[-25.20%, +75.60%]")
    assert first["by seed"] == "-25.20% to +75.60%"
    assert (second["difference a year"], second["90% interval"]) == ("n/a", "n/a")


def test_what_would_settle_an_open_difference_is_said_and_a_proven_one_needs_nothing():
    [said] = power_sentences(view())
    assert "below 100.80% a year would not have been found" in said
    assert "about 1,234 sessions at 80 % power" in said
    assert power_sentences(view(differences=(difference(proven=True),))) == []


def test_a_figure_of_several_seeds_is_given_with_its_range():
    wide = arm("wide", figures={"sharpe": SeedRange(1.0, 0.5, 1.5), "total_return": SeedRange(0.1, 0.1, 0.1)})
    rows = {row[0]: row[1:] for row in figure_table(view(arms=(wide, arm("old")))).rows}
    assert rows["Sharpe"] == ["1.00 (0.50 to 1.50)", "n/a"]
    assert rows["return"] == ["+10.00%", "n/a"]


def test_only_a_report_is_overwritten(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("my own page", encoding="utf-8")
    with pytest.raises(ConfigError, match="not a file of this command"):
        write_experiment_report(path, view())
    write_experiment_report(path, view(), force=True)
    write_experiment_report(path, view(name="again"))
    assert "again" in path.read_text(encoding="utf-8")
