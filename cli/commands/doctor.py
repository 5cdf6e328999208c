"""`openoutcry doctor`: checks of this installation and its configuration."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from ...app.settings import load_settings
from ..console.exit_codes import ExitCode
from ..console.tables import print_line, print_table, write_json
from .doctor_checks import CheckOutcome, CheckResult, installation_checks
from .doctor_endpoint import model_checks
from .doctor_notifications import channel_checks, notification_checks
from .doctor_schedulers import scheduler_checks
from .doctor_sources import source_checks


def run_checks(
    *, as_json: bool, offline: bool, model: str | None = None, base_url: str | None = None, notify: bool = False
) -> ExitCode:
    """Print every check; returns USAGE (2) if one failed.

    With `offline`, the public sources are not contacted. With `model`, only that model's endpoint is probed. With
    `notify`, only the channels of notifications are checked, with a test message.
    """
    settings = load_settings({"base_url": base_url})
    if model is not None:
        found = list(model_checks(settings, model))
    elif notify:
        found = list(channel_checks(settings))
    else:
        local = (*installation_checks(settings), *scheduler_checks(settings), *notification_checks(settings))
        found = list(_once((*local, *source_checks(settings, offline=offline))))
    if as_json:
        write_json([{**asdict(each), "ok": each.ok} for each in found])
    else:
        print_table(
            ("result", "what", "finding", "remedy"),
            [(each.outcome, each.what, each.said, each.remedy) for each in found],
        )
        print_line(_verdict(found))
    return ExitCode.USAGE if any(not each.ok for each in found) else ExitCode.DONE


def _once(found: Iterable[CheckResult]) -> Iterator[CheckResult]:
    """Yield the results; a failure with the cause of an earlier one is a skipped check that names the earlier one."""
    seen: dict[str, str] = {}
    for each in found:
        if each.outcome in {CheckOutcome.FAILED, CheckOutcome.WARNING}:
            first = seen.setdefault(each.said, each.what)
            if first != each.what:
                yield replace(each, outcome=CheckOutcome.SKIPPED, said=f"same cause as {first}", remedy="")
                continue
        yield each


def _verdict(found: Iterable[CheckResult]) -> str:
    results = [each.outcome for each in found]
    counts = [f"{results.count(each)} {each}" for each in CheckOutcome if each in results]
    return f"doctor: {', '.join(counts)}"
