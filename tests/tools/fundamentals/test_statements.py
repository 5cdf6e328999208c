from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import stdev
from typing import Any

import pytest
from openoutcry.domain.market import Timeframe
from openoutcry.market.metrics import Metric, normalize_metrics
from openoutcry.tools.evidence.ratios import ratio_evidence
from openoutcry.tools.evidence.statements import statement_evidence
from openoutcry.tools.fundamentals.per_share import reconcile
from openoutcry.tools.fundamentals.statements import read_statements

ENDS = [date(year, month, day) for year in (2022, 2023, 2024) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))]
Q1, Q2, Q3, Q4 = date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)


def filed(end: date) -> Any:
    return end + timedelta(days=35)


def flat(revenue: float, eps: float = 1, shares: int = 100, **more: Any) -> Any:
    return {"revenue": revenue, "eps": eps, "shares": shares, "net_income": eps * shares, **more}


def books(made: Any, filings: Any, day: date, *, closes: Any = ("50",) * 6, **facts: Any) -> Any:
    """Return a view at the close of the session on or before `day`, with bars up to it."""
    session = made.exchange().last_completed(made.evening(day))
    return made.view(made.source(made.bars(session, closes), statements=filings, **facts), session)


def trailing(made: Any, filings: Any, day: date = date(2025, 3, 7), metric: Any = Metric.REVENUE, **facts: Any) -> Any:
    found = read_statements(books(made, filings, day, **facts), made.acme).trailing_year(metric)
    return None if found is None else found.value


def test_both_vendor_vocabularies_mean_the_same() -> None:
    polygon = {
        "income_statement.revenues": 1,
        "income_statement.net_income_loss_attributable_to_parent": 2,
        "income_statement.net_income_loss": 99,
        "income_statement.diluted_earnings_per_share": 3,
        "income_statement.diluted_average_shares": 4,
        "cash_flow_statement.net_cash_flow_from_operating_activities": 5,
        "balance_sheet.equity_attributable_to_parent": 6,
        "balance_sheet.long_term_debt": 7,
        "income_statement.gross_profit": 8,
        "balance_sheet.wages": 9,
    }
    yahoo = {
        "Total Revenue": 1,
        "Net Income": 2,
        "Diluted EPS": 3,
        "Diluted Average Shares": 4,
        "Operating Cash Flow": 5,
        "Stockholders Equity": 6,
        "Total Debt": 7,
        "Gross Profit": 8,
        "Treasury Stock": 9,
    }
    expected = {
        Metric.REVENUE: 1,
        Metric.NET_INCOME: 2,
        Metric.EPS: 3,
        Metric.SHARES: 4,
        Metric.CFO: 5,
        Metric.EQUITY: 6,
        Metric.DEBT: 7,
        Metric.GROSS_PROFIT: 8,
    }
    for words in (polygon, yahoo):
        assert normalize_metrics({name: Decimal(value) for name, value in words.items()}) == expected


def test_four_quarters_make_a_year(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10 + n)) for n, end in enumerate((Q1, Q2, Q3, Q4))]
    assert trailing(made, filings) == 10 + 11 + 12 + 13


def test_annual_statement_is_the_year_when_it_is_the_newest(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10)) for end in (Q1, Q2, Q3)]
    filings.append(made.quarter(Q4, filed(Q4), flat(41, eps=4), annual=True))
    assert trailing(made, filings) == 41


def test_missing_fourth_quarter_is_the_year_less_the_others(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10)) for end in ENDS if end.month != 12 and end >= date(2023, 3, 1)]
    filings.append(made.quarter(date(2023, 12, 31), date(2024, 2, 9), flat(45, eps=4), annual=True))
    history = read_statements(books(made, filings, date(2024, 12, 2)), made.acme)
    assert history.quarterly(Metric.REVENUE)[date(2023, 12, 31)].value == 15
    assert history.trailing_year(Metric.REVENUE).value == 15 + 10 * 3


def test_year_is_bridged_by_the_same_quarters_of_the_year_before(made: Any) -> None:
    # 2023: only the year and the first quarter are on file, so no fourth quarter can be derived
    filings = [
        made.quarter(date(2023, 3, 31), date(2023, 5, 5), flat(10)),
        made.quarter(date(2023, 12, 31), date(2024, 2, 9), flat(44, eps=4), annual=True),
        made.quarter(Q1, filed(Q1), flat(13)),
    ]
    assert trailing(made, filings, date(2024, 6, 3)) == 44 + 13 - 10


