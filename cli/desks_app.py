"""The command `desks`. This module imports only what `--help` needs."""

from typing import Annotated

import typer

from .arguments.options import AsJson, PromptFolder

desks_app = typer.Typer(help="List, show, check and draw the desks.", no_args_is_help=True)

DeskArgument = Annotated[str, typer.Argument(metavar="NAME|FILE", help="Name of a built-in desk, or a YAML file.")]


@desks_app.command("list")
def desks_list(as_json: AsJson = False) -> None:
    """List the built-in desks: topology, kind of decision, and the calls of one decision.

    Calls and serial slots are those of a decision by rules on the demo market. Calls of a desk over a book are per
    symbol and for the whole book.
    """
    from .commands import desks

    desks.list_desks(as_json=as_json)


@desks_app.command("show")
def desks_show(desk: DeskArgument, prompts: PromptFolder = None, as_json: AsJson = False) -> None:
    """Show everything a desk is: roles, prompts, tools, rules, decision, sizing, risk, memory and expected calls."""
    from .commands import desks

    desks.show_desk(desk, prompts, as_json=as_json)


@desks_app.command("check")
def desks_check(desk: DeskArgument, prompts: PromptFolder = None, as_json: AsJson = False) -> None:
    """Check a desk file.

    Every defect is printed with its line, key and remedy: keys, values, combinations, tools, prompts and memory
    preset. Exits with 2 if there is one.

    \b
    Examples:
      openoutcry desks check my-desk.yaml
      openoutcry desks check my-desk.yaml --prompts my-prompts
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands import desks

    raise typer.Exit(desks.check(desk, prompts, as_json=as_json))


@desks_app.command("graph")
def desks_graph(
    desk: DeskArgument,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print Mermaid text instead of the drawing.")] = False,
) -> None:
    """Draw the graph of a desk from top to bottom.

    Nodes on one line work at the same time. Nodes in parentheses are computations, which ask no model. A colon leads on
    under a condition.
    """
    from .commands import desks

    desks.draw(desk, mermaid_text=mermaid)
