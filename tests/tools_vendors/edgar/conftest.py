import pytest
from openoutcry.tools.vendors.client import Polite
from openoutcry.tools.vendors.edgar import Edgar
from vendors.clock import Clock
from vendors.server import VendorServer


@pytest.fixture
def vendor(server: VendorServer, client: Polite, clock: Clock) -> Edgar:
    return Edgar(client, contact="desk@example.org", now=clock.now, base_url=server.url)
