"""The settings of one account: how it fills, what it costs, what it may borrow."""

from dataclasses import dataclass, field
from enum import StrEnum

from ...domain.errors import ConfigError
from ..pricing.commission import Commission
from ..pricing.slippage import Slippage
from .lots import LotMethod


class SplitPolicy(StrEnum):
    """What a split does to open orders; brokers differ."""

    CANCEL = "cancel"
    ADJUST = "adjust"
    ADJUST_PROTECTIVE = "adjust_protective"
    """Entries are canceled; what would close the position is carried over, so that it never stands unprotected."""


class BarInterval(StrEnum):
    """The bars that an account is walked on."""

    DAILY = "1d"
    HOURLY = "1h"


class DayTrading(StrEnum):
    """Which rule counts day trades: none, or that of the pattern day trader as long as it was in force."""

    NONE = "none"
    PATTERN = "pattern"


AROUND_THE_CLOCK = "24/7"


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
        borrow_bps: yearly fee on the value of borrowed shares, and `borrow` the symbols that cost something else.
        locate: the only symbols that can be sold short; None for all.
        close_cutoff_minutes: how long before the close an order for the close must have been taken; NYSE's 15:50 is 10.
        bars: what the desk walks the account on. Daily ambiguities are settled by the hours where there are any.
        day_trading: the rule that keeps a small margin account from opening anything after a pattern of day trades.
        fractional: whether parts of a share can be traded, by plain day orders at the market or a limit.
        calendar: the trading calendar of the account; `24/7` makes it an account of crypto, traded in any fraction.
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
                raise ConfigError(f"{name} is {rate}; a rule of an account is zero or more")

    @property
    def crypto(self) -> bool:
        """Say whether the account holds coins: their parts trade like wholes."""
        return self.calendar == AROUND_THE_CLOCK

    @property
    def settles(self) -> bool:
        """Say whether trades wait for their cash; coins and cash change hands at once."""
        return self.settle and not self.crypto

    def borrow_rate(self, symbol: str) -> int:
        """Return the yearly fee for borrowing `symbol`, in basis points of its value."""
        return dict(self.borrow).get(symbol, self.borrow_bps)

    def can_locate(self, symbol: str) -> bool:
        """Say whether shares of `symbol` can be found for a short sale."""
        return self.locate is None or symbol in self.locate
