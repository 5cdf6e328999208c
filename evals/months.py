"""Profits by calendar month: what intervals are drawn from."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from ..ledger.units import MINOR
from .bootstrap import MONTHS_A_YEAR, Floats
from .unit import Track, Walked

NET, GROSS, PLANTED = range(3)


def monthly(group: Sequence[Walked], trader: str, *, since: date = date.min) -> list[Floats]:
    """Return, for each seed, the (net, gross, planted) of all its tickers by calendar month, in currency.

    Months that end before `since` are left out.
    """
    seeds: dict[int, list[Floats]] = {}
    for each in group:
        seeds.setdefault(each.unit.seed, []).append(_monthly(each.tracks[trader], since))
    return [np.sum(tables, axis=0) for tables in seeds.values()]


def _monthly(track: Track, since: date) -> Floats:
    walk = track.walk
    net = np.diff(np.array([walk.cash, *walk.equity], dtype=np.float64))
    gross = net + np.diff(np.array([0, *walk.spent], dtype=np.float64))
    numbers = np.array([_number(day) for day in walk.sessions])
    known, month = np.unique(numbers, return_inverse=True)
    columns = (net, gross, np.array(track.planted))
    table = np.stack([np.bincount(month, weights=column) for column in columns]) / MINOR
    counted: Floats = table[:, known >= _number(since)]
    return counted


def _number(day: date) -> int:
    return day.year * MONTHS_A_YEAR + day.month
