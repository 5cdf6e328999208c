"""The command `memory`. Only what `--help` needs is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.options import AsJson

memory_app = typer.Typer(help="What the desk remembers: look into it, ask it, mend it.", no_args_is_help=True)

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A date (the end of that day, UTC) or an ISO datetime with zone. [default: now]"),
]
SymbolOption = Annotated[str | None, typer.Option("--symbol", help="Only about this ticker.")]
LayerOption = Annotated[str | None, typer.Option("--layer", help="short, mid, long or reflection.")]
RunOption = Annotated[
    str | None,
    typer.Option("--run", help="Whose memory: a run's name, or workspace/run/branch/agent. [default: all]"),
]


@memory_app.command("list")
def memory_list(
    symbol: SymbolOption = None,
    layer: LayerOption = None,
    run: RunOption = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was known at a date, with the layer and strength it had then."""
    from .commands import memory

    memory.list_memories(memory.MemoryFilter(run, as_of, symbol, layer), limit, as_json=as_json)


@memory_app.command("search")
def memory_search(
    text: Annotated[list[str], typer.Argument(help="A situation, in words.")],
    symbol: SymbolOption = None,
    layer: LayerOption = None,
    run: RunOption = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Ask as a role would, as of any date, and see why each item ranks where it does."""
    from .commands import memory

    memory.search(" ".join(text), memory.MemoryFilter(run, as_of, symbol, layer), limit, as_json=as_json)


@memory_app.command("show")
def memory_show(
    memory_id: Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show one memory and its life: strength by date, layers, feedback, and what rests on it."""
    from .commands import memory

    memory.show(memory_id, as_of, as_json=as_json)


@memory_app.command("forget")
def memory_forget(
    memory_id: Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="From when on. [default: now]")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the journal.")] = "forgotten by the operator",
) -> None:
    """Recall a memory no more, from now or from a date on. The journal keeps it, and what was decided with it."""
    from .commands import memory

    memory.forget(memory_id, as_of, reason)


@memory_app.command("stats")
def memory_stats(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Count what there is, by namespace and layer."""
    from .commands import memory

    memory.stats(as_of, as_json=as_json)


@memory_app.command("rebuild")
def memory_rebuild(as_json: AsJson = False) -> None:
    """Check the journal, make the index anew from it, and compare every vector afterwards."""
    from .commands import memory

    raise typer.Exit(memory.rebuild(as_json=as_json))


@memory_app.command("export")
def memory_export(
    out: Annotated[Path | None, typer.Option(help="A file; standard output by default.")] = None,
    run: RunOption = None,
) -> None:
    """Write all records and events as JSON lines, in the order in which they were written."""
    from .commands import memory

    memory.export(run, out)
