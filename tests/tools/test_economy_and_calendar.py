from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.tools.evidence.calendar import calendar_evidence
from openoutcry.tools.evidence.macro import macro_evidence

FRIDAY = date(2025, 3, 7)


def daily(made: Any, series: Any, values: Any, last: Any = FRIDAY - timedelta(days=1)) -> Any:
    return [made.macro(series, last - timedelta(days=age), value) for age, value in enumerate(reversed(values))]


def monthly(made: Any, series: Any, values: Any, *, skip: Any = None) -> Any:
    """Return one observation a month up to January 2025, known six weeks after the month began."""
    months, year, month = [], 2025, 1
    for value in reversed(values):
        day = date(year, month, 1)
        if day != skip:
            months.append(made.macro(series, day, value, day + timedelta(days=45)))
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return months


def figures(made: Any, values: Any, points: Any) -> Any:
    return values(macro_evidence(made.view(made.source(points=points), FRIDAY), made.acme))


def test_levels_and_changes(made: Any, values: Any) -> None:
    points = [
        *daily(made, "VIX", [15.5, *range(10, 31)]),
        *daily(made, "T10Y2Y", ["-0.35"]),
        *daily(made, "DGS10", [4, *[3] * 62, "4.25"]),
        *monthly(made, "FEDFUNDS", ["4.33"]),
        *monthly(made, "CPIAUCSL", [300, *[305] * 11, 309]),
        *monthly(made, "UNRATE", ["3.7", *[4] * 11, "4.2"]),
    ]
    assert figures(made, values, points) == {
        "macro.vix": 30,
        "macro.vix_chg21": Decimal("14.5"),
        "macro.t10y2y": Decimal("-0.35"),
        "macro.dgs10_chg63": Decimal("0.25"),
        "macro.fedfunds": Decimal("4.33"),
        "macro.cpi_yoy": Decimal("0.03"),
        "macro.unrate": Decimal("4.2"),
        "macro.unrate_chg12": Decimal("0.5"),
    }


def test_text_names_series_date_and_unit(made: Any) -> None:
    (fact,) = macro_evidence(made.view(made.source(points=daily(made, "VIX", [21])), FRIDAY), made.acme)
    assert fact.text == "VIX 21.0 index points (VIX, 2025-03-06)"
    assert (fact.source, fact.known_at) == ("list:macro", made.morning(FRIDAY))


def test_another_name_of_the_series_stands_in(made: Any, values: Any) -> None:
    index = monthly(made, "CPI_INDEX", [100, *[101] * 11, 104])
    assert figures(made, values, index) == {"macro.cpi_yoy": Decimal("0.04")}
    short = monthly(made, "CPIAUCSL", [300, 301])
    assert figures(made, values, [*index, *short]) == {"macro.cpi_yoy": Decimal("0.04")}


def test_a_year_with_a_hole_is_no_year(made: Any, values: Any) -> None:
    holed = monthly(made, "CPIAUCSL", [299, 300, *[305] * 11, 309], skip=date(2024, 6, 1))
    assert "macro.cpi_yoy" not in figures(made, values, holed)


def test_old_observations_say_nothing_about_now(made: Any, values: Any) -> None:
    old = daily(made, "VIX", [80], last=FRIDAY - timedelta(days=16))
    assert figures(made, values, old) == {}
    assert figures(made, values, []) == {}


def test_month_end_counts_sessions_left(made: Any, values: Any) -> Any:
    def left(day: date, source: Any = None) -> Any:
        return values(calendar_evidence(made.view(source or made.source(), day), made.acme))["cal.month_end"]

    assert left(date(2025, 3, 31)) == 0
    assert left(date(2025, 3, 28)) == 1
    assert left(date(2024, 12, 23)) == 5  # Christmas is no session
    with pytest.raises(NoData):
        calendar_evidence(made.view(made.source(), FRIDAY), Symbol("NONE"))


QUARTERS = [
    (date(2024, 3, 31), date(2024, 5, 1)),
    (date(2024, 6, 30), date(2024, 7, 30)),
    (date(2024, 9, 30), date(2024, 10, 30)),
    (date(2024, 12, 31), date(2025, 2, 5)),
]


def rhythm(made: Any, values: Any, quarters: Any, day: date = FRIDAY, **more: Any) -> Any:
    filings = [made.quarter(end, known, {"revenue": 1}, **more) for end, known in quarters]
    return made.view(made.source(statements=filings), day)


def test_next_statement_is_due_fifty_two_weeks_after_the_one_of_that_season(made: Any, values: Any) -> None:
    view = rhythm(made, values, QUARTERS)
    fact = calendar_evidence(view, made.acme)[1]
    due = date(2024, 5, 1) + timedelta(weeks=52)
    assert f"expected about {due}" in fact.text
    assert fact.value == len(made.exchange().between(FRIDAY, due)) - 1
    assert fact.known_at == made.evening(date(2025, 2, 5))


def test_overdue_statement_is_due_now_until_it_is_not_coming(made: Any, values: Any) -> None:
    week_late = rhythm(made, values, QUARTERS, date(2025, 5, 7))
    assert values(calendar_evidence(week_late, made.acme))["cal.sessions_to_next_filing"] == 0
    never = rhythm(made, values, QUARTERS, date(2025, 8, 1))
    assert "cal.sessions_to_next_filing" not in values(calendar_evidence(never, made.acme))


def test_three_statements_make_no_rhythm(made: Any, values: Any) -> None:
    view = rhythm(made, values, QUARTERS[:3])
    assert "cal.sessions_to_next_filing" not in values(calendar_evidence(view, made.acme))


def test_rhythm_of_assumed_dates_is_marked(made: Any, values: Any) -> None:
    assert calendar_evidence(rhythm(made, values, QUARTERS, estimated=True), made.acme)[1].text.endswith("assumed)")


def test_view_before_the_first_session_has_no_session(made: Any) -> None:
    view = replace(made.view(made.source(), FRIDAY), as_of=made.morning(date(1989, 6, 1)))
    with pytest.raises(NoData, match="no session of ACME was complete"):
        view.session(made.acme)
