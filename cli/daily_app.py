"""The commands of the daily run: `paper run` and `paper serve`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import WhenChoice
from .arguments.options import (
    AccountOption,
    AsJson,
    BaseUrlOption,
    DeepModelOption,
    DeskOption,
    ForceOption,
    MarketOption,
    MemoryOption,
    ModelOption,
    PromptFolder,
    RecordOption,
    ReplayEach,
)

SessionOption = Annotated[
    str | None, typer.Option("--session", help="Decide after this session. [default: the last one that is due]")
]
UntilOption = Annotated[
    str | None,
    typer.Option(help="With --force: run every session from --session to this day. [default: one session]"),
]
WatchlistOption = Annotated[
    str | None, typer.Option(help="AAPL,MSFT or @FILE; TICKER:DESK uses another desk. [default: from [[paper]]]")
]
WhenOption = Annotated[
    WhenChoice | None, typer.Option(help="Decide after the close, or before the open. [default: after-close]")
]
ApproveOption = Annotated[
    str | None,
    typer.Option(
        help="Orders that wait for a person: none, all, 'above 5000', 'outside max_quantity=9'. [default: none]"
    ),
]
ForceReason = Annotated[
    str | None,
    typer.Option(
        "--force", metavar="REASON", help="Run outside of its time; the reason is recorded. [default: no reason]"
    ),
]
SessionAttempt = Annotated[
    int, typer.Option(min=1, max=99, help="2 abandons an unfinished session and decides anew, and so on.")
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Try again until the deadline where data or a model is missing.")
]
SeedOption = Annotated[int | None, typer.Option(help="Seed for models that accept one. [default: 7]")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show expected calls, tokens and cost; call no model, change nothing.")
]


def paper_run(
    account: AccountOption = "paper",
    session: SessionOption = None,
    until: UntilOption = None,
    watchlist: WatchlistOption = None,
    desk: DeskOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    market: MarketOption = None,
    when: WhenOption = None,
    approve: ApproveOption = None,
    force: ForceReason = None,
    attempt: SessionAttempt = 1,
    wait: WaitOption = False,
    remember: MemoryOption = None,
    seed: SeedOption = None,
    prompts: PromptFolder = None,
    record: RecordOption = False,
    replay: ReplayEach = False,
    dry_run: DryRunOption = False,
    as_json: AsJson = False,
) -> None:
    """Run one session of an account: settle it, decide on every ticker, apply the limits, submit.

    A session is run once: a second call changes nothing and says so. A call that was stopped is continued by the same
    command. After the deadline (10 minutes before the open that the orders are for) the session is settled and recorded
    as missed, unless --force gives a reason.

    \b
    Examples:
      openoutcry paper run --account mine --watchlist AAPL,MSFT --market live
      openoutcry paper run --session 2025-03-03 --until 2025-05-30 --watchlist @list.txt --force "simulated quarter"
    """  # noqa: D301 -- \b keeps the lines of the examples
    overrides: dict[str, object] = {"desk": desk, "model": model, "deep_model": deep_model, "base_url": base_url}
    overrides |= {"market": market, "remember": remember, "seed": seed, "prompts": prompts}
    overrides |= {"recording": "record" if record else None, "replay": "each" if replay else None}
    from ..app.paper_request import SessionFlags
    from .commands.paper_run import run_session_command

    flags = SessionFlags(account, watchlist, session, when, approve, force, attempt, wait, until)
    raise typer.Exit(run_session_command(flags, overrides, as_json=as_json, dry_run=dry_run))


def paper_serve(
    accounts: Annotated[
        str | None, typer.Option(help="Accounts to serve: A,B. [default: all [[paper]] tables of openoutcry.toml]")
    ] = None,
) -> None:
    """Run the sessions of accounts as they become due, until stopped.

    Each account needs a [[paper]] table in openoutcry.toml. Ctrl-C or SIGTERM ends the command; a session at work is
    continued at the next start. `paper status` shows the last heartbeat.

    \b
    Examples:
      openoutcry paper serve
      openoutcry paper serve --accounts mine,other
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.paper_serve import serve

    serve(accounts)


def paper_performance(account: AccountOption = "paper", as_json: AsJson = False) -> None:
    """Show return, drawdown, Sharpe and costs of an account; deposits and withdrawals do not count as gains."""
    from .commands.paper_performance import performance

    performance(account, as_json=as_json)


def paper_report(
    account: AccountOption = "paper",
    session: Annotated[str | None, typer.Option(help="The session. [default: the newest]")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the HTML report here. [default: no file]")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the Markdown report here. [default: print it]")] = None,
    force: ForceOption = False,
) -> None:
    """Show the report of a session: what was filled, decided, held and missing."""
    from .commands.paper_report import report

    report(account, session, html, markdown, force=force)
