"""Contracts that every adapter of a port must keep, and the small worlds that tests build to try them."""
