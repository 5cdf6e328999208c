from pathlib import Path

import pytest
from contracts.market_folder import MarketFolder


@pytest.fixture
def folder(tmp_path: Path) -> MarketFolder:
    """An empty market folder to fill."""
    path = tmp_path / "market"
    path.mkdir()
    return MarketFolder(path)
