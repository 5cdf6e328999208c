"""Flags that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Exactly one JSON document on standard output.")]
AccountOption = Annotated[str, typer.Option("--account", help="Which account.")]
AsOfOption = Annotated[
    str | None,
    typer.Option(help="A date (that session's close) or an ISO datetime with zone. [default: last completed session]"),
]
MarketOption = Annotated[
    str | None, typer.Option("--market", help="demo, live, or a folder of your data. [default: demo]")
]
DeskOption = Annotated[
    str | None, typer.Option(help="A desk by name (debate, single_agent, finmem) or a YAML file. [default: debate]")
]
ModelOption = Annotated[
    str | None, typer.Option(help="rules, or openai:NAME. [default: openai when a key is set, else rules]")
]
DeepModelOption = Annotated[str | None, typer.Option(help="The model that judges. [default: that of --model]")]
BaseUrlOption = Annotated[str | None, typer.Option(help="Any OpenAI-compatible endpoint. [default: OPENAI_BASE_URL]")]
DecisionAccountOption = Annotated[
    str | None, typer.Option("--account", help="Decide for this paper account's real positions.")
]
CashOption = Annotated[str | None, typer.Option(help="Or for a hypothetical flat book of so much. [default: 100000]")]
AttemptOption = Annotated[
    int | None,
    typer.Option(
        min=1, max=99, help="With --submit: 2 decides once more for the same session, and so on. [default: 1]"
    ),
]
MemoryOption = Annotated[
    bool | None,
    typer.Option("--memory/--no-memory", help="Recall and record memories, as the desk file says. [default: memory]"),
]
PromptFolder = Annotated[Path | None, typer.Option("--prompts", help="A folder of your own prompts, laid over by id.")]
ReportOption = Annotated[Path | None, typer.Option("--report", help="Also write a report, to a .md or .html file.")]
