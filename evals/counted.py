"""The counted part of a unit: its sessions after the warm-up, as arrays in currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..ledger.pricing.units import MINOR
from ..performance.returns import Floats
from .unit import UnitDecision, UnitRecord


@dataclass(frozen=True, slots=True)
class CountedUnit:
    """A unit without its warm-up, in currency.

    Attributes:
        sessions: the counted sessions.
        equity: one element more than sessions: the first is the equity before the first counted session.
        costs, traded: of each counted session.
        net, gross: signed and absolute value of all positions at each counted close.
        decisions: the decisions of the counted sessions.
    """

    sessions: tuple[date, ...]
    equity: Floats
    costs: Floats
    traded: Floats
    net: Floats
    gross: Floats
    decisions: tuple[UnitDecision, ...]


def counted_unit(record: UnitRecord, warm_up: int) -> CountedUnit:
    """Return the part of a unit from its deciding session number `warm_up` on, counted from 0."""
    start = record.sessions.index(record.deciding[warm_up]) if warm_up < len(record.deciding) else 0
    first = record.sessions[start]
    equity = np.array([record.cash, *record.equity], dtype=np.float64) / MINOR
    return CountedUnit(
        sessions=record.sessions[start:],
        equity=equity[start:],
        costs=_steps(record.spent)[start:],
        traded=_steps(record.traded)[start:],
        net=np.array(record.exposure[start:], dtype=np.float64) / MINOR,
        gross=np.array(record.gross_exposure[start:], dtype=np.float64) / MINOR,
        decisions=tuple(each for each in record.decisions if each.session >= first),
    )


def _steps(summed: Sequence[int]) -> Floats:
    """Return the change of a running sum at each session, in currency."""
    return np.diff(np.array([0, *summed], dtype=np.float64)) / MINOR


def pooled(units: Sequence[CountedUnit]) -> CountedUnit:
    """Return the sum of several accounts over the same sessions; raises ValueError without any."""
    if not units:
        raise ValueError("there is no account to pool")
    return CountedUnit(
        sessions=units[0].sessions,
        equity=np.sum([unit.equity for unit in units], axis=0),
        costs=np.sum([unit.costs for unit in units], axis=0),
        traded=np.sum([unit.traded for unit in units], axis=0),
        net=np.sum([unit.net for unit in units], axis=0),
        gross=np.sum([unit.gross for unit in units], axis=0),
        decisions=tuple(decision for unit in units for decision in unit.decisions),
    )
