"""Yahoo Finance, through the yfinance library."""

from .vendor import Yahoo

__all__ = ["Yahoo"]
