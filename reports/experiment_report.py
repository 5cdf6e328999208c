"""The report of an experiment: one self-contained HTML page with drawings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup

from ..domain.errors import ConfigError
from ..storage.output_file import check_output, write_output
from .experiment_tables import (
    TextTable,
    basis_sentences,
    cost_table,
    difference_table,
    figure_table,
    part_table,
    power_sentences,
)
from .experiment_view import ArmView, ExampleView, ExperimentView
from .formats import strip_bidi
from .interval_chart import calibration_chart, interval_chart
from .line_chart import SCREENS, ChartLine, line_chart
from .render import report_environment

V = TypeVar("V", float, date)
COLOURS = 6
MOST_POINTS = 260
"""Points of a drawn line; longer series are thinned, which keeps the page small."""


@dataclass(frozen=True, slots=True)
class ExperimentPage:
    """The tables, sentences and drawings of a report; `records` are its examples, each once."""

    figures: TextTable
    differences: TextTable
    basis: Sequence[str]
    power: Sequence[str]
    by_symbol: TextTable
    by_year: TextTable
    costs: TextTable
    equity: Markup
    drawdown: Markup
    gross: Markup
    net: Markup
    intervals: Markup
    calibration: Sequence[tuple[ArmView, Markup]]
    records: Sequence[ExampleView]


def check_experiment_report(path: Path, *, force: bool = False) -> None:
    """Raise ConfigError if a report must not be written to `path`."""
    if path.suffix != ".html":
        raise ConfigError(f"--html {path}: the name must end in .html")
    check_output(path, _is_report, force=force)


def write_experiment_report(path: Path, view: ExperimentView, *, force: bool = False) -> None:
    """Write the report; raises ConfigError as `check_experiment_report`."""
    write_output(path, experiment_html(view), _is_report, force=force)


def experiment_html(view: ExperimentView) -> str:
    """Render the report as one HTML page without scripts and outside resources."""
    environment = report_environment("html")
    environment.finalize = strip_bidi
    return environment.get_template("experiment.html.j2").render(page=_page(view), view=view)


def _page(view: ExperimentView) -> ExperimentPage:
    arms = [arm for arm in view.arms if arm.is_arm]
    return ExperimentPage(
        figures=figure_table(view),
        differences=difference_table(view),
        basis=basis_sentences(view),
        power=power_sentences(view),
        by_symbol=part_table(view, "symbol"),
        by_year=part_table(view, "year"),
        costs=cost_table(view),
        equity=_drawn(view, "equity", view.arms, lambda arm: arm.equity, percent=False),
        drawdown=_drawn(view, "drawdown", view.arms, lambda arm: arm.drawdown),
        gross=_drawn(view, "gross exposure", arms, lambda arm: arm.gross),
        net=_drawn(view, "net exposure", arms, lambda arm: arm.net),
        intervals=_intervals(view),
        calibration=[(arm, _markup(calibration_chart(arm))) for arm in arms if arm.calibration],
        records=list({each.run_id: each for each in (*view.best, *view.worst)}.values()),
    )


def _drawn(
    view: ExperimentView,
    what: str,
    arms: Sequence[ArmView],
    values: Callable[[ArmView], Sequence[float]],
    *,
    percent: bool = True,
) -> Markup:
    """Return a drawing for wide and one for narrow screens; the colour of an arm is the same in all of them."""
    if not arms:
        return Markup("")
    sessions = _thinned(arms[0].sessions)
    order = {arm.name: place % COLOURS for place, arm in enumerate(view.arms)}
    lines = [ChartLine(arm.name, f"c{order[arm.name]}", _thinned(values(arm))) for arm in arms]
    height = 150 if percent else 300
    drawings = [line_chart(what, sessions, lines, height=height, percent=percent, layout=layout) for layout in SCREENS]
    return _markup("\n".join(drawings))


def _intervals(view: ExperimentView) -> Markup:
    wide = interval_chart(view.differences, view.periods, width=1040, left=170, css="wide")
    narrow = interval_chart(view.differences, view.periods, width=360, left=110, css="narrow")
    return _markup(f"{wide}\n{narrow}")


def _thinned(values: Sequence[V]) -> list[V]:
    """Return every n-th value, the last one included."""
    step = -(-len(values) // MOST_POINTS)
    return list(values[::-1][::step][::-1])


def _markup(drawn: str) -> Markup:
    return Markup(drawn)  # noqa: S704 -- our own drawing; names are escaped


def _is_report(text: str) -> bool:
    return "OpenOutcry experiment report" in text
