"""Write the table of faults of docs/models.md: `python -m tests.llm.faults.fault_table` writes it."""

import sys
from collections.abc import Iterable

from ..reading_table import PAGE, page_with
from .all_faults import FAULTS
from .fault_case import FaultCase
from .fault_desk import ROLES

START, END = "<!-- generated: faults -->", "<!-- end of faults -->"


def draw() -> str:
    """Return the generated part of the page."""
    lines = [START, ""]
    for title in dict.fromkeys(case.section for case in FAULTS):
        lines += [f"### {title}", "", "| fault | happens once | happens every time | roles |", "|---|---|---|---|"]
        lines += [_row(case) for case in FAULTS if case.section == title]
        lines.append("")
    return "\n".join([*lines, END])


def _row(case: FaultCase) -> str:
    name = case.name.replace("|", "&#124;")
    return f"| {name} | {case.once.value} | {case.ending(lasting=True).value} | {_roles(case)} |"


def _roles(case: FaultCase) -> str:
    roles = [role for role, answer in ROLES.items() if case.applies(answer)]
    return "all" if len(roles) == len(ROLES) else _joined(roles)


def _joined(roles: Iterable[str]) -> str:
    return ", ".join(f"`{role}`" for role in roles)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page_with(draw(), PAGE.read_text(encoding="utf-8"), "faults"), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is up to date\n")


if __name__ == "__main__":
    main()
