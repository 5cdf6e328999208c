"""The report of a backtest: Markdown, or one self-contained HTML page with plots."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from markupsafe import Markup

from ..domain.errors import ConfigError
from ..storage.output_file import check_output, write_output
from .backtest_view import BacktestTrack, BacktestView
from .escape import Safe, escape_markdown
from .formats import strip_bidi
from .line_chart import ChartLine, line_chart
from .render import report_environment, sparkline

ENDINGS = (".md", ".html")
UNDEFINED = "n/a"
SPARKS = 60
ROLES = ("desk", "hold", "idle")


@dataclass(frozen=True, slots=True)
class BacktestPage:
    """The texts and plots of a report, from its view.

    Attributes:
        figures: a name, and its text for each account.
        outcomes: the headings of `by_symbol`, whose rows have a symbol, the counts, and the rejected orders.
        warnings: sentences that a reader must see before the figures.
        reasons: sentences on abstentions.
    """

    tiles: Sequence[tuple[str, str]]
    figures: Sequence[tuple[str, Sequence[str]]]
    warnings: Sequence[str]
    outcomes: Sequence[str]
    by_symbol: Sequence[Sequence[str]]
    reasons: Sequence[str]
    usage: str
    sparklines: Sequence[tuple[str, str]]
    equity: Markup
    drawdown: Markup
    exposure: Markup


def check_backtest_report(path: Path | None, *, force: bool = False) -> None:
    """Raise ConfigError if a report must not be written to `path`; called before the backtest starts."""
    if path is None:
        return
    if path.suffix not in ENDINGS:
        raise ConfigError(f"--report {path}: the name must end in .md or .html")
    check_output(path, _is_report, force=force)


def write_backtest_report(path: Path, view: BacktestView, *, force: bool = False) -> None:
    """Write the report by the suffix of `path`; raises ConfigError as `check_backtest_report`."""
    text = backtest_markdown(view) if path.suffix == ".md" else backtest_html(view)
    write_output(path, text, _is_report, force=force)


def backtest_markdown(view: BacktestView) -> str:
    """Render the report as Markdown; all text is escaped."""
    environment = report_environment("markdown")
    environment.finalize = escape_markdown
    return environment.get_template("backtest.md.j2").render(page=page_of(view), view=view)


def backtest_html(view: BacktestView) -> str:
    """Render the report as one HTML page without scripts and outside resources."""
    environment = report_environment("html")
    environment.finalize = strip_bidi
    return environment.get_template("backtest.html.j2").render(page=page_of(view), view=view)


def page_of(view: BacktestView) -> BacktestPage:
    """Return the texts and plots of a backtest."""
    desk, held, _ = view.tracks
    outcomes = list(view.outcomes)
    return BacktestPage(
        tiles=_tiles(view),
        figures=figure_rows(view),
        warnings=cutoff_sentences(view),
        outcomes=outcomes,
        by_symbol=_by_symbol(view, outcomes),
        reasons=_reasons(view),
        usage=usage_sentence(view),
        sparklines=[(each.name, sparkline(_thinned(each.equity))) for each in (desk, held)],
        equity=_drawn(view, "equity", [_line(each, role) for each, role in zip(view.tracks, ROLES, strict=True)]),
        drawdown=_drawn(view, "drawdown", [ChartLine("drawdown", "loss", desk.drawdown)]),
        exposure=_drawn(
            view, "exposure", [ChartLine("net", "desk", desk.net), ChartLine("gross", "gross", desk.gross)]
        ),
    )


def figure_rows(view: BacktestView) -> list[tuple[str, list[str]]]:
    """Return the rows of the table of figures: a name, and the text for each account."""
    tracks = view.tracks
    return [
        ("equity at the end", [f"{each.equity[-1]:,.2f}" for each in tracks]),
        ("return", [_percent(each.figures.total_return, signed=True) for each in tracks]),
        ("maximum drawdown", [_percent(each.figures.max_drawdown) for each in tracks]),
        ("longest drawdown, sessions", [str(each.figures.longest_drawdown) for each in tracks]),
        ("volatility a year", [_percent(each.figures.volatility) for each in tracks]),
        ("Sharpe", [_number(each.figures.sharpe) for each in tracks]),
        ("Sortino", [_number(each.figures.sortino) for each in tracks]),
        ("sessions with a gain", [_percent(each.figures.hit_rate) for each in tracks]),
        ("turnover", [_number(each.turnover) for each in tracks]),
        ("mean net exposure", [_percent(each.mean_net) for each in tracks]),
        ("mean gross exposure", [_percent(each.mean_gross) for each in tracks]),
        ("executions", [f"{each.fills:,}" for each in tracks]),
        ("rejected orders", [f"{each.rejected:,}" for each in tracks]),
        ("commission", [f"{each.costs.commission:,.2f}" for each in tracks]),
        ("slippage", [f"{each.costs.slippage:,.2f}" for each in tracks]),
        ("borrow fees", [f"{each.costs.borrow:,.2f}" for each in tracks]),
        ("costs", [f"{each.costs.total:,.2f}" for each in tracks]),
    ]


def cutoff_sentences(view: BacktestView) -> list[str]:
    """Return a sentence for each model that says which part of the window lies before its knowledge cut-off."""
    total, found = len(view.sessions), list[str]()
    for each in view.known:
        if each.cutoff is None:
            found.append(
                f"The knowledge cut-off of {each.model} is not known: it may know what happened in the window."
            )
        elif each.sessions:
            found.append(
                f"{each.sessions} of {total} sessions lie before the knowledge cut-off of {each.model} ({each.cutoff}, "
                f"{each.source}): it may know what happened in them."
            )
        else:
            found.append(f"The whole window lies after the knowledge cut-off of {each.model} ({each.cutoff}).")
    return found


def usage_sentence(view: BacktestView) -> str:
    """Return the model calls, tokens and cost in one sentence."""
    used = view.usage
    cost = "at an unknown cost" if used.cost_usd is None else f"for {used.cost_usd:.4f} USD"
    return (
        f"{used.calls:,} model calls with {used.prompt_tokens:,} prompt and {used.completion_tokens:,} completion "
        f"tokens {cost}."
    )


def _tiles(view: BacktestView) -> list[tuple[str, str]]:
    desk, held, _ = view.tracks
    return [
        ("return", _percent(desk.figures.total_return, signed=True)),
        ("buy and hold", _percent(held.figures.total_return, signed=True)),
        ("maximum drawdown", _percent(desk.figures.max_drawdown)),
        ("Sharpe", _number(desk.figures.sharpe)),
        ("costs", f"{desk.costs.total:,.2f}"),
        ("decisions", f"{len(view.decisions):,}"),
    ]


def _by_symbol(view: BacktestView, outcomes: Sequence[str]) -> list[list[str]]:
    counts, rejected = Counter[tuple[str, str]](), Counter[str]()
    for each in view.decisions:
        counts[each.symbol, str(each.outcome)] += 1
        rejected[each.symbol] += each.rejected
    symbols = sorted({*view.symbols, *rejected})
    return [[symbol, *(str(counts[symbol, name]) for name in outcomes), str(rejected[symbol])] for symbol in symbols]


def _reasons(view: BacktestView) -> list[str]:
    found = list[str]()
    for cause, count in view.abstentions.items():
        example = next(each for each in view.decisions if each.cause == cause)
        found.append(f"{count} abstentions ({cause}), such as {example.symbol} on {example.session}: {example.reason}")
    return found


def _line(track: BacktestTrack, role: str) -> ChartLine:
    return ChartLine(track.name, role, [float(value) for value in track.equity])


def _drawn(view: BacktestView, what: str, lines: Sequence[ChartLine]) -> Markup:
    plain = what == "equity"
    drawn = line_chart(what, view.sessions, lines, height=300 if plain else 130, percent=not plain, filled=not plain)
    return Markup(drawn)  # noqa: S704 -- our own drawing, numbers and our own words


def _thinned(values: Sequence[Decimal]) -> list[Decimal]:
    step = -(-len(values) // SPARKS)
    return list(values[::step])


def _percent(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return UNDEFINED
    return Safe(f"{value * 100:+.2f} %" if signed else f"{value * 100 + 0.0:.2f} %")


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else Safe(f"{value:.2f}")


def _is_report(text: str) -> bool:
    return "OpenOutcry backtest report" in text or text.startswith("# Backtest of ")
