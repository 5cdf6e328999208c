"""The command `memory`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import LayerChoice
from .arguments.options import (
    AsJson,
    BaseUrlOption,
    DecisionAccountOption,
    DeskOption,
    ForceOption,
    MarketOption,
    ModelOption,
)

memory_app = typer.Typer(help="List, search, inspect, forget, rebuild and export memories.", no_args_is_help=True)

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A date (the end of that day, UTC) or an ISO datetime with time zone. [default: now]"),
]
SymbolOption = Annotated[str | None, typer.Option("--symbol", help="Only memories of this ticker. [default: all]")]
LayerOption = Annotated[LayerChoice | None, typer.Option("--layer", help="Only this layer. [default: all]")]
RunOption = Annotated[
    str | None,
    typer.Option("--run", help="Only this run: its name, or workspace/run/branch/agent. [default: all]"),
]


@memory_app.command("list")
def memory_list(
    symbol: SymbolOption = None,
    layer: LayerOption = None,
    run: RunOption = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of memories; the newest are listed.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the memories known at a date. Layer and strength are those at that date."""
    from .commands import memory

    memory.list_memories(memory.MemoryFilter(run, as_of, symbol, layer), limit, as_json=as_json)


@memory_app.command("search")
def memory_search(
    text: Annotated[list[str], typer.Argument(help="Search text, such as a market situation.")],
    symbol: SymbolOption = None,
    layer: LayerOption = None,
    run: RunOption = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Maximum number of results.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Search memories as of any date. The recall is that of a role; the parts of each score are shown."""
    from .commands import memory

    memory.search(" ".join(text), memory.MemoryFilter(run, as_of, symbol, layer), limit, as_json=as_json)


@memory_app.command("show")
def memory_show(
    memory_id: Annotated[str, typer.Argument(metavar="ID", help="A memory id, or its unique prefix.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show one memory and its history.

    The history contains strength by date, layers, feedback, and memories that cite it.
    """
    from .commands import memory

    memory.show(memory_id, as_of, as_json=as_json)


@memory_app.command("forget")
def memory_forget(
    memory_id: Annotated[str, typer.Argument(metavar="ID", help="A memory id, or its unique prefix.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Exclude from this time on. [default: now]")] = None,
    reason: Annotated[str, typer.Option(help="Reason; recorded in the journal.")] = "forgotten by the operator",
) -> None:
    """Exclude a memory from recall. The journal and past decisions keep it."""
    from .commands import memory

    memory.forget(memory_id, as_of, reason)


@memory_app.command("warm-up")
def memory_warm_up(
    symbols: Annotated[str, typer.Argument(metavar="SYMBOLS", help="The tickers to label: CALDR,GRUND.")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day of the warm-up.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day of the warm-up.")],
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="First session of the test. [default: the first decision in the memory]"),
    ] = None,
    account: DecisionAccountOption = None,
    desk: DeskOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    market: MarketOption = None,
) -> None:
    """Fill the memory of a desk with decisions whose outcome is known, or train the desk, strictly before its test.

    The desk file asks for it with memory: {warmup: labelled}, or with learning of kind episodes or retry. Repeating a
    warm-up adds only what is missing.
    """
    from .commands.memory_warm_up import warm_up_command

    given = {"account": account, "desk": desk, "model": model, "base_url": base_url, "market": market}
    warm_up_command(symbols, first, last, before, given)


@memory_app.command("stats")
def memory_stats(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show the number of memories by namespace and layer."""
    from .commands import memory

    memory.stats(as_of, as_json=as_json)


@memory_app.command("rebuild")
def memory_rebuild(as_json: AsJson = False) -> None:
    """Rebuild the index from the journal. Every vector is compared; exits with 6 on a difference."""
    from .commands import memory

    raise typer.Exit(memory.rebuild(as_json=as_json))


@memory_app.command("export")
def memory_export(
    out: Annotated[Path | None, typer.Option(help="Output file. [default: standard output]")] = None,
    run: RunOption = None,
    force: ForceOption = False,
) -> None:
    """Export all records and events as JSON lines."""
    from .commands import memory

    memory.export(run, out, force=force)
