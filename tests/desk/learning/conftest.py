"""The context of an agent on CALDR, seven days into 2025."""

from datetime import date
from decimal import Decimal

import pytest
from openoutcry.agents.context import AgentContext
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId
from openoutcry.domain.market import Quote

from tests.memory.random_memories import CALDR, day


@pytest.fixture
def context():
    quote = Quote(CALDR, day(6).date(), Decimal(100), Decimal("0.02"), Decimal("2.5"), Decimal(1_000_000))
    account = Account("test", Decimal(100_000))
    brief = Brief(CALDR, day(6), day(6).date(), date(2025, 12, 31), quote, account, synthetic=True)
    return AgentContext(
        brief, (Evidence(EvidenceId("news.1"), EvidenceKind.NEWS, "test", day(5), "orders rise at the plant"),)
    )
