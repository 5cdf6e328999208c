"""Adapters for public market data vendors, all behind the `Vendor` port."""
