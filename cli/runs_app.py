"""The command `runs`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import StatusChoice
from .arguments.options import AsJson, ForceOption, RecordedRunArgument, ReportOption

runs_app = typer.Typer(help="List and show decision runs, including interrupted ones.", no_args_is_help=True)

RunId = Annotated[
    str, typer.Argument(metavar="RUN_ID", help="Id of the run, as in `runs list`; a unique prefix; or latest.")
]


@runs_app.command("list")
def runs_list(
    ticker: Annotated[str | None, typer.Option(help="Only runs on this ticker. [default: all]")] = None,
    desk: Annotated[str | None, typer.Option(help="Only runs of this desk. [default: all]")] = None,
    status: Annotated[StatusChoice | None, typer.Option(help="Only runs with this status. [default: all]")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only runs started at or after this date (UTC) or ISO datetime. [default: all]")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of runs.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first, with model, status, outcome and rating."""
    from .commands.runs import RunFilter, list_runs

    list_runs(RunFilter(ticker, desk, status, since), limit, as_json=as_json)


@runs_app.command("show")
def runs_show(
    run_id: RunId,
    as_json: AsJson = False,
    report: ReportOption = None,
    charts: Annotated[
        Path | None,
        typer.Option(
            help="Also write the charts that roles saw to this existing folder as PNG files. [default: no files]"
        ),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Show the decision of one run.

    \b
    Examples:
      openoutcry runs show 20250303-CALDR
      openoutcry runs show latest --json
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.runs import show_run

    raise typer.Exit(show_run(run_id, as_json=as_json, report=report, charts=charts, force=force))


@runs_app.command("replay")
def runs_replay(run: RecordedRunArgument, as_json: AsJson = False) -> None:
    """Repeat a recorded run without models. Exits with 8, and the first difference, if the result is not the same."""
    from .commands.recordings import replay_recorded

    raise typer.Exit(replay_recorded(run, as_json=as_json))


@runs_app.command("export")
def runs_export(run: RecordedRunArgument, file: Annotated[Path, typer.Option("--file", help="A new file.")]) -> None:
    """Write a recorded run, with the memory that it could read, to a file."""
    from .commands.recordings import export_recorded

    raise typer.Exit(export_recorded(run, file))


@runs_app.command("import")
def runs_import(file: Annotated[Path, typer.Argument(help="A file that `runs export` wrote.")]) -> None:
    """Add the recorded runs of a file, so that `runs replay` can repeat them."""
    from .commands.recordings import import_recorded

    raise typer.Exit(import_recorded(file))


@runs_app.command("prune")
def runs_prune(
    older_than: Annotated[str, typer.Option(help="Minimum age of a run since its start: 90d, 12w or 1y.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also delete runs that could be resumed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete old finished runs with their calls, checkpoints, event logs and recordings.

    Runs that a paper account refers to are kept: those of open orders and of the last decision on each symbol.

    \b
    Examples:
      openoutcry runs prune --older-than 90d --dry-run
      openoutcry runs prune --older-than 12w --yes
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.prune import prune_runs

    raise typer.Exit(prune_runs(older_than, dry_run=dry_run, yes=yes, force=force, as_json=as_json))
