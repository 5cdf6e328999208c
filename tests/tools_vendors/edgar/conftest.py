import pytest
from openoutcry.tools.vendors.client import HttpClient
from openoutcry.tools.vendors.edgar import Edgar
from vendors.clock import Clock
from vendors.server import VendorServer


@pytest.fixture
def vendor(server: VendorServer, client: HttpClient, clock: Clock) -> Edgar:
    return Edgar(client, contact="desk@example.org", now=clock.now, base_url=server.url)
