"""The name under which memories and learning of a market are kept apart from those of others."""

import hashlib
from pathlib import Path

from .factories import DEMO, LIVE
from .settings import Settings


def market_namespace(settings: Settings) -> str:
    """Return the memory workspace of a market, so that memories of different markets are kept apart."""
    if settings.market == DEMO:
        return f"{DEMO}-{settings.demo_seed}"
    if settings.market == LIVE:
        return LIVE
    folder = Path(settings.market)
    return f"{folder.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
