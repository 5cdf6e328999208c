"""Command line entry point. It imports only what `--help` needs; each command imports its modules when it runs."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .arguments.options import (
    AccountCurrencyOption,
    AsJson,
    AsOfOption,
    AttemptOption,
    BaseUrlOption,
    CashOption,
    DecisionAccountOption,
    DeepModelOption,
    DeskOption,
    ForceOption,
    MarketOption,
    MemoryOption,
    ModelOption,
    PromptFolder,
    RehearsalOption,
    ReplayOption,
    ReportOption,
    ResumeOption,
    TickerArgument,
)
from .backtest_app import backtest
from .daily_app import paper_performance, paper_report, paper_run, paper_serve
from .desks_app import desks_app
from .eval_app import eval_app
from .ledger_app import ledger_app, paper_app
from .memory_app import memory_app
from .runs_app import runs_app
from .settings_app import config_app, doctor, init
from .state_app import backup, restore

app = typer.Typer(
    name="openoutcry",
    help="A trading desk of LLM agents: evidence, debate, typed orders, hard risk limits and paper accounts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 a bug, 2 usage, 3 abstained, 4 no market data, 5 no model, 6 refused by the ledger, "
    "7 waiting for approval, 8 conflict (retry, or make a new decision), 130 interrupted.",
)
prompts_app = typer.Typer(help="List, show, render and compare the prompts of the roles.", no_args_is_help=True)
data_app = typer.Typer(help="Fetch and archive market data, check folders, write snapshots.", no_args_is_help=True)
app.add_typer(runs_app, name="runs")
app.add_typer(desks_app, name="desks")
app.add_typer(prompts_app, name="prompts")
app.add_typer(data_app, name="data")
app.add_typer(paper_app, name="paper")
app.add_typer(ledger_app, name="ledger")
app.add_typer(memory_app, name="memory")
app.add_typer(config_app, name="config")
app.add_typer(eval_app, name="eval")
app.command("backtest")(backtest)
app.command("init")(init)
paper_app.command("run")(paper_run)
paper_app.command("serve")(paper_serve)
paper_app.command("performance")(paper_performance)
paper_app.command("report")(paper_report)
app.command("doctor")(doctor)
app.command("backup")(backup)
app.command("restore")(restore)

PromptId = Annotated[str, typer.Argument(help="Id of the prompt, as in `prompts list`.")]

COLLECT_AFTER = (300_000, 20, 50)
"""Garbage collector thresholds. The defaults (700, 10, 10) cost a tenth of the start-up time.

The imports of a decision allocate 250,000 objects, and its data up to 250,000 more; a pass over them takes 35 ms.
"""


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
    ticker: TickerArgument = None,
    as_of: AsOfOption = None,
    market: MarketOption = None,
    desk: DeskOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    account: DecisionAccountOption = None,
    cash: CashOption = None,
    currency: AccountCurrencyOption = None,
    submit: Annotated[bool, typer.Option("--submit", help="Send the allowed orders to the paper account.")] = False,
    attempt: AttemptOption = None,
    remember: MemoryOption = None,
    seed: Annotated[int | None, typer.Option(help="Seed for models that accept one. [default: 7]")] = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
    report: ReportOption = None,
    force: ForceOption = False,
    resume: ResumeOption = None,
    record: Annotated[bool, typer.Option("--record", help="Record model calls for `runs replay`.")] = False,
    replay: ReplayOption = None,
    dry_run: RehearsalOption = False,
) -> None:
    """Make one decision for a ticker, or resume a run.

    The roles of the desk read the evidence, deliberate and decide; a risk committee may shrink or veto orders, and hard
    limits are applied last. `openoutcry desks show NAME` prints what a desk does. Without --submit, no order is sent.
    With it, orders go to the paper account, once for each account, session, ticker, desk and --attempt.

    \b
    Examples:
      openoutcry decide CALDR --as-of 2025-03-03 --model rules --report caldr.html
      openoutcry decide AAPL --market live --account mine --submit
      openoutcry decide @watchlist.txt --market live --json
    """  # noqa: D301 -- \b keeps the lines of the examples
    flags: dict[str, object] = {"market": market, "desk": desk, "model": model, "deep_model": deep_model}
    flags |= {"base_url": base_url, "cash": cash, "currency": currency, "seed": seed, "prompts": prompts}
    flags |= {"recording": "record" if record else None, "replay": replay}
    flags |= {"account": account, "submit": submit or None, "attempt": attempt, "remember": remember}
    from .commands.decide import DecideOptions, decide_command

    gc.freeze()  # what was imported is never garbage: the collector passes over it from here on
    options = DecideOptions(ticker, as_of, resume, as_json=as_json, report=report, dry_run=dry_run, force=force)
    raise typer.Exit(decide_command(options, flags))


@prompts_app.command("list")
def prompts_list(prompts: PromptFolder = None, as_json: AsJson = False) -> None:
    """List the prompts with role, version and content hash."""
    from .commands.prompts import list_prompts

    list_prompts(prompts, as_json=as_json)


@prompts_app.command("show")
def prompts_show(prompt_id: PromptId, prompts: PromptFolder = None) -> None:
    """Show one prompt's file."""
    from .commands.prompts import show_prompt

    show_prompt(prompt_id, prompts)


