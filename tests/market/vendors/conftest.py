from collections.abc import Iterator
from dataclasses import replace

import pytest
from openoutcry.market.vendors.http_client import HttpClient, HttpPolicy
from vendors.clock import Clock
from vendors.server import VendorServer

MANNERS = HttpPolicy("openoutcry-tests (desk@example.org)", timeout=10, attempts=2, max_bytes=1_000_000)
HASTY = replace(MANNERS, timeout=0.1, attempts=1)


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[HttpClient]:
    client = HttpClient(MANNERS, now=clock.now, sleep=clock.sleep)
    yield client
    client.close()


@pytest.fixture
def hasty(clock: Clock) -> Iterator[HttpClient]:
    """A client that waits for nobody, for servers that never answer."""
    client = HttpClient(HASTY, now=clock.now, sleep=clock.sleep)
    yield client
    client.close()
