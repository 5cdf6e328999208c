"""The charts that roles saw, as a report shows them."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from ..domain.decision import Decision
from ..domain.picture import ShownPicture


@dataclass(frozen=True, slots=True)
class ChartFigure:
    """A chart of a role.

    Attributes:
        shown: the record of the chart.
        source: the file as a data URL; empty if it is not stored.
    """

    shown: ShownPicture
    source: str


def chart_figures(decision: Decision, pictures: Mapping[str, bytes]) -> tuple[ChartFigure, ...]:
    """Return the charts of a decision; `pictures` are the PNG files by their SHA-256."""
    return tuple(ChartFigure(each, _data_url(pictures.get(each.sha256))) for each in decision.charts)


def _data_url(png: bytes | None) -> str:
    return "" if png is None else f"data:image/png;base64,{b64encode(png).decode()}"
