"""A folder of files as a market: read point in time, and inspected as a whole."""

from .layout import DatasetKind
from .source import FolderSource, open_folder
from .validation import (
    Absence,
    Coverage,
    Defect,
    FolderReport,
    Gap,
    Span,
    validate_folder,
)

__all__ = [
    "Absence",
    "Coverage",
    "DatasetKind",
    "Defect",
    "FolderReport",
    "FolderSource",
    "Gap",
    "Span",
    "open_folder",
    "validate_folder",
]
