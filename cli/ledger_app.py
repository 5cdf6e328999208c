"""The commands `paper` and `ledger`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import BarChoice, ExportChoice, LotChoice, SplitChoice
from .arguments.options import AccountOption, AsJson, ForceOption
from .paper_control_app import control_app

paper_app = typer.Typer(help="Open, inspect, fund, halt and export paper accounts.", no_args_is_help=True)
paper_app.add_typer(control_app)
ledger_app = typer.Typer(help="Verify and back up the ledger, and simulate order streams.", no_args_is_help=True)

AmountArgument = Annotated[str, typer.Argument(help="Amount of cash, in whole cents, such as 2500.00.")]
RulesOption = Annotated[
    Path | None,
    typer.Option(help="TOML file of account rules that override the flags: margins, interest ... [default: no file]"),
]
ReferenceArgument = Annotated[str, typer.Argument(help="A unique text that identifies the transfer.")]


@paper_app.command("init")
def paper_init(
    account: AccountOption = "paper",
    cash: Annotated[str, typer.Option(help="The first deposit.")] = "100000",
    margin: Annotated[
        bool, typer.Option("--margin", help="Open a margin account: allow borrowing and short sales.")
    ] = False,
    commission_bps: Annotated[int, typer.Option(min=0, help="Commission in basis points of a fill's value.")] = 0,
    slippage_bps: Annotated[int, typer.Option(min=0, help="Slippage in basis points of a fill's price.")] = 0,
    participation: Annotated[
        float, typer.Option(min=0, max=1, help="Maximum share of a bar's volume that fills; 0 for no limit.")
    ] = 0.1,
    lots: Annotated[
        LotChoice,
        typer.Option(help="Which lots are closed first; specific: those that the order names."),
    ] = "fifo",
    split_orders: Annotated[SplitChoice, typer.Option(help="Effect of a split on open orders.")] = "cancel",
    borrow_bps: Annotated[int, typer.Option(min=0, help="Yearly borrow fee in basis points of the short value.")] = 0,
    locate: Annotated[
        str | None, typer.Option(help="The only symbols that may be sold short: A,B,C. [default: all]")
    ] = None,
    bars: Annotated[BarChoice, typer.Option(help="Bars used for fills: daily, or hourly where they exist.")] = "1d",
    calendar: Annotated[str, typer.Option(help="XNYS, or 24/7 for a crypto account.")] = "XNYS",
    currency: Annotated[str, typer.Option(help="Currency of all amounts, an ISO 4217 code.")] = "USD",
    rules: RulesOption = None,
    as_json: AsJson = False,
) -> None:
    """Open a paper account.

    \b
    Examples:
      openoutcry paper init --account mine --cash 250,000 --margin --commission-bps 1
      openoutcry paper init --account coins --calendar 24/7
      openoutcry paper init --account london --calendar XLON --currency GBP
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .arguments.account_rules import AccountFlags
    from .commands.paper import init

    flags = AccountFlags(
        cash, margin, commission_bps, slippage_bps, borrow_bps, locate, participation, lots, split_orders, bars,
        calendar, rules, currency,
    )  # fmt: skip
    init(account, flags, as_json=as_json)


@paper_app.command("list")
def paper_list(as_json: AsJson = False) -> None:
    """List the accounts and their state."""
    from .commands import paper

    paper.list_accounts(as_json=as_json)


