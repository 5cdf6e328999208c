"""The embedded demo market: fictional companies, made-up prices, planted signals of known strength.

The oracle that knows the signals is not exported here; who may ask it imports it from `oracle`.
"""

from .companies import Listing, demo_listing
from .source import DemoSource, demo_market

__all__ = ["DemoSource", "Listing", "demo_listing", "demo_market"]
