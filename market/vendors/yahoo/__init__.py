"""Yahoo Finance, through the yfinance library."""

from .adapter import Yahoo

__all__ = ["Yahoo"]
