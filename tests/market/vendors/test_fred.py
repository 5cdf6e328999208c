from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from contracts.vendor import (
    SECRET,
    SINCE,
    UNTIL,
    VendorContract,
    facts_of,
)
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.fred import Fred, realtime_windows
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.port import VendorRequest
from vendors.clock import Clock
from vendors.server import Request, Served, VendorServer

PATH = "/fred/series/observations"
ASK = VendorRequest(DatasetKind.MACRO, "UNRATE", SINCE, UNTIL)


def document(*rows: tuple[str, str, str, str], count: int | None = None) -> dict[str, object]:
    """The documented answer; rows are realtime_start, realtime_end, date, value."""
    names = ("realtime_start", "realtime_end", "date", "value")
    return {
        "realtime_start": "2025-01-01",
        "realtime_end": "9999-12-31",
        "observation_start": "2025-01-01",
        "observation_end": "2025-03-01",
        "units": "lin",
        "output_type": 1,
        "file_type": "json",
        "order_by": "observation_date",
        "sort_order": "asc",
        "count": len(rows) if count is None else count,
        "offset": 0,
        "limit": 100000,
        "observations": [dict(zip(names, row, strict=True)) for row in rows],
    }


def refusal(text: str) -> Served:
    return Served.json({"error_code": 400, "error_message": f"Bad Request.  {text}"}, status=400)


GOOD = document(
    ("2025-02-07", "2025-03-06", "2025-01-01", "4.0"),
    ("2025-03-07", "9999-12-31", "2025-01-01", "4.10"),
    ("2025-03-07", "9999-12-31", "2025-02-01", "4.1"),
    ("2025-03-07", "9999-12-31", "2025-02-02", "."),
)


class TestFred(VendorContract):
    asks = (ASK,)

    def make(self, client: HttpClient, url: str) -> Fred:
        return Fred(client, SECRET, now=Clock().now, base_url=url)

    def serve(self, server: VendorServer) -> None:
        server.serve(PATH, GOOD)

    def serve_nothing(self, server: VendorServer) -> None:
        server.serve(PATH, document())

    def serve_unknown(self, server: VendorServer) -> None:
        server.serve(PATH, refusal("The series does not exist."))

    def serve_drifted(self, server: VendorServer) -> None:
        server.serve(
            PATH, {"count": 1, "observations": [{"date": "2025-01-01", "val": "1", "realtime_start": "2025-02-01"}]}
        )

    def serve_future(self, server: VendorServer) -> None:
        server.serve(PATH, document(("2031-05-05", "9999-12-31", "2025-01-01", "4.0")))

    def serve_absurd(self, server: VendorServer) -> None:
        server.serve(PATH, document(("2025-02-07", "9999-12-31", "2025-01-01", "1e400")))


@pytest.fixture
def fred(client: HttpClient, server: VendorServer) -> Fred:
    return Fred(client, SECRET, now=Clock().now, base_url=server.url)


def test_every_vintage_comes_with_its_release_and_a_point_is_nothing(fred: Fred, server: VendorServer) -> None:
    server.serve(PATH, GOOD)
    assert [tuple(record.cells.values()) for record in fred.fetch(ASK)] == [
        ("UNRATE", "2025-01-01", "4", "2025-02-07"),
        ("UNRATE", "2025-01-01", "4.1", "2025-03-07"),
        ("UNRATE", "2025-02-01", "4.1", "2025-03-07"),
    ]
    first, *_ = facts_of(fred.fetch(ASK))
    assert first.known_at == datetime(2025, 2, 8, tzinfo=UTC)  # no hour is known, so the day must have passed
    (query,) = {tuple(sorted(request.query.items())) for request in server.requests}
    assert dict(query) == {
        "series_id": "UNRATE",
        "api_key": SECRET.get_secret_value(),
        "file_type": "json",
        "observation_start": "2025-01-01",
        "observation_end": "2025-03-01",
        "realtime_start": "2025-01-01",
        "realtime_end": "9999-12-31",
        "limit": "100000",
        "offset": "0",
    }


