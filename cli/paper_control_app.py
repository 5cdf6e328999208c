"""The commands of `paper` by which a person controls an account. This module imports only what `--help` needs."""

from typing import Annotated

import typer

from .arguments.choices import ActionChoice, OrderTypeChoice, TimeInForceChoice
from .arguments.options import AccountOption, AsJson, MarketOption

control_app = typer.Typer()

ReasonOption = Annotated[str, typer.Option("--reason", help="Reason; recorded in the journal.")]
AnswerReasonOption = Annotated[
    str, typer.Option("--reason", help="Reason; recorded and shown to the desk. [default: none]")
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Your name, which is recorded. [default: your user name]")
]
ProposedOrderArgument = Annotated[
    str | None, typer.Argument(metavar="ORDER", help="Id of the order, as in `paper approvals`, or a unique prefix.")
]
ProposalSessionOption = Annotated[
    str | None,
    typer.Option("--session", metavar="DATE", help="All orders of this session that wait. [default: one order]"),
]
ManualReferenceOption = Annotated[
    str, typer.Option("--reference", help="Idempotency key: the same order is entered once. [default: a new order]")
]
EntryAsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Date of the session to enter it after. [default: last completed session]")
]


@control_app.command("halt")
def paper_halt(
    account: AccountOption = "paper",
    reason: ReasonOption = "halted by the operator",
    cancel_all: Annotated[
        bool, typer.Option("--cancel-all", help="Cancel resting exits too, which leaves positions unprotected.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Halt an account: reject all orders and cancel resting entries until `resume`."""
    from .commands import paper_control

    paper_control.halt(account, reason, cancel_all=cancel_all, as_json=as_json)


@control_app.command("reduce")
def paper_reduce(
    account: AccountOption = "paper", reason: ReasonOption = "reduced by the operator", as_json: AsJson = False
) -> None:
    """Accept only orders that reduce a position, and cancel resting entries, until `resume`."""
    from .commands import paper_control

    paper_control.reduce(account, reason, as_json=as_json)


@control_app.command("resume")
def paper_resume(
    account: AccountOption = "paper", reason: ReasonOption = "resumed by the operator", as_json: AsJson = False
) -> None:
    """Accept all orders again in a halted or reducing account."""
    from .commands import paper_control

    paper_control.resume(account, reason, as_json=as_json)


@control_app.command("approvals")
def paper_approvals(
    account: AccountOption = "paper",
    every: Annotated[bool, typer.Option("--all", help="Include answered and lapsed orders.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the orders that wait for approval."""
    from .commands import paper_control

    paper_control.approvals(account, every=every, as_json=as_json)


@control_app.command("approve")
def paper_approve(
    order: ProposedOrderArgument = None,
    session: ProposalSessionOption = None,
    account: AccountOption = "paper",
    by: ByOption = None,
    reason: AnswerReasonOption = "",
    market: MarketOption = None,
    as_json: AsJson = False,
) -> None:
    """Approve an order, or all waiting orders of a session. Exits with 6 if one no longer fits.

    \b
    Examples:
      openoutcry paper approve 20250303-CALDR-1f2e3d4c-0
      openoutcry paper approve --session 2025-03-03 --by ann --reason "sizes are fine"
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands import paper_control

    answer = paper_control.Answer(account, order, session, by, reason, market, approve=True)
    raise typer.Exit(paper_control.answer(answer, as_json=as_json))


@control_app.command("deny")
def paper_deny(
    order: ProposedOrderArgument = None,
    session: ProposalSessionOption = None,
    account: AccountOption = "paper",
    by: ByOption = None,
    reason: AnswerReasonOption = "",
    as_json: AsJson = False,
) -> None:
    """Deny an order, or all waiting orders of a session; the reason is shown to the desk."""
    from .commands import paper_control

    answer = paper_control.Answer(account, order, session, by, reason, None, approve=False)
    raise typer.Exit(paper_control.answer(answer, as_json=as_json))


@control_app.command("order")
def paper_order(
    symbol: Annotated[str, typer.Argument(help="The ticker, such as CALDR on the demo market.")],
    action: Annotated[ActionChoice, typer.Argument(help="Buy or short to open, sell or cover to close.")],
    quantity: Annotated[str, typer.Argument(help="Quantity in shares.")],
    kind: Annotated[OrderTypeChoice, typer.Option("--type", help="Order type.")] = "market",
    limit: Annotated[str | None, typer.Option(help="Limit price. [default: none]")] = None,
    stop: Annotated[str | None, typer.Option(help="Stop price. [default: none]")] = None,
    trail: Annotated[str | None, typer.Option(help="Distance of a trailing stop. [default: none]")] = None,
    tif: Annotated[TimeInForceChoice, typer.Option("--tif", help="Time in force.")] = "day",
    take_profit: Annotated[str | None, typer.Option(help="Limit price of an entry's target. [default: none]")] = None,
    stop_loss: Annotated[str | None, typer.Option(help="Stop price of an entry's stop loss. [default: none]")] = None,
    good_after: Annotated[
        str | None, typer.Option(help="Moment before which it cannot fill, 2025-03-04T15:30Z. [default: none]")
    ] = None,
    account: AccountOption = "paper",
    reference: ManualReferenceOption = "",
    as_of: EntryAsOfOption = None,
    market: MarketOption = None,
    as_json: AsJson = False,
) -> None:
    """Enter an order, through the same risk limits as a desk's orders.

    \b
    Examples:
      openoutcry paper order CALDR buy 10 --type limit --limit 95.50 --tif gtc --stop-loss 90
      openoutcry paper order CALDR sell 10 --reference rebalance-2025-03
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands import paper_order as command

    levels = command.Levels(limit, stop, trail, take_profit, stop_loss)
    entry = command.OrderArguments(symbol, action, quantity, kind, levels, tif, good_after)
    command.order(command.EntryPlace(account, reference, as_of, market), entry, as_json=as_json)


@control_app.command("close")
def paper_close(
    symbol: Annotated[str, typer.Argument(help="The symbol whose position is closed.")],
    account: AccountOption = "paper",
    reference: ManualReferenceOption = "",
    as_of: EntryAsOfOption = None,
    market: MarketOption = None,
    as_json: AsJson = False,
) -> None:
    """Close a position with a market order, and cancel the resting entries of the symbol."""
    from .commands import paper_order as command

    command.close(command.EntryPlace(account, reference, as_of, market), symbol, as_json=as_json)
