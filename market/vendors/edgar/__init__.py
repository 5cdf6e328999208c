"""EDGAR, the filing system of the SEC: financial statements with their publication time, and texts of filings."""

from .adapter import Edgar

__all__ = ["Edgar"]
