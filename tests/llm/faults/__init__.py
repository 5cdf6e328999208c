"""Faults of endpoints and models as data, and the tests of what becomes of them."""
