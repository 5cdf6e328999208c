"""Company evidence: sections of its filings, and the vendor's profile."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...domain.market import FilingText, Profile
from ...market.text import one_line, truncate
from ...market.view import MarketView
from ..numbers import format_amount, plain_decimal
from .builder import EvidenceBuilder, SourceTable

DAYS = 120
"""Look-back in calendar days: a quarter plus the usual reporting delay."""
MOST_SECTIONS = 6
LONGEST_SECTION = 600
LONGEST_SUMMARY = 300


def filing_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return at most 6 sections of filings of the last 120 days, newest first, each truncated; may be empty."""
    start = view.as_of - timedelta(days=DAYS)
    recent = [section for section in view.filing_texts(symbol) if section.known_at > start]
    newest = sorted(recent, key=lambda each: (each.known_at, each.form, each.item, each.url), reverse=True)
    builder = EvidenceBuilder(view, EvidenceKind.FILING, SourceTable.FILING_TEXTS)
    named = {_name(section): section for section in newest[:MOST_SECTIONS]}
    return tuple(builder.for_table(each).text(name, each.known_at, _section(each)) for name, each in named.items())


def profile_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the latest company profile; empty if none was available at `view.as_of`."""
    if (profile := view.profile(symbol)) is None:
        return ()
    builder = EvidenceBuilder(view, EvidenceKind.PROFILE, SourceTable.PROFILE).for_table(profile)
    return (builder.text("prof.company", profile.known_at, _company(profile)), *_size(builder, profile))


def _section(section: FilingText) -> str:
    heading = " ".join(filter(None, (section.form, section.item and f"item {section.item}", section.title)))
    text = one_line(section.text).replace('"', "'")
    return truncate(f'{section.known_at:%Y-%m-%d} {one_line(heading)}: "{text}', LONGEST_SECTION - 1) + '"'


def _name(section: FilingText) -> str:
    identity = "\n".join((section.symbol, section.known_at.isoformat(), section.form, section.item, section.url))
    return f"filing.{sha256(identity.encode(errors='backslashreplace')).hexdigest()[:8]}"


def _company(profile: Profile) -> str:
    words: Sequence[str] = (profile.name, profile.sector, profile.industry, profile.country, profile.exchange)
    description = ", ".join(one_line(word).replace('"', "'") for word in words if word)
    summary = one_line(profile.summary).replace('"', "'")
    return f"the company: {description}" + (f' - "{truncate(summary, LONGEST_SUMMARY)}"' if summary else "")


def _size(builder: EvidenceBuilder, profile: Profile) -> Iterator[Evidence]:
    def fact(name: str, words: str, value: Decimal) -> Evidence:
        return builder.text(
            name, profile.known_at, f"{words}, as told on {profile.known_at:%Y-%m-%d}", plain_decimal(value)
        )

    if profile.shares_outstanding is not None:
        words = f"{format_amount(profile.shares_outstanding)} shares outstanding"
        yield fact("prof.shares", words, profile.shares_outstanding)
    if profile.market_cap is not None:
        unit = one_line(profile.currency) or "quote currency"
        yield fact("prof.market_cap", f"market value {format_amount(profile.market_cap)} {unit}", profile.market_cap)
