"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document to standard output.")]
AccountOption = Annotated[str, typer.Option("--account", help="Name of the account.")]
TickerArgument = Annotated[
    str | None, typer.Argument(help="The ticker, such as CALDR on the demo market; several: CALDR,GRUND or @FILE.")
]
ResumeOption = Annotated[
    str | None,
    typer.Option(
        metavar="RUN_ID", help="Resume an interrupted run: its id, a unique prefix, or latest. [default: a new run]"
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        help="A date (its session's close) or an ISO datetime with time zone. [default: last completed session]"
    ),
]
MarketOption = Annotated[
    str | None, typer.Option("--market", help="demo, live, or a folder with your data. [default: demo]")
]
DeskOption = Annotated[
    str | None, typer.Option(help="Name of a desk, as in `desks list`, or a YAML file. [default: debate]")
]
ModelOption = Annotated[
    str | None, typer.Option(help="rules, or openai:NAME. [default: openai if a key is set, else rules]")
]
DeepModelOption = Annotated[str | None, typer.Option(help="The model for judging roles. [default: same as --model]")]
BaseUrlOption = Annotated[
    str | None, typer.Option(help="URL of an OpenAI-compatible endpoint. [default: OPENAI_BASE_URL]")
]
DecisionAccountOption = Annotated[
    str | None,
    typer.Option("--account", help="Paper account whose cash and positions the decision uses. [default: no account]"),
]
CashOption = Annotated[str | None, typer.Option(help="Starting cash when no account is used. [default: 100000]")]
AccountCurrencyOption = Annotated[
    str | None,
    typer.Option(
        "--currency",
        help="Currency of the starting cash when no account is used, an ISO 4217 code. [default: that of the ticker]",
    ),
]
RehearsalOption = Annotated[
    bool, typer.Option("--dry-run", help="Show expected calls, tokens and cost; call no model.")
]
AttemptOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=99, help="With --submit: 2 makes a second decision for the same session, and so on. [default: 1]"
    ),
]
MemoryOption = Annotated[
    bool | None,
    typer.Option(
        "--memory/--no-memory", help="Recall and record memories as configured in the desk file. [default: memory]"
    ),
]
PromptFolder = Annotated[
    Path | None,
    typer.Option(
        "--prompts",
        help="Folder with your prompts; overrides built-in prompts with the same id. [default: built-in prompts]",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite an existing file of another kind.")]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Also write a report to this .md or .html file. [default: no report]")
]
ReplayOption = Annotated[
    str | None,
    typer.Option(
        "--replay",
        metavar="FILE|RUN",
        help="Answer all model calls from a recording; contact no model. [default: no recording]",
    ),
]
RecordedRunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run made with --record, or latest.")]
RecordOption = Annotated[bool, typer.Option("--record", help="Record all model calls.")]
ReplayEach = Annotated[
    bool, typer.Option("--replay", help="Answer all model calls from the recordings of the same runs.")
]
