from pathlib import Path

import pytest
from openoutcry.market.vendors.yahoo import Yahoo
from vendors.clock import Clock
from vendors.server import VendorServer
from vendors.yahoo import MANNERS


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library keeps one cache folder for a whole process."""
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def vendor(server: VendorServer, clock: Clock, cache: Path) -> Yahoo:
    return Yahoo(MANNERS, now=clock.now, sleep=clock.sleep, cache=cache, base_url=server.url)
