"""Command line entry point. It imports only what `--help` needs; each command imports its modules when it runs."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .arguments.options import (
    AsJson,
    AsOfOption,
    AttemptOption,
    BaseUrlOption,
    CashOption,
    DecisionAccountOption,
    DeepModelOption,
    DeskOption,
    MarketOption,
    MemoryOption,
    ModelOption,
    PromptFolder,
    RecordedRunArgument,
    ReplayOption,
    ReportOption,
)
from .ledger_app import ledger_app, paper_app
from .memory_app import memory_app

app = typer.Typer(
    name="openoutcry",
    help="A trading desk of LLM agents: evidence, debate, typed orders, hard risk limits and paper accounts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a bug, 2 usage, 3 abstained, 4 no market data, 5 no model, 6 refused by the ledger, "
    "8 conflict (retry, or make a new decision), 130 interrupted.",
)
runs_app = typer.Typer(help="List and show decision runs, including interrupted ones.", no_args_is_help=True)
prompts_app = typer.Typer(help="List, show, render and compare the prompts of the roles.", no_args_is_help=True)
data_app = typer.Typer(help="Fetch and archive market data, check folders, write snapshots.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(prompts_app, name="prompts")
app.add_typer(data_app, name="data")
app.add_typer(paper_app, name="paper")
app.add_typer(ledger_app, name="ledger")
app.add_typer(memory_app, name="memory")

COLLECT_AFTER = (100_000, 20, 50)
"""Garbage collector thresholds. The defaults (700, 10, 10) cost a tenth of the start-up time."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
) -> None: ...


@app.command()
def decide(
    ticker: Annotated[str | None, typer.Argument(help="The ticker, such as CALDR on the demo market.")] = None,
    as_of: AsOfOption = None,
    market: MarketOption = None,
    desk: DeskOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    account: DecisionAccountOption = None,
    cash: CashOption = None,
    submit: Annotated[bool, typer.Option("--submit", help="Send the allowed orders to the paper account.")] = False,
    attempt: AttemptOption = None,
    remember: MemoryOption = None,
    seed: Annotated[int | None, typer.Option(help="Seed for models that accept one. [default: 7]")] = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
    report: ReportOption = None,
    resume: Annotated[str | None, typer.Option(metavar="RUN_ID", help="Resume an interrupted run.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Record model calls for `runs replay`.")] = False,
    replay: ReplayOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show expected calls, tokens and cost; call no model.")
    ] = False,
) -> None:
    """Make one decision: analysts report, bull and bear debate, the manager judges, the trader writes orders.

    The risk committee may shrink or veto the plan; hard limits are applied last. Without --submit, no order is sent.
    With it, orders go to the paper account, once for each account, session, ticker, desk and --attempt.
    """
    flags: dict[str, object] = {"market": market, "desk": desk, "model": model, "deep_model": deep_model}
    flags |= {"base_url": base_url, "cash": cash, "seed": seed, "prompts": prompts}
    flags |= {"recording": "record" if record else None, "replay": replay}
    flags |= {"account": account, "submit": submit or None, "attempt": attempt, "remember": remember}
    from .commands.decide import DecideOptions, decide_command

    options = DecideOptions(ticker, as_of, resume, as_json=as_json, report=report, dry_run=dry_run)
    raise typer.Exit(decide_command(options, flags))


@runs_app.command("list")
def runs_list(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of runs.")] = 20, as_json: AsJson = False
) -> None:
    """List runs, newest first, with their outcome."""
    from .commands.runs import list_runs

    list_runs(limit, as_json=as_json)


@runs_app.command("show")
def runs_show(run_id: str, as_json: AsJson = False, report: ReportOption = None) -> None:
    """Show the decision of one run."""
    from .commands.runs import show_run

    raise typer.Exit(show_run(run_id, as_json=as_json, report=report))


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
def runs_import(file: Path) -> None:
    """Add the recorded runs of a file, so that `runs replay` can repeat them."""
    from .commands.recordings import import_recorded

    raise typer.Exit(import_recorded(file))


@prompts_app.command("list")
def prompts_list(prompts: PromptFolder = None, as_json: AsJson = False) -> None:
    """List the prompts with role, version and content hash."""
    from .commands.prompts import list_prompts

    list_prompts(prompts, as_json=as_json)


