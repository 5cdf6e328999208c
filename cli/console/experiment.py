"""Printing of experiments: figures, comparison with everything that it rests on, checks, estimates."""

from decimal import Decimal

from ...evals.estimate import ExperimentEstimate
from ...reports.experiment_tables import (
    basis_sentences,
    difference_table,
    figure_table,
    power_sentences,
)
from ...reports.experiment_view import ExperimentView
from .tables import print_line, print_table


def print_experiment(view: ExperimentView) -> None:
    """Print the figures of all arms, the comparison and the checks."""
    if view.arms:
        figures = figure_table(view)
        title = f"{view.run_id}: {view.first} to {view.last}, {view.sessions} sessions, one decision per {view.every}"
        print_table(figures.headings, figures.rows, title=title)
    print_comparison(view)
    print_checks(view)
    for unit, error in view.failures:
        print_line(f"failed: {unit}: {error}")
    print_line(view.state)


def print_comparison(view: ExperimentView) -> None:
    """Print the comparison with intervals, trials, costs, knowledge cut-offs and data fingerprint."""
    if view.differences:
        table = difference_table(view)
        print_table(table.headings, table.rows, title=f"Difference in {view.metric} against {view.against}")
    for sentence in (*basis_sentences(view), *power_sentences(view)):
        print_line(sentence)


def print_checks(view: ExperimentView) -> None:
    """Print the verdict of each check."""
    if view.checks:
        rows = [(check.name, check.verdict, check.detail) for check in view.checks]
        print_table(("check", "verdict", "detail"), rows, title="Checks")


def print_experiment_estimate(estimate: ExperimentEstimate) -> None:
    """Print what an experiment is expected to take; no model was called."""
    rows = [
        (each.track, each.units, each.finished, each.decisions, each.calls, each.tokens, _usd(each.cost_usd))
        for each in estimate.tracks
    ]
    names = ("arm", "units", "finished", "decisions", "calls", "tokens", "USD")
    print_table(names, rows, title="Dry run: no model was called, nothing was stored")
    print_line(
        f"About {estimate.seconds:,.0f} s with {estimate.workers} processes. Rules are timed on a few decisions, model "
        "calls are counted as 5 s each, one after the other in a unit; tokens are characters / 4."
    )
    for each in estimate.tracks:
        if each.learning_calls:
            print_line(f"{each.track}: {each.learning_calls:,} of the calls are the most that learning can take.")


def _usd(cost: Decimal | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"
