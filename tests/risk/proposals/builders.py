"""Builders of facts and rules for proposals: two symbols at 100 and 50, $100,000, wide limits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from openoutcry.domain.account import Account, Holding
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.market import Quote
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.proposals.facts import EstimateFacts, OverlayFacts, ProposalFacts
from openoutcry.risk.proposals.order_specs import ProposalRules
from pydantic import TypeAdapter

AAA, BBB = Symbol("AAA"), Symbol("BBB")
RULES = TypeAdapter(ProposalRules)
PRICES = {AAA: "100", BBB: "50"}


def dec(value: object) -> Decimal:
    return Decimal(str(value))


def quote(symbol: Symbol, close: object, *, sigma: object = "0.01", whole: bool = True) -> Quote:
    volatility = None if sigma is None else dec(sigma)
    return Quote(symbol, date(2025, 3, 3), dec(close), volatility, Decimal(2), Decimal(1_000_000), whole)


def facts(
    *,
    held: Mapping[Symbol, object] | None = None,
    prices: Mapping[Symbol, object] = PRICES,
    cash: object = 100_000,
    margin: bool = True,
    max_position: object = 1,
    sigma: object = "0.01",
    whole: bool = True,
    overlays: OverlayFacts = OverlayFacts(),
    estimates: EstimateFacts = EstimateFacts(),
) -> ProposalFacts:
    holdings = {
        symbol: Holding(symbol, dec(shares), dec(prices[symbol]), dec(prices[symbol]))
        for symbol, shares in (held or {}).items()
    }
    return ProposalFacts(
        account=Account("test", dec(cash), margin, holdings),
        quotes={symbol: quote(symbol, close, sigma=sigma, whole=whole) for symbol, close in prices.items()},
        limits=replace(Limits(), max_position=dec(max_position)),
        name=lambda symbol, leg: ClientOrderId(f"{symbol}-{leg}"),
        overlays=overlays,
        estimates=estimates,
    )


def rules(sizing: Mapping[str, object] | None = None, **more: object) -> ProposalRules:
    """Return rules as a desk file states them."""
    return RULES.validate_python({"sizing": sizing or {"kind": "as_decided"}, **more})


def sent(compiled: object) -> list[tuple[str, str, Decimal]]:
    """Return (symbol, action, quantity) of the orders."""
    orders = compiled.orders
    return [(order.symbol, order.action.value, order.quantity) for order in orders]
