"""Mapping of the metric names used by filers and vendors to the metrics of this project."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files


class Metric(StrEnum):
    """Metrics that figures are computed from. metrics.csv lists the reported names of each, preferred name first."""

    REVENUE = "revenue"
    NET_INCOME = "net_income"
    EPS = "eps"
    SHARES = "shares"
    CFO = "cfo"
    EQUITY = "equity"
    DEBT = "debt"
    GROSS_PROFIT = "gross_profit"


@lru_cache(maxsize=1)
def aliases() -> Mapping[Metric, tuple[str, ...]]:
    """Return the reported names of each metric, the preferred name first."""
    text = files(__package__).joinpath("metrics.csv").read_text(encoding="utf-8")
    rows = [(Metric(row["metric"]), row["name"]) for row in csv.DictReader(text.splitlines())]
    return {metric: tuple(name for owner, name in rows if owner is metric) for metric in Metric}


def normalize_metrics(reported: Mapping[str, Decimal]) -> dict[Metric, Decimal]:
    """Return the metrics in `reported`, each by its most preferred name present; unknown names are ignored."""
    found = {
        metric: next((reported[name] for name in known if name in reported), None)
        for metric, known in aliases().items()
    }
    return {metric: value for metric, value in found.items() if value is not None}


SHORTEST_QUARTER, LONGEST_QUARTER = 70, 125
"""Minimum and maximum days between two quarter ends; some filers have quarters of 12 and 16 weeks."""
