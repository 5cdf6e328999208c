import gzip
import logging
import pickle
import socket
import traceback
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidData, SourceUnavailable
from openoutcry.market.vendors.http_client import (
    HttpClient,
    HttpPolicy,
    HttpStatusError,
)
from openoutcry.market.vendors.response import CacheValidators, HttpResponse
from openoutcry.market.vendors.response_body import UnreadableBody, read_body
from openoutcry.market.vendors.url_safety import check_redirect, is_public, redact_url
from openoutcry.storage.retry_after import http_date
from pydantic import SecretStr
from vendors.clock import BEGINNING, Clock
from vendors.server import Served, VendorServer

KEY = SecretStr("k3y-of-the-desk/+")


def test_a_request_says_who_asks_and_an_answer_is_read_as_written(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", Served(body=gzip.compress(b'{"price": 10.50}'), headers={"content-encoding": "gzip"}))
    reply = client.get(f"{server.url}/a", params={"q": "A & B"}, headers={"Accept": "text/plain"})
    assert (reply.status, reply.json()) == (200, {"price": Decimal("10.50")})
    (request,) = server.requests
    assert request.query == {"q": "A & B"}
    assert request.headers["user-agent"] == "openoutcry-tests (desk@example.org)"
    assert request.headers["accept"] == "text/plain"


def test_an_unchanged_page_is_told_as_such(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", Served(body=b"{}", headers={"etag": '"7"', "last-modified": "Mon, 03 Mar 2025 12:00:00 GMT"}))
    first = client.get(f"{server.url}/a")
    assert first.validators == CacheValidators('"7"', "Mon, 03 Mar 2025 12:00:00 GMT")
    server.serve("/a", Served(304))
    again = client.get(f"{server.url}/a", validators=first.validators)
    assert (again.not_modified, again.body) == (True, b"")
    assert server.requests[1].headers["if-none-match"] == '"7"'
    assert server.requests[1].headers["if-modified-since"] == "Mon, 03 Mar 2025 12:00:00 GMT"


def test_the_time_of_the_server_is_kept(server: VendorServer) -> None:
    policy = HttpPolicy("tests")
    client = HttpClient(policy, now=lambda: BEGINNING, sleep=lambda _: None)
    server.serve("/a", Served(body=b"{}"))
    before = datetime.now(UTC).replace(microsecond=0)
    client.get(f"{server.url}/a")
    client.close()
    stated = policy.server_time.now()
    assert stated is not None
    assert before <= stated <= datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(server: VendorServer, client: HttpClient, clock: Clock, status: int) -> None:
    server.serve("/a", Served(status), {"fine": 1})
    assert client.get(f"{server.url}/a").json() == {"fine": 1}
    assert len(server.requests) == 2
    assert sum(clock.slept) == pytest.approx(1.0)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 410, 418, 501])
def test_what_cannot_pass_is_not(server: VendorServer, client: HttpClient, status: int) -> None:
    server.serve("/a", Served(status, b"no\n such  thing"), {"fine": 1})
    with pytest.raises(HttpStatusError, match=str(status)) as caught:
        client.get(f"{server.url}/a")
    assert (caught.value.status, caught.value.said) == (status, "no such thing")
    assert len(server.requests) == 1


def test_the_server_says_how_long_to_wait(server: VendorServer, client: HttpClient, clock: Clock) -> None:
    server.serve("/a", Served(429, headers={"retry-after": "7"}), {})
    client.get(f"{server.url}/a")
    assert sum(clock.slept) == pytest.approx(7)


def test_a_wait_until_a_date_is_told_by_the_clock_of_the_server(
    server: VendorServer, client: HttpClient, clock: Clock
) -> None:
    dates = {"retry-after": "Fri, 07 Mar 2031 10:00:30 GMT"}
    server.serve("/a", Served(503, headers=dates), {})
    with pytest.raises(HttpStatusError) as caught:  # years from now by any clock: given up at once
        client.get(f"{server.url}/a")
    assert caught.value.retry_after > 3600
    assert (len(server.requests), clock.slept) == (1, [])


def test_an_unknown_page_is_an_answer(server: VendorServer, client: HttpClient) -> None:
    reply = client.get(f"{server.url}/nothing")
    assert (reply.missing, reply.json()) == (True, {"detail": "Not found."})


