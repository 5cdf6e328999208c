"""Live market: data is fetched from public vendors in order, archived, and read from the archive only."""

from .fallback_chain import FallbackChain, VendorSlot
from .source import LiveSource

__all__ = ["FallbackChain", "LiveSource", "VendorSlot"]
