"""How a figure becomes evidence: rounding, wording and the label of its origin."""

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
    """The table of a market that a fact comes from, as it is named in `Evidence.source`."""

    PRICES = "prices_daily"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"
    MACRO = "macro"
    SPLITS = "splits"
    DIVIDENDS = "dividends"
    CALENDAR = "calendar"
    FILING_TEXTS = "filing_texts"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class EvidenceBuilder:
    """Writes the evidence of one view, all of one kind and from one table.

    `origin` is the vendor that the facts are from; where it is empty, evidence is labelled with the market's name.
    """

    view: MarketView
    kind: EvidenceKind
    table: SourceTable
    origin: str = ""

    def for_table(self, *facts: HasOrigin) -> "EvidenceBuilder":
        """Return a citer that labels evidence with the vendors of `facts`."""
        return replace(self, origin=source_names(facts))

    def text(self, name: str, known_at: datetime, text: str, value: Decimal | None = None) -> Evidence:
        """Return the fact `name`; `value` is kept as it is given."""
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
        """Return the fact with `value` rounded and put into `wording` (a format string), or nothing if it is absent."""
        if value is None or not isfinite(value):
            return ()
        rounded = round_significant(value)
        return (self.text(name, known_at, wording.format(rounded), rounded),)
