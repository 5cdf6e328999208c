"""A live market over vendors in memory, at a moment that the test sets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.archive import Archive
from openoutcry.market.folder.accepted_jumps import AcceptedJumps
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.live import LiveSource, VendorSlot
from openoutcry.market.vendors.port import VendorRow
from vendors.clock import Clock
from vendors.in_memory_vendor import ShelfVendor, bar

FRIDAY = date(2025, 6, 27)


def close_of(day: date, name: str = "XNYS") -> datetime:
    return trading_calendar(name).close(day)


@dataclass(repr=False)
class Market:
    """Vendors asked in the order in which they were made, for every kind alike."""

    path: Path
    clock: Clock
    vendors: list[ShelfVendor] = field(default_factory=list)
    keyless: list[str] = field(default_factory=list)
    accepted: AcceptedJumps = field(default_factory=AcceptedJumps)
    stated: datetime | None = None

    def vendor(
        self, name: str, records: Iterable[VendorRow] = (), kinds: Iterable[DatasetKind] = tuple(DatasetKind)
    ) -> ShelfVendor:
        self.vendors.append(ShelfVendor(name, self.clock.now, kinds=frozenset(kinds)).give(records))
        return self.vendors[-1]

    def source(self, path: Path | None = None) -> LiveSource:
        """Open the market afresh, with nothing remembered but the archive."""
        chain = {
            kind: [
                *(VendorSlot(each.name, each) for each in self.vendors if kind in each.kinds),
                *(VendorSlot(name, None, f"no key; set {name.upper()}_API_KEY") for name in self.keyless),
            ]
            for kind in DatasetKind
        }
        return LiveSource(self.archive(path), chain, self.clock.now, accepted=self.accepted, stated=lambda: self.stated)

    def archive(self, path: Path | None = None) -> Archive:
        return Archive(path or self.path)

    def at(self, moment: datetime) -> "Market":
        self.clock.moment = moment
        return self

    @property
    def asked(self) -> int:
        return sum(len(vendor.asks) for vendor in self.vendors)


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """Return a market an hour after the close of a Friday."""
    return Market(tmp_path / "archive.db", Clock(close_of(FRIDAY) + timedelta(hours=1)))


def flat(ticker: str, last: date = FRIDAY, count: int = 60, close: object = 10, name: str = "XNYS") -> list[VendorRow]:
    """Return bars that stand at one close."""
    kind = DatasetKind.CRYPTO_DAILY if name == "24/7" else DatasetKind.PRICES_DAILY
    return [bar(ticker, day, close, kind) for day in sessions(last, count, name)]


def sessions(last: date = FRIDAY, count: int = 60, name: str = "XNYS") -> Sequence[date]:
    return [day for day in trading_calendar(name).sessions if day <= last][-count:]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
