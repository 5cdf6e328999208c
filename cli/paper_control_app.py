"""The commands of `paper` by which a person controls an account. This module imports only what `--help` needs."""

from typing import Annotated

import typer

from .arguments.options import AccountOption, AsJson, MarketOption

control_app = typer.Typer()

ReasonOption = Annotated[str, typer.Option("--reason", help="Reason; recorded in the journal.")]
AnswerReasonOption = Annotated[
    str, typer.Option("--reason", help="Reason; recorded and shown to the desk. [default: none]")
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who answers; recorded. [default: your user name]")
]
ProposedOrderArgument = Annotated[
    str | None, typer.Argument(metavar="ORDER", help="Id of the order, as in `paper approvals`, or a unique prefix.")
]
ProposalSessionOption = Annotated[
    str | None,
    typer.Option("--session", metavar="DATE", help="All orders of this session that wait. [default: one order]"),
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
