"""Public sources as a market: asked in order, archived, and answered from the archive only."""

from .chain import Chain, Station
from .source import LiveSource

__all__ = ["Chain", "LiveSource", "Station"]