@paper_app.command("status")
def paper_status(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Show a summary of an account, and its journal's head hash."""
    from .commands import paper

    paper.status(account, as_json=as_json)


@paper_app.command("positions")
def paper_positions(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """List the positions and their lots."""
    from .commands import paper

    paper.positions(account, as_json=as_json)


@paper_app.command("orders")
def paper_orders(
    account: AccountOption = "paper",
    every: Annotated[bool, typer.Option("--all", help="Include closed orders.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the open orders."""
    from .commands import paper

    paper.orders(account, every=every, as_json=as_json)


@paper_app.command("fills")
def paper_fills(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """List all executions."""
    from .commands import paper

    paper.fills(account, as_json=as_json)


@paper_app.command("history")
def paper_history(
    account: AccountOption = "paper",
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of events.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the last events of the journal."""
    from .commands import paper

    paper.history(account, limit, as_json=as_json)


@paper_app.command("equity")
def paper_equity(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Show equity by session, with a plot on a terminal."""
    from .commands import paper

    paper.equity(account, as_json=as_json)


@paper_app.command("cancel")
def paper_cancel(
    order: Annotated[str, typer.Argument(help="Id of the order, as in `paper orders`.")],
    account: AccountOption = "paper",
    as_json: AsJson = False,
) -> None:
    """Cancel an open order and its exit orders."""
    from .commands import paper

    paper.cancel(account, order, as_json=as_json)


@paper_app.command("delist")
def paper_delist(
    symbol: Annotated[str, typer.Argument(help="The symbol that no longer trades.")],
    price: Annotated[str, typer.Option(help="Price of a share; 0 if it is worthless.")],
    account: AccountOption = "paper",
    as_json: AsJson = False,
) -> None:
    """Close the position in a symbol that no longer trades, at the price given."""
    from .commands import paper

    paper.delist(account, symbol, price, as_json=as_json)


@paper_app.command("deposit")
def paper_deposit(
    amount: AmountArgument, reference: ReferenceArgument, account: AccountOption = "paper", as_json: AsJson = False
) -> None:
    """Deposit cash. Each reference is booked once."""
    from .commands import paper

    paper.move_cash(account, amount, reference, out=False, as_json=as_json)


@paper_app.command("withdraw")
def paper_withdraw(
    amount: AmountArgument, reference: ReferenceArgument, account: AccountOption = "paper", as_json: AsJson = False
) -> None:
    """Withdraw cash. Each reference is booked once."""
    from .commands import paper

    paper.move_cash(account, amount, reference, out=True, as_json=as_json)


@paper_app.command("export")
def paper_export(
    account: AccountOption = "paper",
    form: Annotated[
        ExportChoice, typer.Option("--format", help="Postings as CSV, events as JSON lines, or beancount.")
    ] = "csv",
    out: Annotated[Path | None, typer.Option(help="Output file. [default: standard output]")] = None,
    force: ForceOption = False,
) -> None:
    """Export the journal."""
    from .commands import paper

    paper.export(account, form, out, force=force)


@ledger_app.command("verify")
def ledger_verify(
    account: Annotated[str | None, typer.Option("--account", help="One account. [default: all]")] = None,
    anchor: Annotated[
        Path | None,
        typer.Option(help="File written by `ledger anchor` that the journals must still contain. [default: no file]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check invariants, hash chain and replay. Exits with 1 on any breach."""
    from .commands import ledger

    raise typer.Exit(ledger.verify(account, anchor, as_json=as_json))


@ledger_app.command("anchor")
def ledger_anchor(
    account: Annotated[str | None, typer.Option("--account", help="One account. [default: all]")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Also write the anchors to this file. [default: no file]")
    ] = None,
) -> None:
    """Print the number of events and the head hash of each journal as JSON, to keep outside the database."""
    from .commands import ledger

    ledger.anchor(account, file)


@ledger_app.command("simulate")
def ledger_simulate(stream: Annotated[Path, typer.Argument(help="File with the order stream.")]) -> None:
    """Run an order stream and print the result. The schema is order-stream/1; the result is JSON."""
    from .commands import ledger

    ledger.simulate(stream)


@ledger_app.command("backup")
def ledger_backup(target: Annotated[Path, typer.Argument(help="The new file.")], as_json: AsJson = False) -> None:
    """Copy all accounts to a new SQLite file. Other processes may keep writing."""
    from .commands import ledger

    ledger.backup(target, as_json=as_json)
