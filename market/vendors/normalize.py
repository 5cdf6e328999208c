"""Normalization of vendor data to validated rows in the columns of a market folder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ...domain.errors import InvalidData
from ..folder.layout import LAYOUTS, DatasetKind
from ..text import truncate
from .field_reader import FieldReader
from .port import VendorRow

LONGEST_TITLE, LONGEST_SUMMARY = 500, 2000
"""Maximum characters of a news item; some feeds send whole articles."""


def plain(number: Decimal) -> str:
    """Return `number` without an exponent and without trailing zeros."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def format_utc(timestamp: datetime) -> str:
    """Return `timestamp` as a cell: ISO 8601 in UTC, rounded up to whole seconds."""
    whole = timestamp + timedelta(microseconds=-timestamp.microsecond % 1_000_000)
    return whole.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bar_row(kind: DatasetKind, ticker: str, day: date, fields: FieldReader, names: Sequence[str]) -> VendorRow:
    """Return a daily bar; `names` are the fields of open, high, low, close and volume.

    Raises InvalidData if the prices are inconsistent or not positive, or if the volume is negative.
    """
    opened, high, low, close, volume = (fields.number_in(name) for name in names)
    if not (0 < low <= min(opened, close) and max(opened, close) <= high) or volume < 0:
        raise fields.bad(f"open {opened}, high {high}, low {low}, close {close}, volume {volume} are inconsistent")
    figures = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    cells = {name: plain(figure) for name, figure in figures.items()}
    return VendorRow(kind, {"ticker": ticker, "date": day.isoformat(), **cells})


def split_row(ticker: str, day: date, fields: FieldReader, new: Decimal, old: Decimal = Decimal(1)) -> VendorRow:
    """Return a split of `old` shares into `new` shares; raises InvalidData unless both are positive."""
    if new <= 0 or old <= 0:
        raise fields.bad(f"a split of {old} into {new} is invalid")
    return VendorRow(DatasetKind.SPLITS, {"ticker": ticker, "ex_date": day.isoformat(), "ratio": plain(new / old)})


@dataclass(frozen=True, slots=True)
class DividendPayment:
    """One dividend of a vendor. `amount` is in cash per share; `fields` is the object that it was read from."""

    fields: FieldReader
    ex_date: date
    amount: Decimal
    pay_date: date | None = None

    @classmethod
    def of(cls, fields: FieldReader, ex_date: str, amount: str, pay_date: str) -> "DividendPayment":
        """Read a dividend from the fields with the given names; the pay date is optional."""
        paid = fields.day(pay_date) if fields.has(pay_date) else None
        return cls(fields, fields.day(ex_date), fields.number_in(amount), paid)


def dividend_rows(ticker: str, payments: Iterable[DividendPayment]) -> list[VendorRow]:
    """Return one row per ex-date with the sum of its amounts and its latest pay date.

    Raises InvalidData for an amount that is not positive.
    """
    amounts: dict[date, Decimal] = {}
    pay_dates: dict[date, date] = {}
    for payment in payments:
        if payment.amount <= 0:
            raise payment.fields.bad(f"a dividend of {payment.amount} is invalid")
        day = payment.ex_date
        amounts[day] = amounts.get(day, Decimal(0)) + payment.amount
        if payment.pay_date:
            pay_dates[day] = max(payment.pay_date, pay_dates.get(day, payment.pay_date))
    return [
        VendorRow(
            DatasetKind.DIVIDENDS,
            {"ticker": ticker, "ex_date": day.isoformat(), "amount": plain(amount)}
            | ({"pay_date": pay_dates[day].isoformat()} if day in pay_dates else {}),
        )
        for day, amount in amounts.items()
    ]


def news_row(
    ticker: str,
    published: datetime | None,
    title: str,
    *,
    summary: str = "",
    source: str = "",
    url: str = "",
    precision: str = "second",
) -> VendorRow:
    """Return a news row.

    Without `published`, the cell `published_at` is empty and the row is not dated: it is known from its fetch time.
    """
    cells = {
        "ticker": ticker,
        "published_at": format_utc(published) if published else "",
        "title": truncate(title, LONGEST_TITLE),
        "summary": truncate(summary, LONGEST_SUMMARY),
        "source": source,
        "url": url,
        "precision": precision,
    }
    return VendorRow(DatasetKind.NEWS, cells, dated=published is not None)


def deduplicate(records: Iterable[VendorRow]) -> list[VendorRow]:
    """Return the distinct rows, in the given order."""
    return list({(record.kind, tuple(sorted(map(str, record.cells.items())))): record for record in records}.values())


def require_unique_dates(source: str, records: Iterable[VendorRow]) -> list[VendorRow]:
    """Return the distinct rows; raises InvalidData if two different rows have the same key and date."""
    found = deduplicate(records)
    days = [tuple(str(record.cells[name]) for name in LAYOUTS[record.kind].unique) for record in found]
    if twice := next((day for day in days if days.count(day) > 1), None) if len(set(days)) < len(days) else None:
        raise InvalidData(source, None, f"there are two different rows for {' '.join(twice)}")
    return found
