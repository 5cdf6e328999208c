"""The units of an experiment: one arm or baseline, on one symbol or one book, with one seed; and their results."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ..desk.backtest import Every
from ..desk.records.provenance import digest
from ..domain.ids import RunId, Symbol
from ..ledger.model.account_rules import AccountRules, SplitPolicy
from ..ledger.pricing.commission import Commission, CommissionKind
from ..ledger.pricing.slippage import Slippage, SlippageKind
from ..ledger.pricing.units import MICRO, MINOR
from .experiment import ExperimentAccount

UNIT_VERSION = 1
"""Version of what a unit computes and stores; a change makes every stored unit a new one."""


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """One unit, complete enough to run in another process.

    Attributes:
        key: hash of everything that its result depends on.
        track: the arm or baseline.
        baseline: name of the baseline in the catalog; None for a desk.
        settings: the settings of the arm as JSON text.
        memory: the memory preset, or `none`.
        has_model: whether a model answers.
        folder: the folder of this unit; nothing else writes there.
        like: key of the unit whose turnover the random baseline has; None for every other unit.
        rate: probability of a draw of the random baseline at a decision.
        labelled_from: first day of the labelled warm-up of the memory; None for none.
        trained_from: first day of the training of the desk; None for none.
        warm_up: number of deciding sessions at the start that are not counted.
        keeps_decisions: whether every decision is kept whole, not only the best and worst.
    """

    key: str
    track: str
    baseline: str | None
    symbols: tuple[Symbol, ...]
    seed: int
    first: date
    last: date
    every: Every
    account: ExperimentAccount
    calendar: str
    settings: str
    memory: str
    has_model: bool
    folder: Path
    like: str | None = None
    rate: float = 0.0
    labelled_from: date | None = None
    trained_from: date | None = None
    warm_up: int = 0
    keeps_decisions: bool = False

    @property
    def rules(self) -> AccountRules:
        """Return the rules of the unit's account."""
        return experiment_rules(self.account, self.calendar)


def experiment_rules(account: ExperimentAccount, calendar: str) -> AccountRules:
    """Return the rules of an experiment's account on `calendar`; splits adjust its open orders."""
    slippage = account.slippage_bps
    return AccountRules(
        margin=account.margin,
        participation_bps=account.participation_bps,
        cushion_bps=account.cushion_bps,
        fractional=account.fractional,
        commission=_commission(account),
        slippage=Slippage(SlippageKind.FIXED, bps=slippage) if slippage else Slippage(),
        split_orders=SplitPolicy.ADJUST,
        borrow_bps=account.borrow_bps,
        calendar=calendar,
    )


def _commission(account: ExperimentAccount) -> Commission:
    if account.commission_per_share:
        return Commission(
            CommissionKind.PER_SHARE,
            rate=int(account.commission_per_share * MINOR * MICRO),
            minimum=int(account.commission_minimum * MINOR),
            cap_bps=account.commission_cap_bps,
        )
    if account.commission_bps:
        return Commission(CommissionKind.BPS, rate=account.commission_bps)
    return Commission()


@dataclass(frozen=True, slots=True)
class UnitUsage:
    """Model calls, tokens and cost of a unit; the cost is None if a price is not known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)

    def __add__(self, other: "UnitUsage") -> "UnitUsage":
        """Return the sum; the cost is None if that of either is."""
        known = self.cost_usd is not None and other.cost_usd is not None
        return UnitUsage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            (self.cost_usd or Decimal(0)) + (other.cost_usd or Decimal(0)) if known else None,
        )


@dataclass(frozen=True, slots=True)
class UnitDecision:
    """One decision of a unit.

    Attributes:
        opened: actions of the opening orders.
        conviction: of the thesis, from -1 to 1; None without a thesis.
        forward_return: simple return of the symbol, dividends included, from the decision's close to the close of the
            next decision on it, or of the last session; None without bars.
        cost_usd: of its model calls; None if a price is not known, and in units of earlier versions.
    """

    run_id: str
    session: date
    symbol: Symbol
    outcome: str
    opened: tuple[str, ...]
    rejected: int
    clamps: int
    cause: str | None
    reason: str
    conviction: float | None
    summary: str
    forward_return: float | None
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WholeDecision:
    """A decision document, compressed with zlib."""

    run_id: RunId
    document: bytes

    @property
    def text(self) -> str:
        """Return the document as JSON text."""
        return zlib.decompress(self.document).decode()


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """The result of one unit: parallel tuples with one element a session, money in minor units.

    Attributes:
        cash: equity before the first session.
        spent: commission, slippage and borrow fees paid up to each close.
        traded: value of the executions up to each close.
        costs: the same for the whole window, by kind.
        deciding: the sessions with a decision.
        fills: number of executions.
        seconds: how long the unit ran; not part of the result.
        kept: the decisions that are kept whole; a record that is read from a store has none, see `UnitStore`.
    """

    key: str
    sessions: tuple[date, ...]
    cash: int
    equity: tuple[int, ...]
    exposure: tuple[int, ...]
    gross_exposure: tuple[int, ...]
    spent: tuple[int, ...]
    traded: tuple[int, ...]
    costs: Mapping[str, int]
    deciding: tuple[date, ...]
    fills: int
    decisions: tuple[UnitDecision, ...]
    usage: UnitUsage
    seconds: float
    kept: tuple[WholeDecision, ...] = ()


def matched_rate(record: UnitRecord, symbols: int) -> float:
    """Return the probability of a draw that gives the random baseline the turnover of a unit, at most 1.

    A draw changes a position of equity / symbols in half of all cases, so the rate is twice the traded value over mean
    equity and decisions of a symbol.
    """
    equity, decisions = sum(record.equity) / len(record.equity), len(record.deciding) * symbols
    if equity <= 0 or not decisions:
        return 0.0
    return min(1.0, 2 * record.traded[-1] / (equity / symbols) / decisions)


def unit_key(content: str, symbols: tuple[Symbol, ...], seed: int, window: object, account: object, data: str) -> str:
    """Return the key of a unit.

    Args:
        content: hash of the arm, or name of the baseline.
        symbols: the symbols of the account.
        seed: the seed of market and models.
        window: first day, last day and interval.
        account: the account as plain values.
        data: fingerprint of the market data.
    """
    return digest([UNIT_VERSION, content, symbols, seed, window, account, data])
