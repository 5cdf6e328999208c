"""The tables of an experiment as texts, for the terminal and for its report."""

from collections.abc import Sequence
from dataclasses import dataclass

from .experiment_view import ArmView, DifferenceView, ExperimentView, SeedRange

UNDEFINED = "n/a"
PERCENTS = {
    "return": "total_return",
    "before costs": "gross_return",
    "after model calls": "return_after_tokens",
    "a year": "annual_return",
    "volatility a year": "volatility",
    "maximum drawdown": "max_drawdown",
    "worst sessions (CVaR 5 %)": "shortfall",
    "gross exposure": "gross_exposure",
    "net exposure": "net_exposure",
    "sessions with a gain": "hit_rate",
    "alpha a year": "alpha",
}
NUMBERS = {
    "Sharpe": "sharpe",
    "Sortino": "sortino",
    "Calmar": "calmar",
    "turnover a year": "turnover",
    "profit factor": "profit_factor",
    "beta": "beta",
    "information ratio": "information_ratio",
}


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts: the headings, and the rows with as many cells."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def figure_table(view: ExperimentView) -> TextTable:
    """Return a row for each figure and a column for each arm and baseline; several seeds are given as a range."""
    arms = view.arms
    rows = [[label, *(_ranged(arm, name, percent=True) for arm in arms)] for label, name in PERCENTS.items()]
    rows += [[label, *(_ranged(arm, name, percent=False) for arm in arms)] for label, name in NUMBERS.items()]
    rows.append([f"costs, {view.currency}", *(f"{arm.costs:,.2f}" for arm in arms)])
    rows.append(["Sharpe is real (deflated)", *(_probability(arm.deflated) for arm in arms)])
    rows.append(["Brier score", *(_plain(arm.brier, 3) for arm in arms)])
    rows.append(["rejected orders", *(f"{arm.rejected:,}" for arm in arms)])
    return TextTable(["figure", *(arm.name for arm in arms)], rows)


def difference_table(view: ExperimentView) -> TextTable:
    """Return a row for each comparison, with its interval, p-value, numbers of pairs, and what could be detected."""
    level = f"{view.confidence:.0%} interval"
    headings = ["arm", "against", "difference a year", level, "by seed", "adjusted p", "pairs", "sessions"]
    headings += ["detectable", "verdict"]
    return TextTable(headings, [_difference(each, view.periods) for each in view.differences])


def basis_sentences(view: ExperimentView) -> list[str]:
    """Return what a comparison rests on: costs, trials, accounts left out, knowledge cut-offs and data."""
    trials = "1 variant was" if view.trials == 1 else f"{view.trials} variants were"
    dropped = f"; {view.dropped} more were left out because an arm did not finish them" if view.dropped else ""
    return [
        *view.notes,
        f"Costs: {view.costs}.",
        f"Trials: {trials} tried on this window and data.",
        f"Accounts: {view.accounts} compared{dropped}.",
        *cutoff_marks(view),
        f"Data fingerprint: {view.fingerprint}.",
    ]


def cutoff_marks(view: ExperimentView) -> list[str]:
    """Return a sentence for each model on the part of the window before its knowledge cut-off."""
    if not view.known:
        return ["Knowledge cut-off: rules decide, which know nothing of the window."]
    found = list[str]()
    for each in view.known:
        if each.cutoff is None:
            found.append(f"Knowledge cut-off: that of {each.model} is not known; it may know the window.")
        elif each.sessions:
            found.append(
                f"Knowledge cut-off: {each.sessions} of {view.sessions} sessions lie before that of {each.model} "
                f"({each.cutoff}); it may know what happened in them."
            )
        else:
            found.append(f"Knowledge cut-off: the whole window lies after that of {each.model} ({each.cutoff}).")
    return found


def power_sentences(view: ExperimentView) -> list[str]:
    """Return a sentence for each difference that was not shown, on the data that would settle it."""
    found = list[str]()
    for each in view.differences:
        if each.proven or each.detectable is None or each.difference is None:
            continue
        needs = [f"{each.sessions_needed:,} sessions" if each.sessions_needed else ""]
        needs.append(f"{each.seeds_needed:,} seeds on the same sessions" if each.seeds_needed else "")
        words = " or ".join(need for need in needs if need)
        more = f" A difference as large as the observed one needs about {words} at 80 % power." if words else ""
        found.append(
            f"{each.arm} against {each.against}: a difference below {each.detectable * view.periods:.2%} a year would "
            f"not have been found.{more}"
        )
    return found


def part_table(view: ExperimentView, kind: str) -> TextTable:
    """Return the returns by `symbol` or `year`, with a column for each arm and baseline."""
    tables = [arm.by_symbol if kind == "symbol" else arm.by_year for arm in view.arms]
    parts = list(dict.fromkeys(part for table in tables for part in table))
    rows = [[part, *(_percent(table.get(part)) for table in tables)] for part in parts]
    return TextTable([kind, *(arm.name for arm in view.arms)], rows)


def cost_table(view: ExperimentView) -> TextTable:
    """Return trading costs, turnover and model usage of each arm and baseline."""
    headings = ["arm", "costs", "return before", "return after", "after model calls"]
    headings += ["turnover a year", "model calls", "tokens", "USD"]
    rows = [
        [
            arm.name,
            f"{arm.costs:,.2f}",
            _percent(arm.figures["gross_return"].mean),
            _percent(arm.figures["total_return"].mean),
            _percent(arm.figures["return_after_tokens"].mean),
            _plain(arm.figures["turnover"].mean, 2),
            f"{arm.model_calls:,}",
            f"{arm.tokens:,}",
            UNDEFINED if arm.cost_usd is None else arm.cost_usd,
        ]
        for arm in view.arms
    ]
    return TextTable(headings, rows)


def _difference(each: DifferenceView, periods: float) -> list[str]:
    interval = UNDEFINED
    if each.low is not None and each.high is not None:
        interval = f"[{each.low * periods:+.2%}, {each.high * periods:+.2%}]"
    return [
        each.arm,
        each.against,
        _percent(None if each.difference is None else each.difference * periods),
        interval,
        _seeds(each, periods),
        _plain(each.p_value, 3),
        f"{each.pairs:,}",
        f"{each.sessions:,}",
        UNDEFINED if each.detectable is None else f"{each.detectable * periods:.2%}",
        each.verdict,
    ]


def _seeds(each: DifferenceView, periods: float) -> str:
    """Return the smallest and the largest difference of one seed."""
    if len(each.by_seed) < 2:
        return UNDEFINED
    means = [mean * periods for mean in each.by_seed.values()]
    return f"{min(means):+.2%} to {max(means):+.2%}"


def _ranged(arm: ArmView, name: str, *, percent: bool) -> str:
    found: SeedRange = arm.figures[name]
    if found.mean is None or found.low is None or found.high is None:
        return UNDEFINED
    shown = _percent(found.mean) if percent else _plain(found.mean, 2)
    if found.low == found.high:
        return shown
    ends = (f"{found.low:+.1%}", f"{found.high:+.1%}") if percent else (f"{found.low:.2f}", f"{found.high:.2f}")
    return f"{shown} ({ends[0]} to {ends[1]})"


def _percent(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value + 0.0:+.2%}"


def _plain(value: float | None, digits: int) -> str:
    return UNDEFINED if value is None else f"{value + 0.0:.{digits}f}"


def _probability(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.0%}"
