"""Prices for display: cents from 1.00 on, below it the decimals of the instrument."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from openoutcry.agents.formatting import format_positions
from openoutcry.cli.console.decision import _position
from openoutcry.domain.account import Holding
from openoutcry.domain.decision import PositionSnapshot
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import price_text
from openoutcry.risk.limit_checks import buying_power
from openoutcry.tests.risk.conftest import make_brief

SHARE, COIN = Decimal("0.0001"), Decimal("0.00000001")


@pytest.mark.parametrize(
    ("price", "tick", "text"),
    [
        ("100", SHARE, "100.00"),
        ("1234.567", SHARE, "1234.57"),
        ("1.2345", SHARE, "1.23"),
        ("0.12345", SHARE, "0.1234"),
        ("0.5", SHARE, "0.50"),
        ("0.0000123456789", COIN, "0.00001235"),
        ("0.1", Decimal(1), "0.10"),
        ("0", COIN, "0.00"),
        ("-0.0123", SHARE, "-0.0123"),
    ],
)
def test_a_price_shows_the_decimals_of_its_instrument(price: str, tick: Decimal, text: str) -> None:
    assert price_text(Decimal(price), tick) == text


def test_thousands_are_separated_on_request() -> None:
    assert price_text(Decimal("1234.5"), SHARE, grouped=True) == "1,234.50"


@pytest.mark.parametrize(("tick", "cost"), [("0.01", "0.0123"), ("1e-8", "0.01234568")])
def test_a_role_reads_the_average_cost_in_the_decimals_of_the_instrument(tick: str, cost: str) -> None:
    brief = make_brief(close="0.0125")
    symbol, average = brief.symbol, Decimal("0.0123456789")
    held = Holding(symbol, Decimal(10), average, Decimal("0.0125"))
    brief = replace(
        brief, account=replace(brief.account, holdings={symbol: held}), quote=replace(brief.quote, tick=Decimal(tick))
    )
    assert f"10 {symbol} at {cost} (" in format_positions(brief)


def test_a_limit_says_the_worst_price_in_the_decimals_of_the_instrument() -> None:
    brief = make_brief(close="0.0125")
    projection = SimpleNamespace(brief=brief, buying_power=Decimal(100), worst_price=lambda _: Decimal("0.0131"))
    assert buying_power(None, projection).reason.endswith("at a worst price of 0.0131")  # type: ignore[arg-type]


def test_the_console_shows_the_average_cost_in_the_decimals_of_the_last_close() -> None:
    snapshot = PositionSnapshot(Decimal(10), Decimal("0.0000123456"), Decimal("0.00001240"), Decimal(0))
    decision = SimpleNamespace(position=snapshot, ticker=Symbol("PEPE"))
    assert "10 PEPE at 0.00001235, unrealized" in _position(decision)  # type: ignore[arg-type]