@pytest.mark.parametrize(
    "ends",
    [
        (Q2, Q3, Q4),
        (date(2023, 12, 31), Q2, Q3, Q4),
        (date(2023, 3, 31), Q2, Q3, Q4),
    ],
)
def test_gaps_are_never_filled(made: Any, ends: Any) -> None:
    assert trailing(made, [made.quarter(end, filed(end), flat(10)) for end in ends]) is None


def test_a_figure_missing_from_the_newest_quarter_is_absent(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, cfo=3)) for end in (Q1, Q2, Q3)]
    filings.append(made.quarter(Q4, filed(Q4), flat(10)))
    assert trailing(made, filings, metric=Metric.CFO) is None
    assert trailing(made, filings) == 40


def test_quarters_of_twelve_and_sixteen_weeks_are_consecutive(made: Any) -> None:
    ends = [date(2024, 3, 23), date(2024, 6, 15), date(2024, 9, 7), date(2024, 12, 28)]
    assert trailing(made, [made.quarter(end, filed(end), flat(10)) for end in ends]) == 40


def test_restatement_counts_only_once_it_is_known(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10)) for end in (Q1, Q2, Q3, Q4)]
    filings.append(made.quarter(Q3, date(2025, 3, 3), {"revenue": 4}))
    before = books(made, filings, date(2025, 2, 28))
    after = books(made, filings, date(2025, 3, 7))
    assert read_statements(before, made.acme).trailing_year(Metric.REVENUE).value == 40
    restated = read_statements(after, made.acme)
    assert restated.trailing_year(Metric.REVENUE).value == 34
    assert restated.trailing_year(Metric.REVENUE).known_at == made.evening(date(2025, 3, 3))
    assert restated.trailing_year(Metric.EPS).value == 4
    assert restated.first_known(Q3) == made.evening(filed(Q3))


def split_case(made: Any, day: date, closes: Any) -> Any:
    """Ten for one between the third and the fourth statement, as filers report it."""
    filings = [made.quarter(end, filed(end), flat(1000, eps=10, shares=100, equity=500)) for end in (Q1, Q2, Q3)]
    filings.append(made.quarter(Q4, filed(Q4), flat(1000, eps=1, shares=1000, equity=500)))
    ex_date = date(2024, 12, 2)
    return books(made, filings, day, closes=closes, split_list=[made.split(ex_date, 10)]), filings


@pytest.mark.parametrize(
    ("day", "close"),
    [(date(2024, 11, 29), "1000"), (date(2024, 12, 2), "100"), (date(2025, 3, 7), "100")],
)
def test_valuation_is_the_same_on_both_sides_of_a_split(made: Any, values: Any, day: date, close: Any) -> None:
    view, _ = split_case(made, day, (close,) * 6)
    found = values(ratio_evidence(view, made.acme))
    assert found["fund.pb"] == 200
    if day > date(2025, 2, 4):
        assert found["fund.pe_ttm"] == 25
        assert found["fund.ps_ttm"] == 25
        assert values(statement_evidence(view, made.acme))["fund.eps_ttm"] == 4


def test_before_the_open_of_the_ex_date_the_old_shares_meet_the_old_close(made: Any, values: Any) -> None:
    view, _ = split_case(made, date(2024, 11, 29), ("1000",) * 6)
    morning = replace(view, as_of=made.morning(date(2024, 12, 2)) + timedelta(hours=12))
    assert morning.splits(made.acme)
    assert values(ratio_evidence(morning, made.acme))["fund.pb"] == 200


def test_earnings_restated_for_a_split_to_come_are_not_believed(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, eps=5, shares=100)) for end in (Q1, Q2, Q3)]
    filings.append(made.quarter(Q4, filed(Q4), {"net_income": 480, "eps": "1.2", "shares": 100}))
    assert trailing(made, filings, metric=Metric.EPS) == Decimal("19.8")


