"""Memory queries that an analyst writes itself, one for each horizon of effect (FinAgent, arXiv 2402.18485)."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from .outputs import Report, StructuredOutput, Text

FEWEST_WORDS = 6
"""A query with fewer words is dropped, as in the released code."""


class QueryHorizon(StrEnum):
    """How long something affects the price."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class HorizonQuery(StructuredOutput):
    """One query of the memory."""

    schema_name: ClassVar[str] = "HorizonQuery"

    horizon: QueryHorizon
    text: Text

    @property
    def search_text(self) -> str:
        """Return the text to search by, with the horizon of the effect."""
        return f"{self.text} {self.horizon.upper()}-TERM impact of the stock"


class HorizonQueries(StructuredOutput):
    """The queries of one session that are long enough, at most one for each horizon."""

    schema_name: ClassVar[str] = "HorizonQueries"

    queries: tuple[HorizonQuery, ...]


Query = Annotated[Text, Field(description="at least 6 words; what to look for in the memory")]


class IntelligenceReport(Report):
    """A report with queries of the memory: for past texts like those with a short, medium and long effect."""

    schema_name: ClassVar[str] = "IntelligenceReport"

    short_query: Query
    medium_query: Query
    long_query: Query

    @property
    def report(self) -> Report:
        """Return the report alone."""
        return Report(**{name: getattr(self, name) for name in Report.model_fields})

    def queries(self, horizons: Collection[QueryHorizon]) -> HorizonQueries:
        """Return the queries of `horizons` with at least `FEWEST_WORDS` words."""
        written = {
            QueryHorizon.SHORT: self.short_query,
            QueryHorizon.MEDIUM: self.medium_query,
            QueryHorizon.LONG: self.long_query,
        }
        kept = (
            HorizonQuery(horizon=horizon, text=text)
            for horizon, text in written.items()
            if horizon in horizons and len(text.split()) >= FEWEST_WORDS
        )
        return HorizonQueries(queries=tuple(kept))