@pytest.mark.parametrize(
    ("served", "said", "attempts"),
    [
        (Served(body=b"abc", claimed=10), "before the response was complete", 2),
        (Served(body=gzip.compress(b"x" * 1000)[:-9], headers={"content-encoding": "gzip"}), "is truncated", 2),
        (Served(body=b"no gzip at all", headers={"content-encoding": "gzip"}), "cannot be decompressed", 2),
        (Served(body=b"???", headers={"content-encoding": "br"}), "not supported", 1),
        (Served(body=b"x" * 65536, endless=True), "longer than 1000000", 1),
        (Served(body=gzip.compress(bytes(50_000_000)), headers={"content-encoding": "gzip"}), "longer than 1000000", 1),
    ],
)
def test_an_answer_that_cannot_be_had_whole_is_none(
    server: VendorServer, client: HttpClient, served: Served, said: str, attempts: int
) -> None:
    server.serve("/a", served)
    with pytest.raises(SourceUnavailable, match=said):
        client.get(f"{server.url}/a")
    assert len(server.requests) == attempts


def test_silence_is_no_answer(server: VendorServer, hasty: HttpClient) -> None:
    server.serve("/a", Served(hang=True))
    with pytest.raises(SourceUnavailable, match="did not answer in time"):
        hasty.get(f"{server.url}/a")


def test_an_answer_that_drips_for_too_long_is_given_up(server: VendorServer) -> None:
    clock = Clock()

    def passing() -> object:
        clock.moment += timedelta(seconds=50)
        return clock.moment

    client = HttpClient(HttpPolicy("tests", attempts=1, deadline=100), now=passing, sleep=clock.sleep)  # type: ignore[arg-type]
    server.serve("/a", Served(body=b"x" * 10_000, endless=True))
    with pytest.raises(SourceUnavailable, match="more than 100 s"):
        client.get(f"{server.url}/a")
    client.close()


def test_nobody_there(client: HttpClient) -> None:
    with VendorServer() as gone:
        url = gone.url
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        client.get(f"{url}/a")


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org/a", "file:///etc/passwd", "http://", "http://[::1", "http://a:b/"]
)
def test_what_is_no_web_address(client: HttpClient, url: str) -> None:
    with pytest.raises(SourceUnavailable, match="is not a valid URL"):
        client.get(url)


def test_a_redirect_within_the_server_is_followed(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", Served(302, headers={"location": "/b?x=1"}))
    server.serve("/b", {"here": 1})
    assert client.get(f"{server.url}/a").json() == {"here": 1}
    assert server.requests[1].query == {"x": "1"}


def test_a_circle_of_redirects_ends(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", Served(302, headers={"location": "/a"}))
    with pytest.raises(SourceUnavailable, match="more than 5 times"):
        client.get(f"{server.url}/a")


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]/",
        "http://[::ffff:10.1.2.3]/",
        "http://2130706433/",
        "https://example.org/",
        "file:///etc/passwd",
        "//192.168.1.1/a",
    ],
)
def test_a_redirect_out_of_the_public_internet_is_refused(
    server: VendorServer, client: HttpClient, target: str
) -> None:
    server.serve("/a", Served(301, headers={"location": target}))
    with pytest.raises(SourceUnavailable):
        client.get(f"{server.url}/a")
    assert len(server.requests) == 1