@prompts_app.command("show")
def prompts_show(prompt_id: str, prompts: PromptFolder = None) -> None:
    """Show one prompt's file."""
    from .commands.prompts import show_prompt

    show_prompt(prompt_id, prompts)


@prompts_app.command("render")
def prompts_render(
    prompt_id: str,
    ticker: Annotated[str, typer.Argument(help="The ticker to render it for.")],
    as_of: Annotated[
        str | None, typer.Option(help="A date or a datetime, as for decide. [default: last completed session]")
    ] = None,
    market: MarketOption = None,
    prompts: PromptFolder = None,
) -> None:
    """Show the prompt that a model would receive. Rules answer for the roles that come before it."""
    from ..app.settings import load_settings
    from .commands.prompts import render_prompt

    render_prompt(prompt_id, ticker, as_of, load_settings({"market": market, "prompts": prompts, "model": "rules"}))


@prompts_app.command("diff")
def prompts_diff(prompt_id: str, prompts: PromptFolder = None) -> None:
    """Show the differences between the built-in prompt and yours."""
    from .commands.prompts import diff_prompt

    diff_prompt(prompt_id, prompts)


@data_app.command("check")
def data_check(folder: Path, as_json: AsJson = False) -> None:
    """Report coverage, gaps and defects of a market folder. Exits with 4 if there is a defect."""
    from .commands.data_check import check_folder

    raise typer.Exit(check_folder(folder, as_json=as_json))


@data_app.command("fetch")
def data_fetch(
    tickers: Annotated[str, typer.Argument(help="AAPL,MSFT,BTC-USD, or a file with one ticker per line.")],
    first: Annotated[str, typer.Option("--from", help="The first day to decide on; its history is fetched too.")],
    last: Annotated[str | None, typer.Option("--to", help="The last day. [default: now]")] = None,
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of data: prices_daily,splits,news ... [default: all but prices_hourly]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be requested; call no vendor.")] = False,
) -> None:
    """Fetch from the public sources into the archive the data that decisions in a window read.

    Archived data is not requested again. Exits with 4 if some data could not be fetched.
    """
    from .commands.data_fetch import fetch

    raise typer.Exit(fetch(tickers, first, last, kinds, dry_run=dry_run))


@data_app.command("snapshot")
def data_snapshot(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    tickers: Annotated[str, typer.Option(help="AAPL,MSFT,BTC-USD, or a file with one ticker per line.")],
    first: Annotated[str | None, typer.Option("--from", help="The first day to include. [default: all]")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day. [default: now]")] = None,
    as_of: Annotated[str | None, typer.Option(help="Include only data known at this time. [default: --to]")] = None,
) -> None:
    """Write a market folder from the archive, so that a live decision can be repeated without a network."""
    from .commands.data_fetch import snapshot

    raise typer.Exit(snapshot(folder, tickers, first, last, as_of))


@app.command()
def doctor(
    as_json: AsJson = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not contact the public sources.")] = False,
) -> None:
    """Check this installation: versions, keys, endpoint, public sources, disk, clock. Exits with 2 on a problem."""
    from .commands.doctor import run_checks

    raise typer.Exit(run_checks(as_json=as_json, offline=offline))


def main() -> None:
    """Run the command line. Every error becomes a one-sentence message and an exit code."""
    gc.set_threshold(*COLLECT_AFTER)
    os.umask(0o077)  # state, reports and exports contain positions and model texts: only their owner may read them
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        _check_encoding(arguments)
        sys.exit(app(arguments, standalone_mode=False) or 0)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except Exception as error:  # noqa: BLE001 -- reported below; no traceback unless --debug is set
        from .console.errors import report_failure

        sys.exit(report_failure(error, debug=debug))


def _check_encoding(arguments: list[str]) -> None:
    """Raise ConfigError for an argument that is not valid UTF-8: it could be neither stored nor printed."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            from ..domain.errors import ConfigError

            shown = argument.encode(errors="backslashreplace").decode()
            raise ConfigError(f"the argument {shown} is not in UTF-8; write it in that encoding") from error
