"""Printing of a backtest and of its estimate."""

from decimal import Decimal

from ...app.factories import choose_model
from ...app.settings import Settings
from ...app.usage_estimate import UsageEstimate
from ...reports.backtest_report import cutoff_sentences, figure_rows, usage_sentence
from ...reports.backtest_view import BacktestView
from .tables import print_line, print_table


def print_backtest(view: BacktestView) -> None:
    """Print the figures beside buy-and-hold and cash, and what a reader must know about them."""
    title = f"Backtest {view.backtest_id}: {view.sessions[0]} to {view.sessions[-1]}, {len(view.sessions)} sessions"
    names = ("figure", *(each.name for each in view.tracks))
    print_table(names, [(name, *values) for name, values in figure_rows(view)], title=title)
    print_line(_decisions(view))
    if view.model.provider != "rules":
        print_line(usage_sentence(view))
    for sentence in cutoff_sentences(view):
        print_line(sentence)


def _decisions(view: BacktestView) -> str:
    counted = ", ".join(f"{count:,} {name}" for name, count in view.outcomes.items())
    made = f"{view.time.made:,} made in {view.time.seconds:.1f} s"
    rate = "" if view.time.rate is None else f", {view.time.rate:.1f} a second"
    reused = f", {view.time.reused:,} stored ones used again" if view.time.reused else ""
    return f"{len(view.decisions):,} decisions ({counted or 'none'}): {made}{rate}{reused}."


def print_estimate(estimate: UsageEstimate, settings: Settings) -> None:
    """Print what a backtest or a session is expected to use; no model was called."""
    choice = choose_model(settings)
    rows = [
        (each.label, each.calls, each.prompt_tokens, each.answer_tokens, _usd(each.cost_usd))
        for each in (*estimate.roles, *estimate.learning)
    ]
    total = ("all", estimate.calls, estimate.prompt_tokens, estimate.answer_tokens, _usd(estimate.cost_usd))
    title = "Dry run: no model was called, nothing was stored"
    print_table(("role", "calls", "prompt_tokens", "answer_tokens", "USD"), (*rows, total), title=title)
    names = "a rule for every role" if choice.quick is None else f"quick {choice.quick}, deep {choice.deep}"
    print_line(
        f"{estimate.decisions:,} decisions in {estimate.sessions:,} session(s); {names}. The means of "
        f"{estimate.samples} decisions by rules, scaled; tokens are characters / 4, without prompt caching."
    )
    if estimate.learning:
        print_line(
            f"{estimate.learning_calls:,} of the calls are the most that learning can take: they depend on answers "
            "and outcomes, and answers that need a correction are not counted."
        )


def _usd(cost: Decimal | None) -> str:
    return "unknown" if cost is None else f"{cost:.4f}"
