"""The commands `paper` and `ledger`. Only what `--help` needs is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.options import AccountOption, AsJson

paper_app = typer.Typer(help="Paper accounts: open one, look into it, stop it.", no_args_is_help=True)
ledger_app = typer.Typer(help="The books: checked, copied, and order streams simulated.", no_args_is_help=True)


@paper_app.command("init")
def paper_init(
    account: AccountOption = "paper",
    cash: Annotated[str, typer.Option(help="The first deposit.")] = "100000",
    margin: Annotated[bool, typer.Option("--margin", help="May borrow and sell short.")] = False,
    commission_bps: Annotated[int, typer.Option(min=0, help="Commission, basis points of a fill's value.")] = 0,
    slippage_bps: Annotated[int, typer.Option(min=0, help="Slippage, basis points of a fill's price.")] = 0,
    participation: Annotated[
        float, typer.Option(min=0, max=1, help="Largest share of a bar's volume to fill; 0 for no limit.")
    ] = 0.1,
    lots: Annotated[
        str,
        typer.Option(help="Which lot goes first: fifo, lifo, highest_cost, or specific for those that an order names."),
    ] = "fifo",
    split_orders: Annotated[
        str, typer.Option(help="What a split does to open orders: cancel, adjust or adjust_protective.")
    ] = "cancel",
    borrow_bps: Annotated[int, typer.Option(min=0, help="Yearly fee for borrowed shares, basis points of value.")] = 0,
    locate: Annotated[
        str | None, typer.Option(help="The only symbols that can be sold short: A,B,C. [default: all]")
    ] = None,
    bars: Annotated[str, typer.Option(help="What the account is walked on: 1d, or 1h where there are hours.")] = "1d",
    calendar: Annotated[str, typer.Option(help="XNYS, or 24/7 for an account of coins.")] = "XNYS",
    rules: Annotated[
        Path | None,
        typer.Option(help="A TOML file of account rules over these flags: margins, interest, commission, slippage ..."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open a paper account."""
    from .arguments.account_rules import AccountFlags
    from .commands.paper import init

    flags = AccountFlags(
        cash, margin, commission_bps, slippage_bps, borrow_bps, locate, participation, lots, split_orders, bars,
        calendar, rules,
    )  # fmt: skip
    init(account, flags, as_json=as_json)


@paper_app.command("list")
def paper_list(as_json: AsJson = False) -> None:
    """List the accounts: session, equity, positions, open orders, and whether they are halted."""
    from .commands import paper

    paper.list_accounts(as_json=as_json)


@paper_app.command("status")
def paper_status(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Show an account at a glance, with the head of its journal's hash chain."""
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
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
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
    limit: Annotated[int, typer.Option(min=1, help="How many of the last events.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the last events of the journal."""
    from .commands import paper

    paper.history(account, limit, as_json=as_json)


@paper_app.command("equity")
def paper_equity(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Show equity by session, drawn on a terminal."""
    from .commands import paper

    paper.equity(account, as_json=as_json)


@paper_app.command("cancel")
def paper_cancel(order: str, account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Cancel an open order."""
    from .commands import paper

    paper.cancel(account, order, as_json=as_json)


@paper_app.command("delist")
def paper_delist(
    symbol: str,
    price: Annotated[str, typer.Option(help="What a share is worth; 0 for nothing.")],
    account: AccountOption = "paper",
    as_json: AsJson = False,
) -> None:
    """Close the position in a symbol that no longer trades, at the price given."""
    from .commands import paper

    paper.delist(account, symbol, price, as_json=as_json)


@paper_app.command("halt")
def paper_halt(
    account: AccountOption = "paper",
    reason: Annotated[str, typer.Option(help="Why.")] = "halted by the operator",
    as_json: AsJson = False,
) -> None:
    """Pull the kill switch: no order is taken until `resume`."""
    from .commands import paper

    paper.halt(account, reason, as_json=as_json)


@paper_app.command("resume")
def paper_resume(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Let a halted account take orders again."""
    from .commands import paper

    paper.resume(account, as_json=as_json)


@paper_app.command("deposit")
def paper_deposit(amount: str, reference: str, account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Pay cash in; the same reference is booked once."""
    from .commands import paper

    paper.move_cash(account, amount, reference, out=False, as_json=as_json)


@paper_app.command("withdraw")
def paper_withdraw(amount: str, reference: str, account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Pay cash out; the same reference is booked once."""
    from .commands import paper

    paper.move_cash(account, amount, reference, out=True, as_json=as_json)


@paper_app.command("export")
def paper_export(
    account: AccountOption = "paper",
    form: Annotated[str, typer.Option("--format", help="csv, jsonl or beancount.")] = "csv",
    out: Annotated[Path | None, typer.Option(help="A file; standard output by default.")] = None,
) -> None:
    """Write the whole journal for other programs."""
    from .commands import paper

    paper.export(account, form, out)


@ledger_app.command("verify")
def ledger_verify(
    account: Annotated[str | None, typer.Option("--account", help="One account. [default: all]")] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="A file of `ledger anchor`: the journals must still contain what it names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check invariants, hash chain and replay; any breach exits with 6."""
    from .commands import ledger

    raise typer.Exit(ledger.verify(account, anchor, as_json=as_json))


@ledger_app.command("anchor")
def ledger_anchor(
    account: Annotated[str | None, typer.Option("--account", help="One account. [default: all]")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Also write the anchor to this file.")] = None,
) -> None:
    """Print the number of events and the head hash of each journal as JSON, to keep outside the database."""
    from .commands import ledger

    ledger.anchor(account, file)


@ledger_app.command("simulate")
def ledger_simulate(stream: Path) -> None:
    """Run an order stream (order-stream/1) and print its result."""
    from .commands import ledger

    ledger.simulate(stream)


@ledger_app.command("backup")
def ledger_backup(target: Path, as_json: AsJson = False) -> None:
    """Copy all accounts into a new SQLite file while others may go on writing."""
    from .commands import ledger

    ledger.backup(target, as_json=as_json)
