"""The convictions of past decisions that a recorded run could read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ..llm.policy.conviction_store import FILE_NAME, ConvictionStore
from .settings import Settings, home

Convictions = Mapping[str, tuple[float, ...]]
"""Quick convictions of past decisions by role, oldest first."""


def convictions_before(settings: Settings, as_of: datetime) -> Convictions:
    """Return the convictions in the home folder that a decision as of `as_of` reads; none without a store."""
    path = home(settings) / FILE_NAME
    if not path.exists():
        return {}
    store = ConvictionStore(path)
    try:
        return {role: tuple(values) for role, values in store.before(as_of.astimezone(UTC).isoformat()).items()}
    finally:
        store.close()


def restore_convictions(past: Convictions, folder: Path) -> None:
    """Write convictions to a new store in `folder`, as older than every decision."""
    store = ConvictionStore(folder / FILE_NAME)
    store.restore(past)
    store.close()