@pytest.mark.parametrize("shares", [-5, 0, 1, 76, 130, 9000])
def test_share_count_made_by_subtraction_is_left_out(shares: int) -> None:
    values = {Metric.NET_INCOME: Decimal(200), Metric.EPS: Decimal(2), Metric.SHARES: Decimal(shares)}
    assert reconcile(values, Decimal(101)) == {Metric.NET_INCOME: 200, Metric.EPS: 2}


def test_contradiction_without_a_precedent_leaves_both_out() -> None:
    values = {Metric.NET_INCOME: Decimal(200), Metric.EPS: Decimal(2), Metric.SHARES: Decimal(400)}
    assert reconcile(values, None) == {Metric.NET_INCOME: 200}
    assert reconcile({Metric.EPS: Decimal(2), Metric.SHARES: Decimal(4)}, None) == {Metric.EPS: 2, Metric.SHARES: 4}


def test_rounding_and_minority_interests_are_no_contradiction() -> None:
    for income, eps, shares in ((278, "0.03", 10331), (-3, "0.00", 500), (1000, "9.30", 100), (-250, "-2.5", 100)):
        values = {Metric.NET_INCOME: Decimal(income), Metric.EPS: Decimal(eps), Metric.SHARES: Decimal(shares)}
        assert reconcile(values, None) == values


def test_doubling_by_merger_is_believed_when_the_filing_agrees_with_itself() -> None:
    values = {Metric.NET_INCOME: Decimal(500), Metric.EPS: Decimal("2.5"), Metric.SHARES: Decimal(200)}
    assert reconcile(values, Decimal(100)) == values


def test_market_value_takes_the_newest_share_count(made: Any, values: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, shares=100 + n)) for n, end in enumerate((Q1, Q2, Q3))]
    filings.append(made.quarter(Q4, filed(Q4), flat(10, shares=103, equity=515)))
    found = values(ratio_evidence(books(made, filings, date(2025, 3, 7)), made.acme))
    assert float(found["fund.pb"]) == pytest.approx(50 * 103 / 515)


def test_ratios_against_hand_arithmetic(made: Any, values: Any) -> None:
    last_year = [made.quarter(end, filed(end), flat(80, eps=1)) for end in ENDS[4:8]]
    this_year = [
        made.quarter(end, filed(end), flat(100, eps=2, gross_profit=40, equity=1000, debt=250)) for end in ENDS[8:]
    ]
    view = books(made, [*last_year, *this_year], date(2025, 3, 7))
    found = {name: float(value) for name, value in values(ratio_evidence(view, made.acme)).items()}
    assert found == pytest.approx(
        {
            "fund.pe_ttm": 50 / 8,
            "fund.ps_ttm": 50 * 100 / 400,
            "fund.pb": 5,
            "fund.earnings_yield": 8 / 50,
            "fund.revenue_yoy": 0.25,
            "fund.eps_yoy": 1,
            "fund.net_margin": 2,
            "fund.gross_margin": 0.4,
            "fund.roe": 0.8,
            "fund.debt_to_equity": 0.25,
            "fund.days_since_filing": len(made.exchange().between(filed(Q4), date(2025, 3, 7))) - 1,
        },
        rel=1e-5,
    )


def test_losses_and_negative_equity_have_no_multiples(made: Any, values: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, eps=-1, equity=-50, debt=5)) for end in ENDS]
    found = values(ratio_evidence(books(made, filings, date(2025, 3, 7)), made.acme))
    assert not {"fund.pe_ttm", "fund.pb", "fund.roe", "fund.debt_to_equity", "fund.eps_yoy"} & found.keys()
    assert found["fund.earnings_yield"] == Decimal("-0.08")
    assert found["fund.net_margin"] == -10


def surprises(made: Any, values: Any, earnings: Any) -> Any:
    filings = [
        made.quarter(end, filed(end), flat(10, eps=Decimal(str(eps))))
        for end, eps in zip(ENDS[-len(earnings) :], earnings, strict=True)
    ]
    return values(ratio_evidence(books(made, filings, date(2025, 3, 7)), made.acme))


