"""The command `backtest`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import BarChoice, EveryChoice, KeepChoice, LotChoice, SplitChoice
from .arguments.options import (
    AsJson,
    BaseUrlOption,
    DeepModelOption,
    DeskOption,
    ForceOption,
    MarketOption,
    ModelOption,
    PromptFolder,
    ReportOption,
)


def backtest(
    symbols: Annotated[
        str | None,
        typer.Argument(metavar="SYMBOLS|FILE", help="The watchlist: CALDR,GRUND, or a file with one symbol per line."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day of the window.", show_default="none")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day of the window.", show_default="none")
    ] = None,
    every: Annotated[EveryChoice, typer.Option(help="Decide at every session, or at the first of a period.")] = "day",
    desk: DeskOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    market: MarketOption = None,
    cash: Annotated[str, typer.Option(help="Opening cash.")] = "100000",
    currency: Annotated[str, typer.Option(help="Currency of the account.")] = "USD",
    margin: Annotated[bool, typer.Option("--margin", help="Use a margin account: borrowing and short sales.")] = False,
    commission_bps: Annotated[int, typer.Option(min=0, help="Commission in basis points of a fill's value.")] = 0,
    slippage_bps: Annotated[int, typer.Option(min=0, help="Slippage in basis points of a fill's price.")] = 0,
    participation: Annotated[
        float, typer.Option(min=0, max=1, help="Maximum share of a bar's volume that fills; 0 for no limit.")
    ] = 0.1,
    lots: Annotated[LotChoice, typer.Option(help="Which lots are closed first.")] = "fifo",
    split_orders: Annotated[SplitChoice, typer.Option(help="Effect of a split on open orders.")] = "cancel",
    borrow_bps: Annotated[int, typer.Option(min=0, help="Yearly borrow fee in basis points of the short value.")] = 0,
    locate: Annotated[
        str | None, typer.Option(help="The only symbols that may be sold short: A,B,C. [default: all]")
    ] = None,
    bars: Annotated[BarChoice, typer.Option(help="Bars used for fills: daily, or hourly where they exist.")] = "1d",
    rules: Annotated[
        Path | None,
        typer.Option(help="TOML file of account rules that override the flags. [default: no file]"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed for models that accept one. [default: 7]")] = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
    report: ReportOption = None,
    force: ForceOption = False,
    keep: Annotated[
        KeepChoice | None, typer.Option(help="Store each decision as a run. [default: compact records]")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show expected calls, tokens and cost; call no model.")
    ] = False,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Continue a backtest: its id, a unique prefix, or latest. [default: a new backtest]"
        ),
    ] = None,
) -> None:
    """Run a desk over past sessions with an account in memory, beside buy-and-hold and cash.

    The same command continues a backtest that was interrupted; finished decisions of a model are not made again.

    \b
    Examples:
      openoutcry backtest CALDR,GRUND --from 2025-03-03 --to 2025-05-30 --model rules --report quarter.html
      openoutcry backtest watchlist.txt --market DIR --from 2025-01-02 --to 2025-06-30 --every week --commission-bps 1
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .arguments.account_rules import AccountFlags
    from .commands.backtest import BacktestOptions, backtest_command

    given: dict[str, object] = {"market": market, "desk": desk, "model": model, "deep_model": deep_model}
    given |= {"base_url": base_url, "seed": seed, "prompts": prompts}
    account = AccountFlags(
        cash, margin, commission_bps, slippage_bps, borrow_bps, locate, participation, lots, split_orders, bars, "",
        rules,
    )  # fmt: skip
    options = BacktestOptions(
        symbols, first, last, every, currency, account, resume=resume, keep=keep is not None, as_json=as_json,
        report=report, force=force, dry_run=dry_run,
    )  # fmt: skip
    raise typer.Exit(backtest_command(options, given))
