"""A folder of files as a market: read point in time, and inspected as a whole."""

from .inspection import Absence, Coverage, Defect, FolderReport, Gap, Span, inspect_folder
from .layout import Kind
from .source import FolderSource, open_folder

__all__ = [
    "Absence",
    "Coverage",
    "Defect",
    "FolderReport",
    "FolderSource",
    "Gap",
    "Kind",
    "Span",
    "inspect_folder",
    "open_folder",
]
