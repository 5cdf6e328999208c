"""Market folders: point-in-time access to a folder of files, and its validation."""

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
