"""Construction of evidence: rounding, wording and source label."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import EvidenceId
from ...market.provenance import HasOrigin, source_names
from ...market.view import MarketView
from ..numbers import round_significant


class SourceTable(StrEnum):
    """Table of a market source, as named in `Evidence.source`."""

    PRICES = "prices_daily"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"
    MACRO = "macro"
    SPLITS = "splits"
    DIVIDENDS = "dividends"
    CALENDAR = "calendar"
    FILING_TEXTS = "filing_texts"
    PROFILE = "profile"
    INSIDER = "insider"


@dataclass(frozen=True, slots=True)
class EvidenceBuilder:
    """Builds the evidence of one view, of one kind and from one table.

    `origin` is the vendor of the facts; if it is empty, evidence is labelled with the name of the market source.
    """

    view: MarketView
    kind: EvidenceKind
    table: SourceTable
    origin: str = ""

    def for_table(self, *facts: HasOrigin) -> "EvidenceBuilder":
        """Return a builder that labels evidence with the vendors of `facts`."""
        return replace(self, origin=source_names(facts))

    def text(self, name: str, known_at: datetime, text: str, value: Decimal | None = None) -> Evidence:
        """Return the evidence `name`; `value` is not rounded."""
        return Evidence(
            id=EvidenceId(name),
            kind=self.kind,
            source=f"{self.origin or self.view.source.name}:{self.table}",
            known_at=known_at,
            text=text,
            value=value,
        )

    def number(
        self, name: str, known_at: datetime, wording: str, value: float | Decimal | None
    ) -> tuple[Evidence, ...]:
        """Return the evidence with `value` rounded and formatted into `wording`; empty if it is None or not finite."""
        if value is None or not isfinite(value):
            return ()
        rounded = round_significant(value)
        return (self.text(name, known_at, wording.format(rounded), rounded),)
