import pytest
from openoutcry.market.vendors.edgar import Edgar
from openoutcry.market.vendors.http_client import HttpClient
from vendors.clock import Clock
from vendors.server import VendorServer


@pytest.fixture
def vendor(server: VendorServer, client: HttpClient, clock: Clock) -> Edgar:
    return Edgar(client, contact="desk@example.org", now=clock.now, base_url=server.url)
