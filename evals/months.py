"""Profits by calendar month, the samples of the bootstrap."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from ..ledger.pricing.units import MINOR
from ..performance.monthly import monthly_sums
from ..performance.returns import Floats
from .demo_experiment import StrategyResult, UnitResult

NET, GROSS, PLANTED = range(3)


def monthly(group: Sequence[UnitResult], trader: str, *, since: date = date.min) -> list[Floats]:
    """Return one array (3, months) per seed: net, gross and planted profit of all its tickers, in currency.

    Months that end before `since` are excluded.
    """
    seeds: dict[int, list[Floats]] = {}
    for each in group:
        seeds.setdefault(each.unit.seed, []).append(_monthly(each.tracks[trader], since))
    return [np.sum(tables, axis=0) for tables in seeds.values()]


def _monthly(track: StrategyResult, since: date) -> Floats:
    walk = track.walk
    net = np.diff(np.array([walk.cash, *walk.equity], dtype=np.float64))
    gross = net + np.diff(np.array([0, *walk.spent], dtype=np.float64))
    return monthly_sums(walk.sessions, (net, gross, np.array(track.planted)), since=since) / MINOR
