"""A small case to work on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openoutcry.agents.context import AgentContext
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId, Symbol
from openoutcry.domain.market import Quote

AS_OF = datetime(2025, 3, 3, 21, tzinfo=UTC)


@pytest.fixture
def quote():
    return Quote(
        symbol=Symbol("ABC"),
        session=date(2025, 3, 3),
        last_close=Decimal("100.00"),
        daily_volatility=Decimal("0.02"),
        atr=Decimal("2.5"),
        average_volume=Decimal(1_000_000),
    )


@pytest.fixture
def brief(quote):
    return Brief(
        symbol=Symbol("ABC"),
        as_of=AS_OF,
        session=date(2025, 3, 3),
        next_session=date(2025, 3, 4),
        quote=quote,
        account=Account("test", Decimal(100_000)),
        synthetic=True,
    )


@pytest.fixture
def fact():
    """Return a function that makes evidence of an id and a number."""

    def make(name, value=None, text=None):
        number = None if value is None else Decimal(str(value))
        return Evidence(EvidenceId(name), EvidenceKind.RATIO, "test", AS_OF, text or f"{name} is {value}", number)

    return make


@pytest.fixture
def case_of(brief, fact):
    """Return a function that makes a case of numbers by id."""

    def make(**values):
        return AgentContext(brief, tuple(fact(name.replace("__", "."), value) for name, value in values.items()))

    return make
