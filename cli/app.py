"""The command line. Only what `--help` needs is imported here; each command imports its own parts when it runs."""

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
    ReportOption,
)
from .ledger_app import ledger_app, paper_app
from .memory_app import memory_app

app = typer.Typer(
    name="openoutcry",
    help="A trading desk of LLM agents that argue from evidence, write real orders and keep an honest paper book.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a bug, 2 usage, 3 abstained, 4 no market data, 5 no model, 6 refused by the ledger, "
    "8 conflict (try again, or decide anew), 130 interrupted.",
)
runs_app = typer.Typer(help="Decisions that were taken, and runs that were interrupted.", no_args_is_help=True)
prompts_app = typer.Typer(help="The words that the roles are given.", no_args_is_help=True)
data_app = typer.Typer(help="Market data: fetched, archived, snapshots, folders.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(prompts_app, name="prompts")
app.add_typer(data_app, name="data")
app.add_typer(paper_app, name="paper")
app.add_typer(ledger_app, name="ledger")
app.add_typer(memory_app, name="memory")

COLLECT_AFTER = (100_000, 20, 50)
"""Thresholds of the garbage collector: with the usual (700, 10, 10), a tenth of the start-up is spent in it."""


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
    ticker: Annotated[str | None, typer.Argument(help="What to decide on, such as CALDR on the demo market.")] = None,
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
    seed: Annotated[int | None, typer.Option(help="Passed to models that accept one. [default: 7]")] = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
    report: ReportOption = None,
    resume: Annotated[str | None, typer.Option(metavar="RUN_ID", help="Go on with an interrupted run.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask no model: show who would be sent how much.")] = False,
) -> None:
    """Take one decision: the analysts report, bull and bear argue, the manager judges, the trader writes orders.

    The risk committee may shrink or veto the plan, and hard limits have the last word. Without --submit nothing is
    sent anywhere, and with it only to a paper account: once for each account, session, ticker, desk and --attempt.
    """
    flags: dict[str, object] = {"market": market, "desk": desk, "model": model, "deep_model": deep_model}
    flags |= {"base_url": base_url, "cash": cash, "seed": seed, "prompts": prompts}
    flags |= {"account": account, "submit": submit or None, "attempt": attempt, "remember": remember}
    from .commands.decide import DecideOptions, decide_command

    options = DecideOptions(ticker, as_of, resume, as_json=as_json, report=report, dry_run=dry_run)
    raise typer.Exit(decide_command(options, flags))


@runs_app.command("list")
def runs_list(limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20, as_json: AsJson = False) -> None:
    """List runs, newest first, with their outcome."""
    from .commands.runs import list_runs

    list_runs(limit, as_json=as_json)


@runs_app.command("show")
def runs_show(run_id: str, as_json: AsJson = False, report: ReportOption = None) -> None:
    """Show the decision of one run."""
    from .commands.runs import show_run

    raise typer.Exit(show_run(run_id, as_json=as_json, report=report))


@prompts_app.command("list")
def prompts_list(prompts: PromptFolder = None, as_json: AsJson = False) -> None:
    """List the prompts with role, version and content hash."""
    from .commands.prompts import list_prompts

    list_prompts(prompts, as_json=as_json)


@prompts_app.command("show")
def prompts_show(prompt_id: str, prompts: PromptFolder = None) -> None:
    """Show one prompt as the file holds it."""
    from .commands.prompts import show_prompt

    show_prompt(prompt_id, prompts)


@prompts_app.command("render")
def prompts_render(
    prompt_id: str,
    ticker: Annotated[str, typer.Argument(help="The ticker to render it for.")],
    as_of: Annotated[str | None, typer.Option(help="As for decide.")] = None,
    market: MarketOption = None,
    prompts: PromptFolder = None,
) -> None:
    """Show what a model would be sent for one role, with the case as the rules would have argued it."""
    from ..app.settings import load_settings
    from .commands.prompts import render_prompt

    render_prompt(prompt_id, ticker, as_of, load_settings({"market": market, "prompts": prompts, "model": "rules"}))


@prompts_app.command("diff")
def prompts_diff(prompt_id: str, prompts: PromptFolder = None) -> None:
    """Show how your prompt differs from the built-in one."""
    from .commands.prompts import diff_prompt

    diff_prompt(prompt_id, prompts)


@data_app.command("check")
def data_check(folder: Path, as_json: AsJson = False) -> None:
    """Report coverage, gaps and defects of a market folder."""
    from .commands.data_check import check_folder

    raise typer.Exit(check_folder(folder, as_json=as_json))


@data_app.command("fetch")
def data_fetch(
    tickers: Annotated[str, typer.Argument(help="AAPL,MSFT,BTC-USD, or a file with one a line.")],
    first: Annotated[str, typer.Option("--from", help="The first day to decide on; its history is fetched as well.")],
    last: Annotated[str | None, typer.Option("--to", help="The last day. [default: now]")] = None,
    kinds: Annotated[
        str | None, typer.Option(help="Such as prices_daily,splits,news. [default: all but prices_hourly]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask no vendor: show what would be asked for.")] = False,
) -> None:
    """Fetch from the public sources into the archive what decisions in a window look at.

    What is archived already is not asked for again. Exits with 4 where something could not be had.
    """
    from .commands.data_fetch import fetch

    raise typer.Exit(fetch(tickers, first, last, kinds, dry_run=dry_run))


@data_app.command("snapshot")
def data_snapshot(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    tickers: Annotated[str, typer.Option(help="AAPL,MSFT,BTC-USD, or a file with one a line.")],
    first: Annotated[str | None, typer.Option("--from", help="Leave out what is older. [default: nothing]")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day. [default: now]")] = None,
    as_of: Annotated[str | None, typer.Option(help="As for decide: only what was known then. [default: --to]")] = None,
) -> None:
    """Write a market folder out of the archive, so that a live decision can be taken again without a network."""
    from .commands.data_fetch import snapshot

    raise typer.Exit(snapshot(folder, tickers, first, last, as_of))


@app.command()
def doctor(
    as_json: AsJson = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the public sources.")] = False,
) -> None:
    """Tell what this installation can do: versions, keys, endpoint, public sources, disk, clock."""
    from .commands.doctor import run_checks

    raise typer.Exit(run_checks(as_json=as_json, offline=offline))


def main() -> None:
    """Run the command line; every error becomes one clear sentence and an exit code."""
    gc.set_threshold(*COLLECT_AFTER)
    os.umask(0o077)  # state, reports and exports hold positions and model texts: they are readable by their owner only
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        _check_encoding(arguments)
        sys.exit(app(arguments, standalone_mode=False) or 0)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except Exception as error:  # noqa: BLE001 -- the last line of defence
        from .console.errors import report_failure

        sys.exit(report_failure(error, debug=debug))


def _check_encoding(arguments: list[str]) -> None:
    """Raise ConfigError for an argument that came in other bytes than UTF-8: nothing could be stored or said of it."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            from ..domain.errors import ConfigError

            shown = argument.encode(errors="backslashreplace").decode()
            raise ConfigError(f"the argument {shown} is not in UTF-8; write it in that encoding") from error
