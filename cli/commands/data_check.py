"""`openoutcry data check`: validation of a market folder."""

from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ...domain.text import strip_control
from ...market.folder import FolderReport, validate_folder
from ..console.exit_codes import ExitCode
from ..console.tables import is_terminal, print_table, write_json

SHOWN = 12


def check_folder(folder: Path, *, as_json: bool) -> ExitCode:
    """Print coverage, gaps and defects of a folder; returns NO_DATA (4) if there is a defect."""
    report = validate_folder(folder)
    if as_json:
        write_json(asdict(report))
    else:
        _print(Console(), report)
    return ExitCode.NO_DATA if report.defect_count else ExitCode.DONE


def _print(console: Console, report: FolderReport) -> None:
    rows = [
        (part.kind, part.file, part.rows, len(part.keys), part.first, part.last, part.never_known)
        for part in report.coverage
    ]
    print_table(("kind", "file", "rows", "tickers or series", "first", "last", "never known"), rows, title="Coverage")
    _section(
        console, "Gaps (sessions without a bar)", [f"{g.ticker} ({g.kind}): {_days(g.sessions)}" for g in report.gaps]
    )
    _section(console, "Kinds without a file", [str(kind) for kind in report.missing])
    _section(console, "Files of unknown kind (not read)", list(report.unread))
    _section(console, "Absent", [f"{a.ticker}: no {', '.join(a.kinds)}" for a in report.absences])
    defects = [f"{d.file}{'' if d.row is None else f', row {d.row}'}: {d.reason}" for d in report.defects]
    _section(console, f"Defects: {report.defect_count}", defects)


def _section(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(Text(f"\n{title}", style="bold"))
    for line in lines:
        console.print(Text(strip_control(f"- {line}")), soft_wrap=True)


def _days(days: tuple[object, ...]) -> str:
    """Return the days; on a terminal only the first ones and the number of the others."""
    most = SHOWN if is_terminal() else len(days)
    shown = ", ".join(str(day) for day in days[:most])
    return shown if len(days) <= most else f"{shown} and {len(days) - most} more"
