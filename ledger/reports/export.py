"""Export of the journal as JSON lines, CSV and beancount."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from ..book.book import Book
from ..book.codec import canonical
from ..book.journal import Journal
from ..book.wire_names import event_name
from ..model.entries import Entry, Posting
from ..model.events import (
    AccrualCharged,
    Accrued,
    BarClosed,
    CashSettled,
    Delisted,
    DividendBooked,
    DividendPaid,
    Event,
    MarginCallIssued,
    MarginCallMet,
    SplitApplied,
    SymbolQuarantined,
    SymbolReleased,
    SymbolRenamed,
)
from ..model.order_events import OrderFilled
from ..pricing.units import MINOR, to_decimal

SAYS_SESSION = (
    BarClosed,
    OrderFilled,
    CashSettled,
    Accrued,
    AccrualCharged,
    DividendPaid,
    MarginCallIssued,
    MarginCallMet,
    SymbolRenamed,
    SymbolQuarantined,
    SymbolReleased,
)
FIRST_DAY = "1970-01-01"


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """An entry with its booking day and its event."""

    day: str
    entry: Entry
    event: Event


def dated_entries(journal: Journal) -> Iterator[DatedEntry]:
    """Yield all entries with their days; an event without a date takes the day of the event before it."""
    entries = {entry.seq: entry for entry in journal.entries}
    day = next((found for event in journal.events if (found := _day(event))), FIRST_DAY)
    for seq, event in enumerate(journal.events, 1):
        day = max(day, _day(event) or day)
        if seq in entries:
            yield DatedEntry(day, entries[seq], event)


def _day(event: Event) -> str | None:
    if isinstance(event, SAYS_SESSION):
        return event.session
    if isinstance(event, DividendBooked | SplitApplied):
        return event.ex_date
    return event.day if isinstance(event, Delisted) else None


def amount(book: Book, posting: Posting) -> str:
    """Return the amount of a posting in currency or shares, as a decimal without exponent."""
    instrument = book.instruments.get(posting.commodity)
    return f"{to_decimal(posting.amount, instrument.quantity_scale if instrument else MINOR):f}"


def jsonl(journal: Journal) -> Iterator[str]:
    """Yield one line for each journal row, including its hash; the last line is the head of the chain."""
    for row in journal.rows():
        yield (
            canonical(
                {
                    "seq": row.seq,
                    "hash": row.hash,
                    "schema_version": row.schema_version,
                    "hash_version": row.hash_version,
                }
            )[:-1]
            + f',"event":{row.body}}}\n'
        )


def csv_lines(journal: Journal, book: Book) -> Iterator[str]:
    """Yield a header line and one line for each posting."""
    yield "seq,date,event,account,commodity,amount\r\n"
    for dated in dated_entries(journal):
        for posting in dated.entry.postings:
            line = io.StringIO()
            csv.writer(line).writerow(
                (
                    dated.entry.seq, dated.day, event_name(dated.event), posting.account, posting.commodity,
                    amount(book, posting),
                )
            )  # fmt: skip
            yield line.getvalue()


def beancount(journal: Journal, book: Book) -> Iterator[str]:
    """Yield a beancount ledger: accounts opened on the first day, and one transaction for each entry."""
    entries = list(dated_entries(journal))
    first = entries[0].day if entries else FIRST_DAY
    yield f'option "title" "{_text(book.account)}"\noption "operating_currency" "{_commodity(book.currency)}"\n\n'
    for name in sorted({_account(posting.account) for dated in entries for posting in dated.entry.postings}):
        yield f"{first} open {name}\n"
    for dated in entries:
        yield f'\n{dated.day} * "{_text(_narration(dated.event))}"\n  seq: {dated.entry.seq}\n'
        for posting in dated.entry.postings:
            yield f"  {_account(posting.account)}  {amount(book, posting)} {_commodity(posting.commodity)}\n"


def _narration(event: Event) -> str:
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", event_name(event)).lower()
    about = getattr(event, "order_id", None) or getattr(event, "symbol", None) or getattr(event, "reference", "")
    return f"{words} {about}".strip()


def _text(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def _account(name: str) -> str:
    """Return a beancount account name: parts start with a capital or digit, followed by letters, digits and dashes."""
    kind, *parts = name.split(":")
    return ":".join([kind.capitalize(), *(_part(part) for part in parts)])


def _part(part: str) -> str:
    clean = re.sub(r"[^A-Za-z0-9-]", "-", part)
    clean = clean[0].upper() + clean[1:] if clean[:1].isalnum() else f"X{clean}"
    return clean if clean.lower() == part.lower() or part.islower() else f"{clean}-{_short(part)}"


def _commodity(name: str) -> str:
    """Return a beancount currency: up to 24 of capitals, digits and ' . _ -, ending with a capital or digit.

    The first character is a capital. Other names get a hash as suffix.
    """
    if re.fullmatch(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]", name):
        return name
    clean = re.sub(r"[^A-Z0-9]", "-", name.upper())[:14]
    return f"X{clean}-{_short(name).upper()}"


def _short(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:6]
