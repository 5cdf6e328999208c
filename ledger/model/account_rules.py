"""The settings of one account: fills, costs, margin."""

from dataclasses import dataclass, field
from enum import StrEnum

from ...domain.errors import ConfigError
from ..pricing.commission import Commission
from ..pricing.slippage import Slippage
from .lots import LotMethod


class SplitPolicy(StrEnum):
    """How a split changes open orders; brokers differ."""

    CANCEL = "cancel"
    ADJUST = "adjust"
    ADJUST_PROTECTIVE = "adjust_protective"
    """Cancel entries and adjust exits, so that the position stays protected."""


class BarInterval(StrEnum):
    """The length of the bars on which an account's orders are matched."""

    DAILY = "1d"
    HOURLY = "1h"


class DayTrading(StrEnum):
    """The day-trading rule: none, or the pattern-day-trader rule until its repeal."""

    NONE = "none"
    PATTERN = "pattern"


AROUND_THE_CLOCK = "24/7"


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The rules of one account. All rates are in basis points; yearly rates use a year of 360 days.

    Attributes:
        margin: whether the account may borrow and sell short.
        participation_bps: largest share of a bar's volume that all orders together may fill; None for unlimited.
        limit_through: whether a limit order fills only at a price beyond its limit; otherwise a touch fills it.
        slippage, commission: cost models of fills.
        lots: which lots a closing order takes first.
        split_orders: how a split changes open orders.
        cushion_bps: buffer reserved on top of the reference price for orders without a limit.
        initial_bps, maintenance_long_bps, maintenance_short_bps: required equity as a share of a position's value.
        call_sessions: sessions between a maintenance call and the forced reduction of positions.
        cash_bps, margin_bps: yearly interest on free cash and on borrowed cash.
        settle: whether trades settle by SETTLEMENT (T+2, from 2024-05-28 T+1); otherwise they settle at once.
        borrow_bps: yearly fee on the value of borrowed shares.
        borrow: pairs of symbol and yearly fee that override `borrow_bps`.
        locate: the only symbols that can be sold short; None for all.
        close_cutoff_minutes: minutes before the close by which a CLS order must be accepted; NYSE's 15:50 is 10.
        bars: bar length of order matching. Hourly bars, where present, resolve ambiguous daily fills.
        day_trading: the rule that restricts opening orders of small margin accounts after a pattern of day trades.
        fractional: whether market and limit day orders may trade fractions of a share.
        calendar: the trading calendar; `24/7` makes it a crypto account, which trades any fraction.
    """

    margin: bool = False
    participation_bps: int | None = 1_000
    limit_through: bool = False
    slippage: Slippage = field(default_factory=Slippage)
    commission: Commission = field(default_factory=Commission)
    lots: LotMethod = LotMethod.FIFO
    split_orders: SplitPolicy = SplitPolicy.CANCEL
    cushion_bps: int = 250
    initial_bps: int = 5_000
    maintenance_long_bps: int = 2_500
    maintenance_short_bps: int = 3_000
    call_sessions: int = 2
    cash_bps: int = 0
    margin_bps: int = 0
    settle: bool = True
    borrow_bps: int = 0
    borrow: tuple[tuple[str, int], ...] = ()
    locate: tuple[str, ...] | None = None
    close_cutoff_minutes: int = 10
    bars: BarInterval = BarInterval.DAILY
    calendar: str = "XNYS"
    fractional: bool = False
    day_trading: DayTrading = DayTrading.NONE

    def __post_init__(self) -> None:
        rates = {
            name: getattr(self, name) for name in self.__slots__ if name.endswith(("_bps", "_minutes", "_sessions"))
        }
        rates |= {f"borrow.{symbol}": rate for symbol, rate in self.borrow}
        for name, rate in rates.items():
            if rate is not None and rate < 0:
                raise ConfigError(f"{name} is {rate}; it must be zero or more")

    @property
    def crypto(self) -> bool:
        """Return whether the account trades crypto, for which fractions are unrestricted."""
        return self.calendar == AROUND_THE_CLOCK

    @property
    def settles(self) -> bool:
        """Return whether trades settle after a delay; crypto trades settle at once."""
        return self.settle and not self.crypto

    def borrow_rate(self, symbol: str) -> int:
        """Return the yearly fee for borrowing `symbol`, in basis points of its value."""
        return dict(self.borrow).get(symbol, self.borrow_bps)

    def can_locate(self, symbol: str) -> bool:
        """Return whether shares of `symbol` can be located for a short sale."""
        return self.locate is None or symbol in self.locate
