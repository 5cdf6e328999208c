"""The contract of vendors: the test of an adapter subclasses `VendorContract` and serves the vendor's answers."""

import contextlib
import gzip
import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from openoutcry.domain.errors import (
    DataError,
    InvalidData,
    NoData,
    SourceUnavailable,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder.corporate_actions import DividendReader, SplitReader
from openoutcry.market.folder.filings import FilingReader
from openoutcry.market.folder.layout import LAYOUTS, DatasetKind
from openoutcry.market.folder.macro import MacroReader
from openoutcry.market.folder.news import NewsReader
from openoutcry.market.folder.prices import DailyBarReader, HourlyBarReader
from openoutcry.market.folder.row import TableRow
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import Vendor, VendorRequest, VendorRow
from pydantic import SecretStr
from vendors.clock import Clock
from vendors.server import Served, VendorServer

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
FUTURE = datetime(2031, 5, 5, tzinfo=UTC)
"""By a vendor's clock that runs ahead."""
SECRET = SecretStr("s3cret-k3y-of-the-desk")
HTML = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"

FAULTS = {
    "401": Served(401, b'{"error": "Invalid API key."}'),
    "402": Served(402, b'{"error": "Pay first."}'),
    "403": Served(403, b'{"error": "Not for you."}'),
    "429": Served(429, b'{"error": "Slow down."}', {"retry-after": "3"}),
    "429, for hours": Served(429, headers={"retry-after": "86400"}),
    "500": Served(500, b"Internal Server Error"),
    "503": Served(503, HTML),
    "HTML": Served(200, HTML, {"content-type": "text/html"}),
    "HTML that calls itself JSON": Served(200, b"\n<html>moved", {"content-type": "application/json"}),
    "gzip cut short": Served(
        body=gzip.compress(b"[" + b"1," * 5000 + b"1]")[:-20], headers={"content-encoding": "gzip"}
    ),
    "text cut short": Served(body=b'{"a": [', claimed=500),
    "broken document": Served(body=b'{"results": [{"a": 1}, {"b"'),
    "nothing": Served(),
    "too much": Served(body=b"0" * 65536, endless=True),
    "a bomb": Served(body=gzip.compress(bytes(20_000_000)), headers={"content-encoding": "gzip"}),
    "silence": Served(hang=True),
    "redirect inside": Served(302, headers={"location": "http://169.254.169.254/latest"}),
    "redirect to a file": Served(302, headers={"location": "file:///etc/passwd"}),
}


def reader_of(kind: DatasetKind, rows: Sequence[TableRow]):
    """Return the reader of rows of `kind` in a market folder, or None for kinds that it has no facts for."""
    match kind:
        case DatasetKind.PRICES_DAILY:
            return DailyBarReader(trading_calendar("XNYS"))
        case DatasetKind.CRYPTO_DAILY:
            return DailyBarReader(trading_calendar("24/7"))
        case DatasetKind.PRICES_HOURLY:
            return HourlyBarReader(trading_calendar("XNYS"))
        case DatasetKind.SPLITS:
            return SplitReader()
        case DatasetKind.DIVIDENDS:
            return DividendReader()
        case DatasetKind.NEWS:
            return NewsReader()
        case DatasetKind.FUNDAMENTALS:
            return FilingReader()
        case DatasetKind.MACRO:
            return MacroReader.of(rows)
    return None


def row_of(number: int, record: VendorRow) -> TableRow:
    """Return the row that a market folder would read where `record` was written into it."""
    from decimal import Decimal

    cells: dict[str, object] = dict(record.cells)
    if isinstance(metrics := cells.get("metrics"), dict):
        cells["metrics"] = {name: Decimal(value) for name, value in metrics.items()}
    return TableRow(record.kind, number, cells)


def facts_of(records: Sequence[VendorRow]) -> list[object]:
    """Read `records` (of one kind) as a market folder would; raises InvalidData."""
    rows = [row_of(number, record) for number, record in enumerate(records, 2)]
    reader = reader_of(records[0].kind, rows) if records else None
    if reader is None:
        return []
    places = [(row, reader.timing(row)) for row in rows]
    return [reader.fact(row, place.known_at) for row, place in places if place]


class VendorContract(ABC):
    """The promises of `Vendor`.

    Attributes:
        asks: one request of each kind that the vendor has.
    """

    asks: Sequence[VendorRequest] = ()

    @abstractmethod
    def make(self, client: HttpClient, url: str) -> Vendor:
        """Return the vendor at `url`, with the key SECRET if it takes one."""

    @abstractmethod
    def serve(self, server: VendorServer) -> None:
        """Serve a good answer to each request, in the documented form."""

    @abstractmethod
    def serve_nothing(self, server: VendorServer) -> None:
        """Serve what the vendor sends if it has no rows."""

    @abstractmethod
    def serve_unknown(self, server: VendorServer) -> None:
        """Serve what the vendor sends for an unknown key."""

    @abstractmethod
    def serve_drifted(self, server: VendorServer) -> None:
        """Serve answers in which a field has another name."""

    @abstractmethod
    def serve_absurd(self, server: VendorServer) -> None:
        """Serve figures or times that are impossible."""

    @abstractmethod
    def serve_future(self, server: VendorServer) -> None:
        """Serve news and releases of the time FUTURE, where the vendor has them."""

    @pytest.fixture
    def vendor(self, client: HttpClient, server: VendorServer) -> Vendor:
        return self.make(client, server.url)

    @pytest.fixture
    def hurried(self, hasty: HttpClient, server: VendorServer) -> Vendor:
        """Return the vendor with a short time limit, for a server that never answers."""
        return self.make(hasty, server.url)

    def test_it_has_a_name_and_the_kinds_of_its_requests(self, vendor: Vendor) -> None:
        assert vendor.name.isidentifier()
        assert vendor.name == vendor.name.lower()
        assert vendor.kinds == {ask.kind for ask in self.asks}

    def test_good_answers_are_rows_of_a_market_folder(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve(server)
        for ask in self.asks:
            records = vendor.fetch(ask)
            layout = LAYOUTS[ask.kind]
            assert records, ask.kind
            for record in records:
                assert record.kind is ask.kind
                assert record.cells[layout.key] == ask.key
                assert set(record.cells) <= set(layout.columns)
                assert set(layout.required) <= set(record.cells)
                assert all(isinstance(cell, str) for name, cell in record.cells.items() if name != "metrics")
            rows = [sorted((name, str(cell)) for name, cell in record.cells.items()) for record in records]
            assert all(rows.count(one) == 1 for one in rows), "a row occurs twice"
            assert len(facts_of(records)) == len(records) or reader_of(ask.kind, ()) is None

    def test_asking_again_gives_the_same(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve(server)
        for ask in self.asks:
            assert vendor.fetch(ask) == vendor.fetch(ask)

    def test_a_source_that_answers_passes_the_probe(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve(server)
        vendor.check()
        assert server.requests

    def test_nothing_in_the_window_is_an_empty_answer(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve_nothing(server)
        for ask in self.asks:
            assert not vendor.fetch(ask), ask.kind

    def test_an_unknown_key_is_not_an_empty_answer(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve_unknown(server)
        for ask in self.asks:
            with pytest.raises(NoData, match=ask.key):
                vendor.fetch(ask)

    @pytest.mark.parametrize("fault", FAULTS)
    def test_no_answer_is_never_an_empty_answer_and_shows_no_key(
        self,
        vendor: Vendor,
        hurried: Vendor,
        server: VendorServer,
        fault: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        vendor = hurried if FAULTS[fault].hang else vendor
        self.serve(server)
        server.fail(FAULTS[fault])
        for ask in self.asks:
            with pytest.raises(SourceUnavailable) as caught:
                vendor.fetch(ask)
            shown = "".join(traceback.format_exception(caught.value)) + caplog.text
            assert SECRET.get_secret_value() not in shown
            assert "\n" not in str(caught.value)
        assert server.requests
        with pytest.raises(DataError):
            vendor.check()

    def test_404_is_no_rows(self, vendor: Vendor, server: VendorServer) -> None:
        server.fail(Served(404, b"not here"))
        for ask in self.asks:
            with pytest.raises((NoData, SourceUnavailable)):
                vendor.fetch(ask)

    def test_a_passing_failure_is_outlived(self, vendor: Vendor, server: VendorServer, clock: Clock) -> None:
        self.serve(server)
        server.fail(Served(429, headers={"retry-after": "3"}), times=1)
        assert vendor.fetch(self.asks[0])
        assert any(slept == pytest.approx(3) for slept in clock.slept)

    def test_another_shape_than_documented_is_refused_whole(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve_drifted(server)
        for ask in self.asks:
            with pytest.raises(InvalidData):
                vendor.fetch(ask)

    @pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'"fine"', b'{"status": "OK"}', b'{"results": 3}'])
    def test_a_document_of_another_kind_is_no_crash(self, vendor: Vendor, server: VendorServer, body: bytes) -> None:
        server.fail(Served(body=body))
        for ask in self.asks:
            with contextlib.suppress(DataError):
                assert not vendor.fetch(ask)

    def test_what_is_dated_in_the_future_is_not_known_before(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve_future(server)
        for ask in self.asks:
            if ask.kind in {DatasetKind.NEWS, DatasetKind.MACRO}:
                assert all(fact.known_at >= FUTURE for fact in facts_of(vendor.fetch(ask)))

    def test_what_cannot_be_true_is_refused(self, vendor: Vendor, server: VendorServer) -> None:
        self.serve_absurd(server)
        for ask in self.asks:
            with pytest.raises(InvalidData):
                vendor.fetch(ask)
