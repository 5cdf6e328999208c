from collections.abc import Iterator

import pytest
from openoutcry.tools.vendors.client import Manners, Polite
from vendors.clock import Clock
from vendors.server import VendorServer

MANNERS = Manners("openoutcry-tests (desk@example.org)", timeout=0.3, attempts=2, most_bytes=200_000)


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Polite]:
    client = Polite(MANNERS, now=clock.now, sleep=clock.sleep)
    yield client
    client.close()
