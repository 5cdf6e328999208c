"""The report of one session: Markdown, or one self-contained HTML page with a plot."""

from decimal import Decimal
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from ..storage.output_file import write_output
from .escape import escape_markdown
from .formats import strip_bidi
from .line_chart import ChartLine, line_chart
from .render import report_environment
from .session_view import SessionView

HEADING = "OpenOutcry session report"
UNDEFINED = "n/a"


def session_markdown(view: SessionView) -> str:
    """Render the report as Markdown; all text is escaped."""
    return _environment("markdown").get_template("session.md.j2").render(view=view, heading=HEADING)


def session_html(view: SessionView) -> str:
    """Render the report as one HTML page without scripts and outside resources."""
    template = _environment("html").get_template("session.html.j2")
    return template.render(view=view, heading=HEADING, chart=_chart(view))


@cache
def _environment(kind: str) -> Environment:
    """Return the environment of session reports; a scheduler compiles its templates once."""
    environment = report_environment(kind)
    environment.finalize = strip_bidi if kind == "html" else escape_markdown
    environment.filters |= _FILTERS
    return environment


def write_session_report(path: Path, view: SessionView, *, force: bool = False) -> None:
    """Write the report by the suffix of `path`; raises ConfigError if the file cannot be written or is not a report."""
    text = session_html(view) if path.suffix == ".html" else session_markdown(view)
    write_output(path, text, lambda found: HEADING in found, force=force)


def _chart(view: SessionView) -> Markup:
    curve = view.curve
    if len(curve.sessions) < 2:
        return Markup("")
    lines = [ChartLine("account", "desk", curve.account), ChartLine("watchlist held", "hold", curve.held)]
    drawn = line_chart("value of one unit", curve.sessions, lines, height=220, percent=False)
    return Markup(drawn)  # noqa: S704 -- line_chart escapes its texts


def _amount(value: Decimal | None) -> str:
    return UNDEFINED if value is None else f"{value:,.2f}"


def _change(value: Decimal | None) -> str:
    return UNDEFINED if value is None else f"{value:+,.2f}"


def _share(value: Decimal | None) -> str:
    return UNDEFINED if value is None else f"{value:.1%}"


def _level(value: Decimal | None) -> str:
    return UNDEFINED if value is None else f"{value.normalize():f}"


def _conviction(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:+.2f}"


_FILTERS = {"amount": _amount, "change": _change, "part": _share, "level": _level, "conviction": _conviction}