@prompts_app.command("render")
def prompts_render(
    prompt_id: PromptId,
    ticker: Annotated[
        str | None, typer.Argument(help="The ticker to render it for, such as CALDR.", show_default=False)
    ] = None,
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
def prompts_diff(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A folder of prompts; built-in; or the id of one prompt of --prompts.")
    ],
    second: Annotated[
        str | None, typer.Argument(metavar="B", help="A folder of prompts, or built-in. [default: built-in against A]")
    ] = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the differences between two folders of prompts, by prompt and section, with changed content hashes.

    \b
    Examples:
      openoutcry prompts diff prompts/terse
      openoutcry prompts diff prompts/terse prompts/long --json
      openoutcry prompts diff trader --prompts prompts/terse
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.prompts import diff_prompts

    diff_prompts(first, second, prompts, as_json=as_json)


@data_app.command("check")
def data_check(folder: Annotated[Path, typer.Argument(help="The market folder.")], as_json: AsJson = False) -> None:
    """Report coverage, gaps and defects of a market folder. Exits with 4 if there is a defect."""
    from .commands.data_check import check_folder

    raise typer.Exit(check_folder(folder, as_json=as_json))


@data_app.command("fetch")
def data_fetch(
    tickers: Annotated[str, typer.Argument(help="AAPL,MSFT,BTC-USD, or a file with one ticker per line.")],
    first: Annotated[str, typer.Option("--from", help="The first day to decide on; its history is fetched too.")],
    last: Annotated[str | None, typer.Option("--to", help="The last day. [default: now]")] = None,
    kinds: Annotated[
        str | None,
        typer.Option(
            help="Kinds of data, such as news,macro: prices_daily, prices_hourly, crypto_daily, splits, dividends, "
            "news, fundamentals, macro, filing_texts, profile, insider. "
            "[default: all but prices_hourly and insider]"
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be requested; call no vendor.")] = False,
) -> None:
    """Fetch data from the public sources into the archive.

    All data that decisions in the period read is fetched, including history. Archived data is not requested again.
    Exits with 4 if some data could not be fetched.

    \b
    Examples:
      openoutcry data fetch AAPL,MSFT,BTC-USD --from 2025-01-02
      openoutcry data fetch watchlist.txt --from 2025-01-02 --to 2025-03-31 --kinds prices_daily,splits,news
    """  # noqa: D301 -- \b keeps the lines of the examples
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
    """Write a market folder from the archive. Live decisions can be repeated from it without a network."""
    from .commands.data_fetch import snapshot

    raise typer.Exit(snapshot(folder, tickers, first, last, as_of))


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
