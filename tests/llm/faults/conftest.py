"""A faulty endpoint, and the desk with one role at it."""

from collections.abc import Iterator

import pytest
from openoutcry.market.source import MarketSource

from tests.llm.faults.fault_desk import FaultDesk
from tests.stub.server import StubServer


@pytest.fixture(scope="module")
def faulty() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture(scope="module")
def fault_desk(demo: MarketSource, faulty: StubServer) -> FaultDesk:
    return FaultDesk(demo, faulty)
