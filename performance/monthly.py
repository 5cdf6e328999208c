"""Sums by calendar month."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from .returns import Floats

MONTHS_A_YEAR = 12


def monthly_sums(days: Sequence[date], columns: Sequence[Floats], *, since: date = date.min) -> Floats:
    """Return the sums of each column by calendar month, as (columns, months); months without a day are left out.

    Months that end before `since` are left out. Each column has one value a day.
    """
    numbers = np.array([_number(day) for day in days])
    known, month = np.unique(numbers, return_inverse=True)
    table: Floats = np.stack([np.bincount(month, weights=column) for column in columns])
    return table[:, known >= _number(since)]


def _number(day: date) -> int:
    return day.year * MONTHS_A_YEAR + day.month
