"""Compressed replies of an endpoint: their size counts after decompression and while they arrive."""

import gzip
import tracemalloc
import zlib

import httpx2
import pytest
from openoutcry.llm.transports.bounded_reply import LARGEST_ERROR, BoundedBody, limit_replies
from openoutcry.llm.transports.readers import OversizedBody

MOST = 2_000_000


class Wire(httpx2.AsyncByteStream):
    """A body in pieces; `sent` counts the bytes that were asked for."""

    def __init__(self, *pieces):
        self.pieces, self.sent, self.closed = pieces, 0, False

    async def __aiter__(self):
        for piece in self.pieces:
            self.sent += len(piece)
            yield piece

    async def aclose(self):
        self.closed = True


async def read(wire, encoding, status=200):
    headers = {"content-encoding": encoding} if encoding else {}
    response = httpx2.Response(status, headers=headers, stream=wire)
    await limit_replies(MOST)(response)
    assert isinstance(response.stream, BoundedBody)
    return await response.aread()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
)
async def test_a_body_within_the_limit_is_read_whole(encoding, pack):
    body = b"answer " * 1000
    packed = pack(body)
    assert await read(Wire(packed[:9], packed[9:]), encoding) == body


@pytest.mark.parametrize("status", [200, 500])
async def test_a_bomb_never_fills_the_memory(status):
    packed = gzip.compress(bytes(200_000_000))
    tracemalloc.start()
    try:
        if status == 200:
            with pytest.raises(OversizedBody):
                await read(Wire(packed), "gzip", status)
        else:
            assert await read(Wire(packed), "gzip", status) == bytes(LARGEST_ERROR)[: LARGEST_ERROR // 65536 * 65536]
        assert tracemalloc.get_traced_memory()[1] < 3 * MOST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_an_endless_body_is_not_read_to_its_end(status):
    wire = Wire(*[bytes(500_000)] * 100)
    if status == 200:
        with pytest.raises(OversizedBody):
            await read(wire, "", status)
    else:
        assert len(await read(wire, "", status)) == LARGEST_ERROR
    assert wire.sent <= MOST + 500_000
    assert wire.closed


async def test_bytes_after_a_compressed_body_are_counted():
    wire = Wire(gzip.compress(b"{}"), *[bytes(500_000)] * 100)
    with pytest.raises(OversizedBody):
        await read(wire, "gzip")
    assert wire.sent <= MOST + 600_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 10_000])
async def test_an_encoding_that_was_not_asked_for_is_refused(encoding):
    with pytest.raises(httpx2.DecodingError) as refused:
        await read(Wire(b"abc"), encoding)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"torn" * 99)[:-3], b""])
async def test_a_damaged_body_is_named_as_such(body):
    with pytest.raises(httpx2.DecodingError):
        await read(Wire(body), "gzip")


async def test_a_client_asks_only_for_what_it_can_bound(stub, model, question):
    await model().generate(question())
    (request,) = stub.requests
    asked = {name.lower(): value for name, value in request.headers.items()}["accept-encoding"]
    assert set(asked.replace(" ", "").split(",")) == {"gzip", "deflate"}
