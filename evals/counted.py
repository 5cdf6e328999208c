"""The counted part of a unit: its sessions after the warm-up, as arrays in currency."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ..domain.errors import ConfigError
from ..ledger.pricing.units import MINOR
from ..performance.returns import Floats
from .unit import UnitDecision, UnitRecord


@dataclass(frozen=True, slots=True)
class CountedUnit:
    """A unit without its warm-up, in currency.

    Attributes:
        sessions: the counted sessions.
        equity: one element more than sessions: the first is the equity before the first counted session. If model costs
            are charged, those of the counted decisions are subtracted, from the close of each decision on.
        costs, traded: of each counted session; commission, slippage and borrow fees, and if charged also model costs.
        token_costs: cost of the model calls of each counted session in USD; None if a price is not known.
        charged: whether model costs are charged.
        net, gross: signed and absolute value of all positions at each counted close.
        decisions: the decisions of the counted sessions.
    """

    sessions: tuple[date, ...]
    equity: Floats
    costs: Floats
    token_costs: Floats | None
    charged: bool
    traded: Floats
    net: Floats
    gross: Floats
    decisions: tuple[UnitDecision, ...]

    @property
    def uncharged(self) -> "CountedUnit":
        """Return the unit without charged model costs."""
        if not self.charged or self.token_costs is None:
            return self
        paid = np.concatenate([[0.0], np.cumsum(self.token_costs)])
        return replace(self, equity=self.equity + paid, costs=self.trading_costs, charged=False)

    @property
    def trading_costs(self) -> Floats:
        """Return commission, slippage and borrow fees of each counted session, without model costs."""
        return self.costs - self.token_costs if self.charged and self.token_costs is not None else self.costs


def counted_unit(record: UnitRecord, warm_up: int, *, charge_tokens: bool = False) -> CountedUnit:
    """Return the part of a unit from its deciding session number `warm_up` on, counted from 0.

    With `charge_tokens`, the cost of a decision's model calls is paid at its close. Raises ConfigError if it is not
    known.
    """
    start = record.sessions.index(record.deciding[warm_up]) if warm_up < len(record.deciding) else 0
    first = record.sessions[start]
    equity = np.array([record.cash, *record.equity], dtype=np.float64) / MINOR
    plain = CountedUnit(
        sessions=record.sessions[start:],
        equity=equity[start:],
        costs=_steps(record.spent)[start:],
        token_costs=_token_costs(record, start),
        charged=False,
        traded=_steps(record.traded)[start:],
        net=np.array(record.exposure[start:], dtype=np.float64) / MINOR,
        gross=np.array(record.gross_exposure[start:], dtype=np.float64) / MINOR,
        decisions=tuple(each for each in record.decisions if each.session >= first),
    )
    return _charged(plain) if charge_tokens else plain


def _charged(unit: CountedUnit) -> CountedUnit:
    if unit.token_costs is None:
        raise ConfigError(
            "account.charge_tokens: the cost of a decision is not known, because its model has no price or an earlier "
            "version ran the unit; add the price to a table (setting prices) and run the experiment with --output NEW"
        )
    paid = np.concatenate([[0.0], np.cumsum(unit.token_costs)])
    return replace(unit, equity=unit.equity - paid, costs=unit.costs + unit.token_costs, charged=True)


def _token_costs(record: UnitRecord, start: int) -> Floats | None:
    """Return the model cost of each session from number `start` on; None if that of any decision is not known."""
    if not record.usage.calls:
        return np.zeros(len(record.sessions) - start)
    found = defaultdict[date, float](float)
    for each in record.decisions:
        if each.cost_usd is None:
            return None
        found[each.session] += float(each.cost_usd)
    return np.array([found[session] for session in record.sessions[start:]])


def _steps(summed: Sequence[int]) -> Floats:
    """Return the change of a running sum at each session, in currency."""
    return np.diff(np.array([0, *summed], dtype=np.float64)) / MINOR


def pooled(units: Sequence[CountedUnit]) -> CountedUnit:
    """Return the sum of several accounts over the same sessions; raises ValueError without any."""
    if not units:
        raise ValueError("there is no account to pool")
    tokens = [unit.token_costs for unit in units if unit.token_costs is not None]
    return CountedUnit(
        sessions=units[0].sessions,
        equity=np.sum([unit.equity for unit in units], axis=0),
        costs=np.sum([unit.costs for unit in units], axis=0),
        token_costs=np.sum(tokens, axis=0) if len(tokens) == len(units) else None,
        charged=units[0].charged,
        traded=np.sum([unit.traded for unit in units], axis=0),
        net=np.sum([unit.net for unit in units], axis=0),
        gross=np.sum([unit.gross for unit in units], axis=0),
        decisions=tuple(decision for unit in units for decision in unit.decisions),
    )
