"""How a figure becomes evidence: rounding, wording and the label of its origin."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from math import isfinite
from typing import Protocol

from ..domain.evidence import Evidence, EvidenceKind
from ..domain.ids import EvidenceId
from .view import MarketView

SIX_DIGITS = Context(prec=6, rounding=ROUND_HALF_EVEN)


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


class HasOrigin(Protocol):
    """Anything that knows which vendor it is from; empty where it does not."""

    @property
    def origin(self) -> str: ...


def source_names(facts: Iterable[HasOrigin]) -> str:
    """Return the vendors of `facts`, each once, sorted and joined by a plus; empty where none is known."""
    return "+".join(sorted({part for fact in facts if fact.origin for part in fact.origin.split("+")}))


def round_significant(value: float | Decimal) -> Decimal:
    """Return `value` with six significant digits and no trailing zeros, so that equal inputs give equal bytes."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return plain_decimal(SIX_DIGITS.create_decimal(exact))


def plain_decimal(value: Decimal) -> Decimal:
    """Return `value` unrounded, without trailing zeros, exponent or negative zero."""
    return Decimal(format(value.normalize(), "f")) if value else Decimal(0)


def format_amount(value: Decimal) -> str:
    """Return an amount with a scale that people read: `391.0 bn`, `-2.7 mn`, `14.30`."""
    for size, unit in ((Decimal(10) ** 9, " bn"), (Decimal(10) ** 6, " mn")):
        if abs(value) >= size:
            return f"{value / size:,.1f}{unit}"
    return f"{value:,.2f}"


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
