"""What is known of the account and the market when a proposal becomes orders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ...domain.account import Account
from ...domain.brief import Brief
from ...domain.errors import InvalidOutput, NoData
from ...domain.ids import ClientOrderId, Symbol
from ...domain.market import Quote
from ...domain.orders import Clamp
from ...domain.remarks import TradingStyle
from ..limit_settings import Limits


@dataclass(frozen=True, slots=True)
class OverlayFacts:
    """The inputs of overlays and exits; each is absent unless the desk has a role or record that states it.

    Attributes:
        news_scores: score 1 (very negative) to 5 (very positive) by symbol.
        style: the trading style.
        tau: signed strength of the strategist's view by symbol, -1 to 1; see `guide_strength`.
        daily_pnl: the account's profit or loss of each day in currency, oldest first.
        held_sessions: completed sessions of the positions of known age, that of the opening fill included.
    """

    news_scores: Mapping[Symbol, int] = field(default_factory=dict)
    style: TradingStyle | None = None
    tau: Mapping[Symbol, Decimal] = field(default_factory=dict)
    daily_pnl: tuple[Decimal, ...] = ()
    held_sessions: Mapping[Symbol, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EstimateFacts:
    """The inputs of estimates over a book.

    Attributes:
        closes: closes by symbol, adjusted for splits and dividends, oldest first, of the same sessions.
        predicted_sharpe: predicted Sharpe ratio by symbol, for positive_sharpe.
        expected_returns: addition to the trailing mean of daily returns by symbol, for mean_variance with views.
        view_confidence: calibrated confidence of a view by symbol, above 0 and below 1, for black_litterman.
        market_weights: weights of the prior portfolio by symbol; equal weights if empty.
    """

    closes: Mapping[Symbol, tuple[Decimal, ...]] = field(default_factory=dict)
    predicted_sharpe: Mapping[Symbol, Decimal] = field(default_factory=dict)
    expected_returns: Mapping[Symbol, Decimal] = field(default_factory=dict)
    view_confidence: Mapping[Symbol, Decimal] = field(default_factory=dict)
    market_weights: Mapping[Symbol, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """The account, quotes and limits that a proposal is compiled with.

    Attributes:
        quotes: the quote of every symbol that the desk was asked about.
        name: returns the client order id of a symbol's order, counted from 0.
        brief: the task that typed orders answer; needed for an order plan only.
    """

    account: Account
    quotes: Mapping[Symbol, Quote]
    limits: Limits
    name: Callable[[Symbol, int], ClientOrderId]
    overlays: OverlayFacts = field(default_factory=OverlayFacts)
    estimates: EstimateFacts = field(default_factory=EstimateFacts)
    brief: Brief | None = None

    @property
    def equity(self) -> Decimal:
        """Return the account's equity with every quoted symbol at its last close, in currency."""
        marked = (
            holding.quantity * (self.quotes[symbol].last_close - holding.mark)
            for symbol, holding in self.account.holdings.items()
            if symbol in self.quotes
        )
        return self.account.equity + sum(marked, Decimal(0))

    def quote(self, symbol: Symbol) -> Quote:
        """Return the quote of a symbol; raises InvalidOutput for a symbol that the desk was not asked about."""
        quote = self.quotes.get(symbol)
        if quote is None:
            raise InvalidOutput(f"{symbol} was not asked for; the symbols are {', '.join(sorted(self.quotes))}")
        return quote

    def held(self, symbol: Symbol) -> Decimal:
        """Return the signed shares held, with market orders that are about to be filled."""
        return self.account.quantity_ahead(symbol)

    def shares(self, symbol: Symbol, weight: Decimal) -> Decimal:
        """Return the signed shares, not rounded, that are worth `weight` of equity."""
        return weight * max(self.equity, Decimal(0)) / self.quote(symbol).last_close

    def weight(self, symbol: Symbol, shares: Decimal) -> Decimal:
        """Return the value of signed shares as a share of equity; raises NoData without positive equity."""
        if self.equity <= 0:
            raise NoData(f"equity is {self.equity:.2f}, so a position in {symbol} has no weight")
        return shares * self.quote(symbol).last_close / self.equity

    def clamp(self, limit: str, symbol: Symbol, asked: Decimal, allowed: Decimal, reason: str) -> Clamp:
        """Return the record of a limit that fired on a symbol's first order."""
        return Clamp(limit, self.name(symbol, 0), asked, allowed, reason)
