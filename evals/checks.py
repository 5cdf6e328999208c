"""Checks of the honesty of a run, from what it stores. Each returns a verdict; a tuple lists them all."""

from collections.abc import Callable
from enum import StrEnum

from ..reports.experiment_view import CheckView
from .result import ExperimentResult
from .view import cost_words


class CheckVerdict(StrEnum):
    """The verdict of a check; a warning limits what the run can show, a failure makes it worthless."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


Check = Callable[[ExperimentResult], CheckView]


def check_run(result: ExperimentResult) -> tuple[CheckView, ...]:
    """Return the verdict of every check."""
    return tuple(check(result) for check in CHECKS)


def verdict_view(name: str, verdict: CheckVerdict, detail: str) -> CheckView:
    """Return one verdict."""
    return CheckView(name, str(verdict), detail)


def knowledge_cutoff(result: ExperimentResult) -> CheckView:
    """Warn if a model may know sessions of the window."""
    known = result.run.facts.known
    inside = [each for each in known if each.cutoff is None or each.sessions]
    if not inside:
        detail = "No model decides." if not known else "The whole window lies after the cut-off of every model."
        return verdict_view("knowledge cut-off", CheckVerdict.PASSED, detail)
    parts = [
        f"{each.model}: unknown cut-off" if each.cutoff is None else f"{each.model}: {each.sessions} sessions before it"
        for each in inside
    ]
    return verdict_view("knowledge cut-off", CheckVerdict.WARNING, "; ".join(parts) + ".")


def trading_costs(result: ExperimentResult) -> CheckView:
    """Warn if trading costs nothing."""
    account = result.run.experiment.account
    if not account.is_free:
        detail = f"On every fill: {cost_words(account)}."
        return verdict_view("costs", CheckVerdict.PASSED, detail)
    return verdict_view("costs", CheckVerdict.WARNING, "Commission and slippage are 0: the returns are before costs.")


def fill_timing(result: ExperimentResult) -> CheckView:
    """Fail if an account changed at the close that its first decision saw: fills belong to later sessions."""
    run = result.run
    with run.units() as store:
        for row in store.planned():
            record = store.find(row.key)
            if record is None or not record.deciding:
                continue
            place = record.sessions.index(record.deciding[0])
            if (
                record.exposure[place]
                or record.equity[place] != record.cash
                or record.spent[place]
                or record.traded[place]
            ):
                detail = f"{row.track} on {row.symbols} held or paid something at the close of its first decision."
                return verdict_view("fill timing", CheckVerdict.FAILED, detail)
    return verdict_view(
        "fill timing", CheckVerdict.PASSED, "No account changed before the session after its first decision."
    )


def decision_sessions(result: ExperimentResult) -> CheckView:
    """Fail if a decision is not dated on a session of the window."""
    sessions = set(result.run.facts.sessions)
    with result.run.units() as store:
        for row in store.planned():
            record = store.find(row.key)
            if record is not None and not set(record.deciding) <= sessions:
                detail = f"{row.track} on {row.symbols} decided outside the window."
                return verdict_view("window", CheckVerdict.FAILED, detail)
    return verdict_view("window", CheckVerdict.PASSED, f"Every decision is dated on one of {len(sessions)} sessions.")


def seeds_spread(result: ExperimentResult) -> CheckView:
    """Warn if there is one seed, or if the seeds of a proven difference disagree in sign."""
    if len(result.run.experiment.seeds) < 2:
        return verdict_view("seeds", CheckVerdict.WARNING, "One seed: the spread over repetitions is unknown.")
    for each in result.comparisons:
        means = list(each.seeds.means.values())
        if str(each.verdict) in {"better", "worse"} and min(means) < 0 < max(means):
            return verdict_view(
                "seeds", CheckVerdict.WARNING, f"The seeds disagree on {each.arm} against {each.against}."
            )
    return verdict_view(
        "seeds", CheckVerdict.PASSED, f"{len(result.run.experiment.seeds)} seeds; none contradicts a verdict."
    )


def failed_units(result: ExperimentResult) -> CheckView:
    """Warn if accounts were left out."""
    if not result.dropped:
        return verdict_view("complete pairs", CheckVerdict.PASSED, f"All {result.accounts} accounts are compared.")
    detail = f"{result.dropped} accounts are left out because an arm did not finish them."
    return verdict_view("complete pairs", CheckVerdict.WARNING, detail)


CHECKS: tuple[Check, ...] = (
    fill_timing,
    decision_sessions,
    knowledge_cutoff,
    trading_costs,
    seeds_spread,
    failed_units,
)
