"""Macro evidence: implied volatility, interest rates, consumer prices and unemployment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ...domain.errors import SourceUnavailable
from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import MacroPoint
from ...market.view import MarketView
from .builder import EvidenceBuilder, SourceTable

DAILY, MONTHLY = timedelta(days=15), timedelta(days=130)
"""Maximum age of the reference date of a daily and of a monthly observation."""


def _latest(points: Sequence[MacroPoint]) -> Decimal | None:
    return points[-1].value


def _difference(points: Sequence[MacroPoint]) -> Decimal | None:
    return points[-1].value - points[0].value


def _year_on_year(points: Sequence[MacroPoint]) -> Decimal | None:
    """Return the change over twelve months as a fraction; None if the first and last are not one year apart."""
    months = (points[-1].period - points[0].period).days
    return points[-1].value / points[0].value - 1 if points[0].value and abs(months - 365) <= 20 else None


@dataclass(frozen=True, slots=True)
class MacroIndicator:
    """One macro figure.

    Attributes:
        series: names of the series; the first with enough fresh observations is used.
        count: number of observations needed.
        compute: formula on the last `count` observations, oldest first.
        fresh: maximum age of the last reference date.
        wording: format string for the value.
    """

    name: str
    series: tuple[str, ...]
    count: int
    compute: Callable[[Sequence[MacroPoint]], Decimal | None]
    fresh: timedelta
    wording: str


INDICATORS = (
    MacroIndicator("macro.vix", ("VIX", "VIXCLS"), 1, _latest, DAILY, "VIX {:.1f} index points"),
    MacroIndicator(
        "macro.vix_chg21",
        ("VIX", "VIXCLS"),
        22,
        _difference,
        DAILY,
        "VIX against 21 observations before {:+.1f} points",
    ),
    MacroIndicator(
        "macro.t10y2y", ("T10Y2Y",), 1, _latest, DAILY, "10-year less 2-year yield {:+.2f} percentage points"
    ),
    MacroIndicator(
        "macro.dgs10_chg63",
        ("DGS10",),
        64,
        _difference,
        DAILY,
        "10-year yield against 63 observations before {:+.2f} percentage points",
    ),
    MacroIndicator("macro.fedfunds", ("FEDFUNDS",), 1, _latest, MONTHLY, "federal funds rate {:.2f} percent"),
    MacroIndicator(
        "macro.cpi_yoy",
        ("CPIAUCSL", "CPI_INDEX"),
        13,
        _year_on_year,
        MONTHLY,
        "consumer prices against a year before {:+.1%}",
    ),
    MacroIndicator("macro.unrate", ("UNRATE",), 1, _latest, MONTHLY, "unemployment rate {:.1f} percent"),
    MacroIndicator(
        "macro.unrate_chg12",
        ("UNRATE",),
        13,
        _difference,
        MONTHLY,
        "unemployment rate against 12 observations before {:+.1f} percentage points",
    ),
)


def macro_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the macro.* evidence, equal for every symbol; empty if the source has no fresh series.

    A series whose source fails is left out, and the source reports it in its caveats. Raises SourceUnavailable if a
    source failed and no evidence remains.
    """
    return view.derived("macro", view.as_of, lambda: _macro(view))


def _macro(view: MarketView) -> tuple[Evidence, ...]:
    builder = EvidenceBuilder(view, EvidenceKind.MACRO, SourceTable.MACRO)
    facts: list[Evidence] = []
    problem: SourceUnavailable | None = None
    for indicator in INDICATORS:
        try:
            facts.extend(_fact(builder, indicator))
        except SourceUnavailable as error:
            problem = problem or error
    if problem and not facts:
        raise problem
    return tuple(facts)


def _fact(builder: EvidenceBuilder, indicator: MacroIndicator) -> tuple[Evidence, ...]:
    for series in indicator.series:
        points = builder.view.macro(series, count=indicator.count)
        if len(points) < indicator.count or builder.view.as_of.date() - points[-1].period > indicator.fresh:
            continue
        if (value := indicator.compute(points)) is not None:
            known_at = max(point.known_at for point in points)
            wording = f"{indicator.wording} ({series}, {points[-1].period})"
            return builder.for_table(*points).number(indicator.name, known_at, wording, value)
    return ()
