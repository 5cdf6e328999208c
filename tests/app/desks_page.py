"""Write docs/desks.md from the built-in desks: `python -m tests.app.desks_page` writes the page."""

import sys
from collections.abc import Sequence
from pathlib import Path

from openoutcry.app.desk_sheet import DeskDescriber, DeskSheet
from openoutcry.cli.commands.desks import calls_text
from openoutcry.graph.desk_config import built_in_desks
from openoutcry.graph.drawing import mermaid
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "desks.md"
HEAD = """\
# The desks

`python -m tests.app.desks_page` writes this page from the desk files in `graph/desks/`. `openoutcry desks list` prints
the table, `desks show NAME` everything about one desk, `desks graph NAME` its drawing, and `desks check FILE` the
defects of a desk file. [write-a-desk.md](write-a-desk.md) describes how to write one.

- **Calls** are the model calls of one complete decision, with the samples and judges of `calls:`. Those of a desk over
  a book are per symbol and for the whole book.
- **Slots** are the steps that follow one another; the calls of one step can run at the same time.
- **Prompt tokens** are estimates (characters / 4) from a decision on the demo market, without memory, in which rules
  answer; for a desk over a book, from a book of three symbols. A model's answers are longer, and so are the prompts
  that contain them.
"""
LEGEND = """\
## Pictures

A box is a role, a stack of boxes a role that works once for every symbol, and a hexagon a computation without a model.
A dotted arrow depends on a condition; the run ends where none holds.
"""


def draw() -> str:
    """Return the page."""
    describer = DeskDescriber(load_prompts(), Limits())
    sheets = [describer.describe(name) for name in built_in_desks()]
    return "\n".join([HEAD, *_table(sheets), "", LEGEND, *(_section(sheet) for sheet in sheets)])


def _table(sheets: Sequence[DeskSheet]) -> list[str]:
    lines = ["| desk | topology | decision | scope | calls | slots | prompt tokens |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| [{sheet.config.name}](#{sheet.config.name}) | {sheet.config.deliberation.kind} | "
        f"{sheet.config.decision.kind} | {sheet.config.intake.scope} | {calls_text(sheet)} | {sheet.count.slots} | "
        f"{sheet.prompt_tokens:,} |"
        for sheet in sheets
    ]
    return lines


def _section(sheet: DeskSheet) -> str:
    desk = sheet.config
    sections = ("decision", "sizing", "exits", "execution", "learning")
    kinds = ", ".join(f"{name} {getattr(desk, name).kind}" for name in sections)
    facts = f"{kinds.capitalize()}, memory {desk.memory.preset}. The decision is that of `{desk.decider}`."
    parts = [f"### {desk.name}", *sheet.header, facts, f"```mermaid\n{mermaid(sheet.shape, sheet.scoped)}\n```"]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(draw(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is up to date\n")


if __name__ == "__main__":
    main()
