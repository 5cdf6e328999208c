"""The built-in demo market: fictional companies, simulated prices, planted signals of known strength.

The oracle of the planted signals is deliberately not exported here; import it from `oracle`.
"""

from .companies import Listing, demo_listing
from .source import DemoSource, demo_market

__all__ = ["DemoSource", "Listing", "demo_listing", "demo_market"]
