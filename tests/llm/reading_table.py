"""Write the table of docs/models.md from the cases of the tests: `python -m tests.llm.reading_table` writes it."""

import re
import sys
from pathlib import Path

from openoutcry.llm.reading.repairs import REPAIRS

from .reading_cases import SECTIONS
from .reading_cases.builders import OTHER, Case, Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"
START, END = "<!-- generated: replies -->", "<!-- end of replies -->"
RESULTS = {
    Result.ACCEPTED: "accepted",
    Result.REPAIRED: "repaired and recorded",
    Result.ASKED_AGAIN: "asked again; then refused",
}


def draw() -> str:
    """Return the generated part of the page."""
    lines = [START, ""]
    for title, cases in SECTIONS.items():
        lines += [f"### {title}", "", "| reply | result | recorded as | answers |", "|---|---|---|---|"]
        lines += [_row(case) for case in cases]
        lines.append("")
    lines += ["### Repairs", "", "| name | works on | what is done |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {each.stage} | {each.text} |" for each in REPAIRS]
    return "\n".join([*lines, "", END])


def page_with(table: str, page: str, part: str = "replies") -> str:
    """Return `page` with a generated part replaced; raises ValueError where the page has no place for it."""
    start, end = f"<!-- generated: {part} -->", f"<!-- end of {part} -->"
    found = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(page):
        raise ValueError(f"{PAGE.name} has no part between {start} and {end}")
    return found.sub(lambda _: table, page)


def _row(case: Case) -> str:
    repairs = ", ".join(f"`{name}`" for name in sorted(case.repairs))
    answers = ", ".join(answer.schema_name for answer in OTHER if case.applies(answer)) if case.needs else "all"
    return f"| {case.situation.replace('|', '&#124;')} | {RESULTS[case.result]} | {repairs} | {answers} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page_with(draw(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is up to date\n")


if __name__ == "__main__":
    main()
