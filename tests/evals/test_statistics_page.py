"""docs/statistics.md has an entry for every public figure, names nothing that does not exist, and its example runs."""

import ast
import io
import re
from contextlib import redirect_stdout
from dataclasses import fields
from pathlib import Path

from openoutcry.performance.track_figures import TrackFigures

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
NO_FIGURES = {"defined", "spread"}
"""Functions that other figures use: a check of a float, and the standard deviation of the textbook."""

OF_MONTHS = {"total", "sharpe", "share"}
"""Figures of the monthly bootstrap, which docs/demo-signals.md describes."""


def modules():
    return [
        *(ROOT / "performance").glob("*.py"),
        *(ROOT / "evals" / "statistics").glob("*.py"),
        ROOT / "evals" / "trial_log.py",
    ]


def functions(path):
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}


def test_every_public_figure_has_an_entry():
    public = set().union(*map(functions, modules())) - NO_FIGURES - OF_MONTHS
    assert len(public) > 50
    assert {name for name in public if f"`{name}`" not in PAGE} == set()


def test_every_field_of_the_figures_of_a_track_is_named():
    assert {each.name for each in fields(TrackFigures) if f"`{each.name}`" not in PAGE} == set()


def test_every_entry_of_a_table_exists():
    code = "\n".join(path.read_text(encoding="utf-8") for path in modules())
    named = {
        name for row in re.findall(r"^\| (`[^|]+) \|", PAGE, flags=re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named
    assert {name for name in named if not re.search(rf"def {name}\(|\"{name}\"", code)} == set()


def test_the_example_prints_what_the_page_shows():
    program, shown = re.findall(r"```(?:python)?\n(.*?)```", PAGE.split("## An example")[1], flags=re.DOTALL)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(program, "example", "exec"), {})
    assert printed.getvalue() == shown
