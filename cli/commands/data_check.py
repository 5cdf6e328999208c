"""`openoutcry data check`: validation of a market folder."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...domain.text import strip_control
from ...market.folder import FolderReport, validate_folder
from ..console.exit_codes import ExitCode
from ..console.tables import plain_text

SHOWN = 12


def check_folder(folder: Path, *, as_json: bool) -> ExitCode:
    """Print coverage, gaps and defects of a folder; returns NO_DATA (4) if there is a defect."""
    report = validate_folder(folder)
    if as_json:
        sys.stdout.write(json.dumps(asdict(report), indent=2, default=str) + "\n")
    else:
        _print(Console(), report)
    return ExitCode.NO_DATA if report.defect_count else ExitCode.DONE


def _print(console: Console, report: FolderReport) -> None:
    table = Table("kind", "file", "rows", "tickers or series", "first", "last", "never known", title="Coverage")
    for part in report.coverage:
        counts = (
            f"{part.rows:,}",
            str(len(part.keys)),
            str(part.first or ""),
            str(part.last or ""),
            str(part.never_known),
        )
        table.add_row(part.kind, plain_text(part.file), *map(plain_text, counts))
    console.print(table)
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
    shown = ", ".join(str(day) for day in days[:SHOWN])
    return shown if len(days) <= SHOWN else f"{shown} and {len(days) - SHOWN} more"
