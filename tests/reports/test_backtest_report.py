"""The report of a backtest: self-contained, escaped, defined where a figure is not."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from openoutcry.desk.backtest import BacktestResult, DecisionSummary, PaidCosts
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.decision import ModelInfo, Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action
from openoutcry.reports.backtest_document import backtest_document
from openoutcry.reports.backtest_report import (
    backtest_html,
    backtest_markdown,
    check_backtest_report,
    write_backtest_report,
)
from openoutcry.reports.backtest_view import BacktestView, KnownWindow, ModelUsage, RunTime, track
from openoutcry.reports.line_chart import ChartLine, line_chart

DAYS = (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5))


def account(*equity, exposure=(0, 0, 0), traded=0):
    count = len(equity)
    return BacktestResult(
        strategy="x",
        cash=100_000,
        sessions=DAYS[:count],
        equity=equity,
        exposure=exposure[:count],
        gross_exposure=tuple(map(abs, exposure[:count])),
        spent=(0,) * count,
        traded_at=(traded,) * count,
        paid=PaidCosts(120, 30, 0),
        fills=2,
        traded=traded,
        decisions=(),
    )


def view_of(desk, **changes):
    idle = account(*[100_000] * len(desk.equity))
    decisions = (
        DecisionSummary(DAYS[0], Symbol("AAA"), Outcome.ORDERS, (Action.BUY,), 1, None, ""),
        DecisionSummary(DAYS[0], Symbol("BBB"), Outcome.ABSTAIN, (), 0, AbstentionCause.DATA, "<b>no</b> | bars"),
    )
    view = BacktestView(
        backtest_id="bt-1",
        version="1",
        market="demo",
        synthetic=True,
        desk="debate",
        model=ModelInfo("openai", "m", "m"),
        symbols=("AAA", "BBB"),
        every="day",
        seed=7,
        currency="USD",
        cash=Decimal(1000),
        sessions=desk.sessions,
        tracks=tuple(track(name, each, 252) for name, each in (("desk", desk), ("buy and hold", desk), ("cash", idle))),
        decisions=decisions,
        known=(KnownWindow("m", date(2025, 3, 4), "source", 2), KnownWindow("n", None, "", None)),
        usage=ModelUsage(14, 20_000, 3_000, None),
        time=RunTime(2.0, 2, 0),
    )
    return replace(view, **changes)


VIEW = view_of(account(101_000, 99_990, 102_000, exposure=(50_500, -33_330, 0), traded=83_830))


def test_a_track_has_the_shares_and_costs_of_its_account():
    desk = VIEW.tracks[0]
    assert desk.net == (0.5, pytest.approx(-1 / 3), 0.0)
    assert desk.gross == (0.5, pytest.approx(1 / 3), 0.0)
    assert desk.turnover == pytest.approx(83_830 / ((101_000 + 99_990 + 102_000) / 3))
    assert desk.figures.total_return == pytest.approx(0.02)
    assert desk.drawdown == (0.0, pytest.approx(-0.01), 0.0)
    assert (desk.costs.total, desk.equity[-1]) == (Decimal("1.50"), Decimal("1020.00"))


def test_the_page_is_self_contained_and_text_from_outside_is_escaped():
    page = backtest_html(VIEW)
    assert not re.search(r"(?:src|href)\s*=|@import|url\(|<script", page)
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "<b>no</b>" not in page
    charts = [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert [each.get("aria-label").split(",")[0] for each in charts] == ["equity", "drawdown", "exposure"]
    assert "prefers-color-scheme: dark" in page
    assert "SYNTHETIC MARKET" in page


def test_the_cut_off_is_said_before_the_figures():
    for text in (backtest_html(VIEW), backtest_markdown(VIEW)):
        at = text.index("2 of 3 sessions lie before the knowledge cut-off of m")
        assert at < text.index("Figures")
        assert "cut-off of n is not known" in text


def test_the_markdown_has_a_row_for_every_figure_and_no_html():
    text = backtest_markdown(VIEW)
    rows = [line for line in text.splitlines() if line.startswith("| return")]
    assert rows == ["| return | +2.00 % | +2.00 % | +0.00 % |"]
    assert "| AAA | 0 | 1 | 1 |" in text
    assert "<b>" not in text
    assert "Sharpe | " in text
    assert "nan" not in text.lower().replace("finance", "")


def test_one_session_and_a_ruined_account_are_drawn_and_documented():
    for equity in ((100_000,), (0,), (-5,), (100_000, -5_000, -5_000)):
        view = view_of(account(*equity))
        assert "n/a" in backtest_html(view)
        assert "nan" not in str(backtest_document(view)).lower()
        for each in re.findall(r"<svg.*?</svg>", backtest_html(view), re.DOTALL):
            ElementTree.fromstring(each)


@pytest.mark.parametrize(("values", "percent"), [([0.0, -0.0015], True), ([100.0, 100.9], False)])
def test_the_marks_of_an_axis_have_different_labels(values, percent):
    drawn = line_chart("t", DAYS[:2], [ChartLine("l", "desk", values)], height=100, percent=percent)
    labels = re.findall(r'text-anchor="end">([^<]*)<', drawn)
    assert 3 <= len(labels) == len(set(labels))


def test_a_chart_keeps_lines_in_the_pane_and_labels_apart():
    lines = [ChartLine(f"l{n}", "desk", [1.0, 5.0]) for n in range(3)]
    drawn = ElementTree.fromstring(line_chart("t", DAYS[:2], lines, height=100, percent=False))
    labels = [float(each.get("y")) for each in drawn if each.get("class") == "name desk"]
    assert all(abs(one - other) >= 14.9 for one, other in ((labels[0], labels[1]), (labels[1], labels[2])))
    assert line_chart("t", (), lines, height=100, percent=False) == ""


def test_a_report_replaces_a_report_and_nothing_else(tmp_path):
    path, foreign = tmp_path / "r.md", tmp_path / "mine.html"
    write_backtest_report(path, VIEW)
    write_backtest_report(path, VIEW)
    foreign.write_text("mine")
    with pytest.raises(ConfigError, match="not a file of this command"):
        check_backtest_report(foreign)
    with pytest.raises(ConfigError, match=r"\.md or \.html"):
        check_backtest_report(tmp_path / "r.txt")