def test_a_name_that_turns_private_between_check_and_connection_is_found_out(
    server: VendorServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is checked, this machine when it is connected to."""
    port = int(server.url.rpartition(":")[2])
    answers = iter(["8.8.8.8", "127.0.0.1"])
    real = socket.getaddrinfo

    def turning(host: str, *rest: object, **named: object) -> object:
        return real(next(answers) if host == "rebinding.test" else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", turning)
    server.serve("/a", Served(302, headers={"location": f"http://rebinding.test:{port}/secret"}))
    server.serve("/secret", {"inside": 1})
    with pytest.raises(SourceUnavailable, match=r"redirects to 127\.0\.0\.1, which is not a public address"):
        client.get(f"{server.url}/a")


def test_a_key_is_not_carried_to_another_host() -> None:
    with pytest.raises(SourceUnavailable, match="must not receive the key"):
        check_redirect("https://api.example.org/a", "https://example.com/a", carries_secret=True)
    check_redirect("https://api.example.org/a", "https://API.example.org:443/b", carries_secret=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@given(
    st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7") | st.ip_addresses(network="fe80::/10")
)
def test_private_addresses_are_never_public(address: object) -> None:
    assert not is_public(str(address))


def test_a_key_is_sent_and_shown_nowhere(
    server: VendorServer, client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = KEY.get_secret_value()
    echo = Served(401, f"the key {secret} (k3y-of-the-desk%2F%2B) is wrong".encode())
    server.serve("/a", echo)
    with pytest.raises(HttpStatusError) as caught:
        client.get(f"{server.url}/a?x=1", secret_params={"apikey": KEY}, secret_headers={"X-Token": KEY})
    assert server.requests[0].query == {"x": "1", "apikey": secret}
    assert server.requests[0].headers["x-token"] == secret
    told = "".join(traceback.format_exception(caught.value)) + caught.value.said + caplog.text
    assert "k3y" not in told.replace("test_client.py", "")
    assert caught.value.said == "the key *** (***) is wrong"


@pytest.mark.parametrize("fault", [Served(hang=True), Served(302, headers={"location": "http://10.0.0.1/"})])
def test_a_key_is_in_no_failure(server: VendorServer, hasty: HttpClient, fault: Served) -> None:
    server.fail(fault)
    with pytest.raises(SourceUnavailable) as caught:
        hasty.get(f"{server.url}/a", secret_params={"apikey": KEY})
    assert KEY.get_secret_value() not in "".join(traceback.format_exception(caught.value))
    assert "apikey" not in str(caught.value)


def test_an_answer_keeps_no_key(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", lambda request: {"you sent": request.query["apikey"]})
    reply = client.get(f"{server.url}/a", secret_params={"apikey": KEY})
    assert (reply.json(), reply.url) == ({"you sent": "***"}, f"{server.url}/a")


def test_a_word_before_a_key_is_no_secret(server: VendorServer, client: HttpClient) -> None:
    server.serve("/a", {"title": "Bearer bonds return", "key": KEY.get_secret_value()})
    reply = client.get(
        f"{server.url}/a", secret_headers={"Authorization": SecretStr(f"Bearer {KEY.get_secret_value()}")}
    )
    assert reply.json() == {"title": "Bearer bonds return", "key": "***"}


def test_requests_to_one_host_keep_their_distance_across_threads(server: VendorServer, clock: Clock) -> None:
    server.serve("/a", {})
    waits: list[float] = []
    client = HttpClient(HttpPolicy("tests", per_second=4), now=lambda: BEGINNING, sleep=waits.append)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.get(f"{server.url}/a"), range(8)))
    client.close()
    assert sorted(waits) == pytest.approx([0.25 * turn for turn in range(1, 8)])


def test_refused_survives_the_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(HttpStatusError("http://a/b", 429, "slow down", 30.0)))
    assert (str(error), error.said, error.retry_after) == (
        "http://a/b returned status 429 (too many requests); retry after 30 s",
        "slow down",
        30.0,
    )


def reply(body: bytes) -> HttpResponse:
    return HttpResponse("http://vendor/a", 200, body, {})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty body instead of JSON"),
        (b" \n", "an empty body instead of JSON"),
        (b"\xef\xbb\xbf <!DOCTYPE html><p>Are you a robot?", "an HTML page"),
        (b"<rss/>", "an HTML page"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"9" * 5000, "not JSON"),
    ],
)
def test_what_is_no_json(body: bytes, said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        reply(body).json()


BOMB = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>'


def test_xml_is_read_and_entities_never_expanded() -> None:
    assert reply(b"<r><a>1 &amp; 2</a></r>").xml().findtext("a") == "1 & 2"
    for document in (BOMB, OUTSIDE):
        with pytest.raises(InvalidData, match="entities"):
            reply(document).xml()
    for page in (b"", b"<html><p>no</html>", b"<r>", b"no xml", b'<?xml version="1.0" encoding="no-such"?><r/>'):
        with pytest.raises(SourceUnavailable):
            reply(page).xml()


@given(st.binary(max_size=5000), st.integers(1, 700), st.sampled_from(["gzip", "deflate", "identity", ""]))
def test_a_body_is_the_same_however_it_is_cut(data: bytes, piece: int, encoding: str) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)(data)
    chunks = [packed[start : start + piece] for start in range(0, len(packed), piece)]
    assert read_body(chunks, encoding, 5000) == data
    if encoding in {"gzip", "deflate"}:
        with pytest.raises(UnreadableBody):
            read_body([packed[:-1]], encoding, 5000)
    if data:
        with pytest.raises(UnreadableBody, match="longer"):
            read_body(chunks, encoding, len(data) - 1)


def test_a_bomb_does_not_fill_the_memory() -> None:
    packed = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableBody, match="longer"):
            read_body([packed], "gzip", 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_dates_of_headers() -> None:
    assert http_date("Mon, 03 Mar 2025 07:00:00 -0500") == BEGINNING
    assert http_date("Mon, 03 Mar 2025 12:00:00") == BEGINNING
    for text in ("", "tomorrow", "Mon, 99 Mar 2025 07:00:00 GMT"):
        assert http_date(text) is None


def test_addresses_are_shown_bare() -> None:
    assert redact_url("https://user:pw@example.org/a?key=1#b") == "https://example.org/a"
