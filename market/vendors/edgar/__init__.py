"""EDGAR, the filing system of the SEC: statements with the moment from which the public could read them, and texts."""

from .adapter import Edgar

__all__ = ["Edgar"]
