"""Public sources as a market: asked in order, archived, and answered from the archive only."""

from .fallback_chain import FallbackChain, VendorSlot
from .source import LiveSource

__all__ = ["FallbackChain", "LiveSource", "VendorSlot"]
