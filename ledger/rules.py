"""The settings of one account: how it fills, what it costs, what it may borrow."""

from dataclasses import dataclass, field
from enum import StrEnum

from .commission import Commission
from .lots import LotMethod
from .slippage import Slippage


class SplitOrders(StrEnum):
    """What a split does to open orders; brokers differ."""

    CANCEL = "cancel"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class AccountRules:
    """How an account is treated. All rates in basis points, yearly ones on a year of 360 days.

    Attributes:
        margin: whether the account may borrow and sell short.
        participation_bps: largest share of a bar's volume that all orders together may fill; None for unlimited.
        limit_through: whether a limit needs a price beyond it; otherwise a touch fills.
        cushion_bps: what is reserved on top of the reference price for orders without a limit.
        initial_bps, maintenance_long_bps, maintenance_short_bps: equity required for a position, of its value.
        call_sessions: sessions that a maintenance call leaves before positions are reduced by force.
        cash_bps, margin_bps: interest on free cash and on borrowed cash.
        settle: whether trades settle by the dated table (T+2, from 2024-05-28 T+1) or at once.
    """

    margin: bool = False
    participation_bps: int | None = 1_000
    limit_through: bool = False
    slippage: Slippage = field(default_factory=Slippage)
    commission: Commission = field(default_factory=Commission)
    lots: LotMethod = LotMethod.FIFO
    split_orders: SplitOrders = SplitOrders.CANCEL
    cushion_bps: int = 250
    initial_bps: int = 5_000
    maintenance_long_bps: int = 2_500
    maintenance_short_bps: int = 3_000
    call_sessions: int = 2
    cash_bps: int = 0
    margin_bps: int = 0
    settle: bool = True