def test_surprise_is_in_deviations_of_the_seasonal_changes_before(made: Any, values: Any) -> None:
    earnings = [1, 2, 3, 4, 1.5, 2.1, 3.4, 4.2, 3.0]
    changes = [0.5, 0.1, 0.4, 0.2]
    found = surprises(made, values, earnings)["fund.sue"]
    assert float(found) == pytest.approx((3.0 - 1.5) / stdev(changes), rel=1e-5)
    assert "fund.sue" not in surprises(made, values, earnings[:8])
    assert "fund.sue" not in surprises(made, values, [1, 2, 3, 4, 2, 3, 4, 5, 9])


def test_surprise_is_known_when_the_last_of_its_statements_was(made: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, eps=n * n % 7)) for n, end in enumerate(ENDS)]
    view = books(made, filings, date(2025, 3, 7))
    (fact,) = [each for each in ratio_evidence(view, made.acme) if each.id == "fund.sue"]
    assert fact.known_at == made.evening(filed(Q4))


def test_reaction_is_the_first_close_after_against_the_last_before(made: Any, values: Any) -> None:
    known = date(2025, 3, 5)  # after the close of the 5th: the 6th is the first session to know
    filings = [made.quarter(Q4, known, flat(10))]
    closes = ["100", "101", "102", "110"]
    view = books(made, filings, date(2025, 3, 6), closes=closes)
    assert float(values(ratio_evidence(view, made.acme))["fund.reaction"]) == pytest.approx(110 / 102 - 1, rel=1e-5)
    assert values(ratio_evidence(view, made.acme))["fund.days_since_filing"] == 1
    early = books(made, filings, date(2025, 3, 5), closes=closes)
    tonight = replace(early, as_of=made.evening(known))
    found = values(ratio_evidence(tonight, made.acme))
    assert "fund.reaction" not in found
    assert found["fund.days_since_filing"] == 0


def test_assumed_filing_dates_are_marked_and_have_no_reaction(made: Any, values: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, equity=5), estimated=True) for end in (Q1, Q2, Q3, Q4)]
    view = books(made, filings, date(2025, 3, 7), closes=("50",) * 60)
    assert "fund.reaction" not in values(ratio_evidence(view, made.acme))
    texts = [fact.text for fact in (*statement_evidence(view, made.acme), *ratio_evidence(view, made.acme))]
    assert all(text.endswith("(filing date assumed)") for text in texts)
    assert all(len(text) <= 110 for text in texts)


def test_period_tells_what_is_stale(made: Any) -> None:
    filings = [made.quarter(Q4, filed(Q4), flat(10), annual=True)]
    (fresh, *_) = statement_evidence(books(made, filings, date(2025, 3, 7)), made.acme)
    assert (fresh.id, fresh.value) == ("fund.period", None)
    assert fresh.text == "latest statement: year to 2024-12-31, known 2025-02-04 21:30 UTC"
    assert fresh.known_at == made.evening(filed(Q4))
    (old, *_) = statement_evidence(books(made, filings, date(2025, 9, 2)), made.acme)
    assert old.text.endswith("; stale: 245 days old")


def test_without_current_prices_the_books_still_speak(made: Any, values: Any) -> None:
    filings = [made.quarter(end, filed(end), flat(10, eps=1)) for end in (Q1, Q2, Q3, Q4)]
    view = made.view(made.source(statements=filings), date(2025, 3, 7))
    found = values(ratio_evidence(view, made.acme))
    assert "fund.pe_ttm" not in found
    assert found["fund.net_margin"] == 10


def test_no_statement_means_no_evidence(made: Any) -> None:
    view = books(made, [], date(2025, 3, 7))
    assert statement_evidence(view, made.acme) == ratio_evidence(view, made.acme) == ()
    strange = books(made, [made.quarter(Q4, filed(Q4), {"Goodwill": 4})], date(2025, 3, 7))
    assert statement_evidence(strange, made.acme) == ()


def test_quarter_and_year_of_one_day_are_both_kept(made: Any) -> None:
    filings = [made.quarter(Q4, filed(Q4), flat(10)), made.quarter(Q4, filed(Q4), flat(40, eps=4), annual=True)]
    history = read_statements(books(made, filings, date(2025, 3, 7)), made.acme)
    assert [statement.timeframe for statement in history.at(Q4)] == [Timeframe.QUARTERLY, Timeframe.ANNUAL]
    assert history.trailing_year(Metric.REVENUE).value == 40
