"""`openoutcry runs prune`: deletion of old runs."""

import sys

from ...app.clock import now
from ...app.durations import parse_duration
from ...app.run_pruning import PruningPlan, plan_pruning, prune
from ...app.settings import load_settings
from ...domain.errors import ConfigError
from ..console.exit_codes import ExitCode
from ..console.tables import print_line, print_notice, write_json


def prune_runs(older_than: str, *, dry_run: bool, yes: bool, force: bool, as_json: bool) -> ExitCode:
    """Delete old runs after a confirmation; with `dry_run`, only show them.

    Raises ConfigError for an invalid duration, and without `yes` if there is no terminal to ask on.
    """
    settings = load_settings({})
    plan = plan_pruning(settings, now() - parse_duration(older_than, "--older-than"), force=force)
    if dry_run or not plan.runs:
        _show(plan, "would be deleted" if dry_run else "deleted", plan.bytes, as_json=as_json, deleted=False)
        return ExitCode.DONE
    if not yes and not _confirmed(plan):
        print_notice("nothing was deleted")
        return ExitCode.DONE
    result = prune(settings, plan)
    for notice in result.notices:
        print_notice(notice)
    _show(plan, "deleted", result.freed_bytes, as_json=as_json, deleted=True)
    return ExitCode.DONE


def _confirmed(plan: PruningPlan) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError(
            f"{len(plan.runs)} run(s) would be deleted; add --yes to delete them, or --dry-run to see them"
        )
    print_notice(f"{len(plan.runs)} run(s) that started before {plan.before:%Y-%m-%d} will be deleted. Type yes:")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _show(plan: PruningPlan, what: str, size: int, *, as_json: bool, deleted: bool) -> None:
    if as_json:
        write_json(
            {
                "before": plan.before,
                "deleted": deleted,
                "runs": plan.runs,
                "kept_in_use": plan.in_use,
                "kept_unfinished": plan.unfinished,
                "bytes": size,
            }
        )
        return
    for run in () if deleted else plan.runs:
        print_line(run)
    print_line(f"{len(plan.runs)} run(s) {what}, {size / 1e6:,.2f} MB")
    if plan.in_use:
        print_line(f"{len(plan.in_use)} kept: a paper account refers to them")
    if plan.unfinished:
        print_line(f"{len(plan.unfinished)} kept: they are not finished; --force deletes those that can be resumed")
