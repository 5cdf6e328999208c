"""Construction of quarterly statements, and annual ones after the fourth quarter, from simulated earnings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ...domain.market import Filing, Timeframe
from .companies import Company
from .earnings import SEASONS, Quarter
from .timeline import FIRST_SESSION

TAX, QUARTERLY_INTEREST, RETAINED, BOOK_SHARE = 0.21, 0.011, 0.35, 0.33
FLOWS = (
    "income_statement.revenues",
    "income_statement.gross_profit",
    "income_statement.operating_income_loss",
    "income_statement.net_income_loss",
    "cash_flow_statement.net_cash_flow_from_operating_activities",
)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Statement lines of a quarter, in whole dollars; shares are on the basis before any split."""

    flows: tuple[int, ...]
    shares: int
    equity: int
    liabilities: int
    debt: int


def statements(company: Company, filed: Sequence[Quarter]) -> tuple[Filing, ...]:
    """Return the filings of the quarters, oldest first; a fourth quarter is filed together with its fiscal year."""
    found: list[Filing] = []
    year: list[_Lines] = []
    for quarter, lines in zip(filed, _lines(company, filed), strict=True):
        year = [*year, lines] if quarter.number > 1 else [lines]
        found.append(_filing(company, quarter, Timeframe.QUARTERLY, [lines]))
        if quarter.number == 4 and len(year) == 4:
            found.append(_filing(company, quarter, Timeframe.ANNUAL, year))
    return tuple(found)


def split_factor(company: Company, day: date) -> Fraction:
    """Return the number of shares on `day` that one share of the first session has become."""
    factor = Fraction(1)
    for split in company.splits:
        if split.ex_date <= day:
            factor *= Fraction(split.new, split.old)
    return factor


def _filing(company: Company, quarter: Quarter, timeframe: Timeframe, lines: Sequence[_Lines]) -> Filing:
    return Filing(
        symbol=company.ticker,
        period_end=quarter.period_end,
        timeframe=timeframe,
        metrics=_metrics(lines, split_factor(company, quarter.filed)),
        known_at=quarter.known_at,
        estimated=False,
    )


def _metrics(lines: Sequence[_Lines], factor: Fraction) -> Mapping[str, Decimal]:
    """Return the summed flows and the last balance; `factor` converts per-share figures to the filing date's basis."""
    flows = {name: sum(line.flows[n] for line in lines) for n, name in enumerate(FLOWS)}
    shares = round(Fraction(sum(line.shares for line in lines), len(lines)) * factor)
    last = lines[-1]
    cents = round(Fraction(100 * flows["income_statement.net_income_loss"], shares))
    balance = {
        "income_statement.diluted_average_shares": shares,
        "balance_sheet.assets": last.equity + last.liabilities,
        "balance_sheet.liabilities": last.liabilities,
        "balance_sheet.equity": last.equity,
        "balance_sheet.long_term_debt": last.debt,
    }
    metrics = {name: Decimal(value) for name, value in (flows | balance).items()}
    return metrics | {"income_statement.diluted_earnings_per_share": Decimal(cents).scaleb(-2)}


def _lines(company: Company, filed: Sequence[Quarter]) -> Iterator[_Lines]:
    worth = company.shares * 1e6 * company.price
    equity, business = BOOK_SHARE * worth, 0.0
    earned = worth / company.earnings_multiple / 4
    for quarter in filed:
        growth = (1 + company.growth) ** ((quarter.period_end - FIRST_SESSION).days / 365.25)
        usual = earned * growth * SEASONS[quarter.number - 1]
        income = quarter.eps * quarter.shares
        business = 0.85 * business + 0.012 * quarter.noise[0] + 0.006 * quarter.surprise
        better = min(max(income / usual, 0.2), 2.6)
        revenues = usual / company.margin * (0.6 + 0.4 * better) * (1 + business)
        debt = company.leverage * BOOK_SHARE * worth * growth * (1 + 0.03 * quarter.noise[2])
        equity += RETAINED * income
        operating = income / (1 - TAX) + QUARTERLY_INTEREST * debt
        gross = (company.gross_margin + 0.006 * quarter.noise[1]) * revenues + 0.4 * (income - usual)
        yield _Lines(
            flows=_rounded(
                revenues,
                max(gross, operating + 0.04 * revenues),
                operating,
                income,
                income + (0.06 + 0.02 * quarter.noise[1]) * revenues,
            ),
            shares=round(quarter.shares),
            equity=_rounded(equity)[0],
            liabilities=_rounded(debt + 1.4 * revenues)[0],
            debt=_rounded(debt)[0],
        )


def _rounded(*dollars: float) -> tuple[int, ...]:
    return tuple(1_000 * round(amount / 1_000) for amount in dollars)
