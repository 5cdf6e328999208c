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
    RecordOption,
    ReplayEach,
    ReportOption,
)

WatchlistArgument = Annotated[
    str | None,
    typer.Argument(metavar="SYMBOLS|FILE", help="The watchlist: CALDR,GRUND, or a file with one symbol per line."),
]
FirstOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day of the window. [default: as resumed]")
]
LastOption = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Last day of the window. [default: as resumed]")
]
EveryOption = Annotated[EveryChoice, typer.Option(help="Decide at every session, or at the first of a period.")]
OpeningCashOption = Annotated[str, typer.Option(help="Opening cash.")]
CurrencyOption = Annotated[str, typer.Option(help="Currency of the account.")]
MarginOption = Annotated[bool, typer.Option("--margin", help="Use a margin account: allow borrowing and short sales.")]
CommissionOption = Annotated[int, typer.Option(min=0, help="Commission in basis points of a fill's value.")]
SlippageOption = Annotated[int, typer.Option(min=0, help="Slippage in basis points of a fill's price.")]
ParticipationOption = Annotated[
    float, typer.Option(min=0, max=1, help="Maximum share of a bar's volume that fills; 0 for no limit.")
]
LotsOption = Annotated[
    LotChoice, typer.Option(help="Which lots are closed first; specific: those that the order names.")
]
SplitOption = Annotated[SplitChoice, typer.Option(help="Effect of a split on open orders.")]
BorrowOption = Annotated[int, typer.Option(min=0, help="Yearly borrow fee in basis points of the short value.")]
LocateOption = Annotated[
    str | None, typer.Option(help="The only symbols that may be sold short: A,B,C. [default: all]")
]
BarsOption = Annotated[BarChoice, typer.Option(help="Bars used for fills: daily, or hourly where they exist.")]
RulesOption = Annotated[
    Path | None, typer.Option(help="TOML file of account rules that override the flags. [default: no file]")
]
SeedOption = Annotated[int | None, typer.Option(help="Seed for models that accept one. [default: 7]")]
KeepOption = Annotated[KeepChoice | None, typer.Option(help="Store each decision as a run. [default: compact records]")]
WorkersOption = Annotated[
    int, typer.Option(min=1, max=64, help="Number of processes that decide, for rules; results do not depend on it.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show expected calls, tokens and cost; call no model.")]
MemoryOption = Annotated[bool, typer.Option("--with-memory", help="Use the desk's memory, which begins empty.")]
WarmUpOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="First day of a labelled warm-up before the window. [default: no warm-up]"),
]
ContinueOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help="Continue a backtest: its id, a unique prefix, or latest. [default: a new backtest]"
    ),
]


# fmt: off
def backtest(
    symbols: WatchlistArgument = None, first: FirstOption = None, last: LastOption = None, every: EveryOption = "day",
    desk: DeskOption = None, model: ModelOption = None, deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None, market: MarketOption = None,
    cash: OpeningCashOption = "100000", currency: CurrencyOption = "USD", margin: MarginOption = False,
    commission_bps: CommissionOption = 0, slippage_bps: SlippageOption = 0, participation: ParticipationOption = 0.1,
    lots: LotsOption = "fifo", split_orders: SplitOption = "cancel", borrow_bps: BorrowOption = 0,
    locate: LocateOption = None, bars: BarsOption = "1d", rules: RulesOption = None,
    seed: SeedOption = None, prompts: PromptFolder = None, as_json: AsJson = False, report: ReportOption = None,
    force: ForceOption = False, keep: KeepOption = None, workers: WorkersOption = 1, dry_run: DryRunOption = False,
    with_memory: MemoryOption = False, warm_up_from: WarmUpOption = None,
    resume: ContinueOption = None, record: RecordOption = False, replay: ReplayEach = False,
) -> None:
    # fmt: on
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
    given |= {"recording": "record" if record else None, "replay": "each" if replay else None}
    account = AccountFlags(
        cash, margin, commission_bps, slippage_bps, borrow_bps, locate, participation, lots, split_orders, bars, "",
        rules,
    )  # fmt: skip
    options = BacktestOptions(
        symbols, first, last, every, currency, account, resume=resume, keep=keep is not None, as_json=as_json,
        report=report, force=force, workers=workers, dry_run=dry_run, with_memory=with_memory,
        warm_up_from=warm_up_from,
    )  # fmt: skip
    raise typer.Exit(backtest_command(options, given))