def test_long_windows_are_asked_in_spans_and_a_span_begins_with_no_release(fred: Fred, server: VendorServer) -> None:
    """FRED repeats, as of the first day of a span, what was said before it."""
    truth = [("2016-02-05", "2016-01-01", "5.0"), ("2021-06-01", "2016-01-01", "5.2")]

    def answer(request: Request) -> dict[str, object]:
        start, end = request.query["realtime_start"], request.query["realtime_end"]
        held = [row for row in truth if row[0] < start][-1:]
        inside = [row for row in truth if start <= row[0] <= end]
        return document(*((max(said, start), end, day, value) for said, day, value in (*held, *inside)))

    server.serve(PATH, answer)
    records = fred.fetch(VendorRequest(DatasetKind.MACRO, "UNRATE", datetime(2016, 1, 1, tzinfo=UTC), UNTIL))
    assert [(record.cells["released_at"], record.cells["value"]) for record in records] == [
        ("2016-02-05", "5"),
        ("2021-06-01", "5.2"),
    ]
    assert len(server.requests) == 3


def test_spans_meet_without_gap_or_overlap_and_stay_below_the_limit() -> None:
    spans = list(realtime_windows(date(1990, 1, 1), date(2025, 3, 3)))
    assert (spans[0][0], spans[-1][1]) == ("1990-01-01", "9999-12-31")
    for (_, end), (start, _) in pairwise(spans):
        assert (date.fromisoformat(start) - date.fromisoformat(end)).days == 1
    assert all((date.fromisoformat(end) - date.fromisoformat(start)).days < 2000 for start, end in spans[:-1])
    assert list(realtime_windows(date(2030, 1, 1), date(2025, 3, 3))) == [("2025-03-03", "9999-12-31")]


def test_a_span_before_the_record_of_vintages_is_passed_over(fred: Fred, server: VendorServer) -> None:
    server.serve(PATH, refusal("The series does not exist in ALFRED but may exist in FRED."), GOOD)
    records = fred.fetch(VendorRequest(DatasetKind.MACRO, "UNRATE", datetime(2020, 1, 1, tzinfo=UTC), UNTIL))
    assert len(records) == 3
    assert all(record.dated for record in records)


def test_a_series_without_vintages_is_given_as_it_stands(fred: Fred, server: VendorServer) -> None:
    def answer(request: Request) -> object:
        if "realtime_start" in request.query:
            return refusal("The series does not exist in ALFRED but may exist in FRED.  Try setting realtime_start.")
        return document(("2025-03-03", "2025-03-03", "2025-01-02", "17.9"))

    server.serve(PATH, answer)
    (record,) = fred.fetch(VendorRequest(DatasetKind.MACRO, "VIXCLS", SINCE, UNTIL))
    assert record.cells == {"series": "VIXCLS", "date": "2025-01-02", "value": "17.9"}


def test_pages_are_followed(fred: Fred, server: VendorServer) -> None:
    rows = [("2025-02-07", "9999-12-31", f"2025-01-{day:02}", str(day)) for day in range(1, 31)]
    server.serve(PATH, lambda request: document(*rows[int(request.query["offset"]) :][:12], count=30))
    assert len(fred.fetch(ASK)) == 30
    assert [request.query["offset"] for request in server.requests] == ["0", "12", "24"]


def test_a_wrong_key_is_no_unknown_series(fred: Fred, server: VendorServer) -> None:
    server.serve(PATH, refusal("The value for variable api_key is not registered."))
    with pytest.raises(SourceUnavailable, match="rejects the key"):
        fred.fetch(ASK)


def test_no_key_no_question(client: HttpClient, server: VendorServer) -> None:
    with pytest.raises(SourceUnavailable, match="fred needs a key"):
        Fred(client, None, now=Clock().now, base_url=server.url).fetch(ASK)
    assert not server.requests
