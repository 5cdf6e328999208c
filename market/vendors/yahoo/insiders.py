"""Rows of insider trades from the transactions that Yahoo Finance lists for a company."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ....domain.errors import InvalidData
from ...folder.layout import DatasetKind
from ...text import truncate
from ..normalize import deduplicate, plain
from ..port import PartialRows, VendorRequest, VendorRow

SOURCE = "yfinance"
COLUMNS = frozenset({"Start Date", "Insider", "Shares", "Text"})
"""Columns of every list of `Ticker.insider_transactions` (yfinance 1.7) that has rows."""
TRADE = re.compile(r"(Sale|Purchase) at price ([\d,]+(?:\.\d+)?)(?: - ([\d,]+(?:\.\d+)?))? per share\.?", re.ASCII)
SIDES = {"Sale": "sell", "Purchase": "buy"}
ROUNDING = Decimal("0.005")
"""Yahoo rounds prices to cents, and the value of a trade to whole units of the currency."""
LARGEST = Decimal(10) ** 12
LONGEST_NAME = 200


def insider_rows(ask: VendorRequest, records: Sequence[Mapping[str, Any]], today: date) -> PartialRows:
    """Return the purchases and sales at a price on days in the window of `ask`, and the number of malformed ones.

    Grants, exercises of options, gifts and lines without a text are no trades on the market, and are skipped. Yahoo
    does not state when a report was filed, so the rows are not dated. Equal rows are one trade.

    Raises InvalidData if the list has another format: a column is missing, or every purchase and sale is malformed.
    """
    if records and not all(set(record) >= COLUMNS for record in records):
        raise InvalidData(SOURCE, None, f"insider transactions lack the columns {', '.join(sorted(COLUMNS))}")
    rows, malformed = [], list[str]()
    for record in records:
        if not _is_trade(record["Text"]):
            continue
        try:
            traded = _Trade.of(record, today)
        except ValueError as error:
            malformed.append(str(error))
            continue
        if ask.since.date() <= traded.day <= ask.until.date():
            rows.append(traded.row(ask.key))
    trades = sum(_is_trade(record["Text"]) for record in records)
    if malformed and len(malformed) == trades:
        raise InvalidData(SOURCE, None, f"none of {trades} insider trades of {ask.key} is valid: {malformed[0]}")
    reason = f"{len(malformed)} of {trades} insider trades left out: {malformed[0]}" if malformed else ""
    return PartialRows(tuple(deduplicate(rows)), len(malformed), reason)


@dataclass(frozen=True, slots=True)
class _Trade:
    day: date
    person: str
    role: str
    side: str
    shares: Decimal
    price: Decimal

    @classmethod
    def of(cls, record: Mapping[str, Any], today: date) -> "_Trade":
        """Return the trade of a record; raises ValueError with the defect."""
        found = TRADE.fullmatch(str(record["Text"]).strip())
        if found is None:
            raise ValueError("the text has no price per share")
        day, person = _day(record["Start Date"]), _words(record["Insider"])
        if not person:
            raise ValueError("the name is missing")
        if day > today:
            raise ValueError(f"the trade of {day} is in the future")
        shares = _number("shares", record["Shares"])
        low = Decimal(found[2].replace(",", ""))
        high = Decimal(found[3].replace(",", "")) if found[3] else low
        price = _price(low, high, shares, record.get("Value"))
        return cls(day, person, _words(record.get("Position")), SIDES[found[1]], shares, price)

    def row(self, ticker: str) -> VendorRow:
        cells = {
            "ticker": ticker,
            "filed_at": "",
            "traded_on": self.day.isoformat(),
            "person": self.person,
            "role": self.role,
            "side": self.side,
            "shares": plain(self.shares),
            "price": plain(self.price),
        }
        return VendorRow(DatasetKind.INSIDER, cells, dated=False)


def _is_trade(text: object) -> bool:
    return isinstance(text, str) and text.strip().startswith(tuple(SIDES))


def _price(low: Decimal, high: Decimal, shares: Decimal, value: object) -> Decimal:
    """Return the price of one share: as stated, or for a range of prices the average according to the value."""
    if not 0 < low <= high < LARGEST:
        raise ValueError(f"the price of {low} to {high} is invalid")
    if _is_missing(value):
        if low != high:
            raise ValueError("the value of a trade at several prices is missing")
        return low
    worth = _number("value", value)
    if not (low - ROUNDING) * shares - 1 <= worth <= (high + ROUNDING) * shares + 1:
        raise ValueError(f"the value of {plain(worth)} contradicts the price")
    return low if low == high else min(max((worth / shares).quantize(Decimal("0.0001")), low), high)


def _number(name: str, value: object) -> Decimal:
    if _is_missing(value):
        raise ValueError(f"the number of {name} is missing" if name == "shares" else f"the {name} is missing")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"the {name} is not a number")
    number = Decimal(str(value))
    if not 0 < number < LARGEST * LARGEST:
        raise ValueError(f"the {name} is {number}, which is not positive or too large")
    return number


def _is_missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 -- NaN and NaT differ from themselves


def _day(value: object) -> date:
    if _is_missing(value) or not isinstance(value, datetime):
        raise ValueError("the day of the trade is missing")
    return value.date()


def _words(value: object) -> str:
    if _is_missing(value):
        return ""
    if not isinstance(value, str):
        raise ValueError("a name or position is not text")
    return truncate(" ".join(value.encode(errors="replace").decode().split()), LONGEST_NAME)
