"""Consistency and split adjustment of per-share figures.

Vendor data has two known errors: a fourth-quarter share count computed by subtracting averages, and earnings per share
restated for a split after the filing. Net income should equal earnings per share times shares. If it does not, the
share count of the previous filing determines which figure is kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from math import prod

from ...domain.market import Split
from ...market.metrics import Metric

ROUNDING = Decimal("0.006")
"""Tolerance for rounding: earnings per share are reported to the cent."""
CLOSE, LOOSE = Decimal("0.1"), Decimal("0.4")
"""Relative tolerance between net income and earnings per share times shares of the same, and the previous, filing."""


def share_growth(splits: Iterable[Split], first: date, last: date) -> Decimal:
    """Return the product of the split ratios with an ex-date from `first` to `last` (inclusive)."""
    return prod((split.ratio for split in splits if first <= split.ex_date <= last), start=Decimal(1))


def split_adjusted(values: Mapping[Metric, Decimal], growth: Decimal) -> dict[Metric, Decimal]:
    """Return `values` with earnings per share divided, and shares multiplied, by `growth`."""
    per_share = {Metric.EPS: 1 / growth, Metric.SHARES: growth}
    return {metric: value * per_share.get(metric, Decimal(1)) for metric, value in values.items()}


def reconcile(values: Mapping[Metric, Decimal], usual: Decimal | None) -> dict[Metric, Decimal]:
    """Return `values` without per-share figures that contradict net income; a derivable figure is computed.

    `usual` is the diluted share count of the previous filing, on the same split basis, or None. If the figures
    disagree and it cannot be determined which is wrong, both are omitted.
    """
    kept = dict(values)
    eps, shares = kept.pop(Metric.EPS, None), kept.pop(Metric.SHARES, None)
    income = kept.get(Metric.NET_INCOME)
    if shares is not None and shares <= 0:
        shares = None
    if income is not None:
        eps, shares = _consistent_values(income, eps, shares, usual)
    found = {Metric.EPS: eps, Metric.SHARES: shares}
    return kept | {metric: value for metric, value in found.items() if value is not None}


def _consistent_values(
    income: Decimal, eps: Decimal | None, shares: Decimal | None, usual: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    if eps is not None and shares is not None and _relative_error(income, eps, shares) <= CLOSE:
        return eps, shares
    if usual is None:
        return _alone(income, eps, shares)
    doubt_of_eps = LOOSE + 1 if eps is None else _relative_error(income, eps, usual)
    doubt_of_shares = LOOSE + 1 if shares is None else abs(shares / usual - 1)
    if min(doubt_of_eps, doubt_of_shares) > LOOSE:
        return None, None
    if shares is not None and doubt_of_shares <= doubt_of_eps:
        return income / shares, shares
    return eps, None


def _alone(income: Decimal, eps: Decimal | None, shares: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return (EPS, shares) without an earlier filing: EPS is derived from shares; if both disagree, neither is kept."""
    if eps is None and shares is not None:
        return income / shares, shares
    return (eps, None) if shares is None else (None, None)


def _relative_error(income: Decimal, eps: Decimal, shares: Decimal) -> Decimal:
    """Return |income - eps * shares| beyond rounding, as a fraction of |income|."""
    missed = abs(income - eps * shares) - ROUNDING * shares
    return missed / max(abs(income), Decimal(1)) if missed > 0 else Decimal(0)
