"""Decompression within a limit: the content is that of the standard library, and a bomb never fills the memory."""

import gzip
import tracemalloc
import zlib
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.storage.expansion import (
    BoundedDecoder,
    CorruptCompression,
    ExpandedTooLarge,
    ExpansionLimit,
    inflate,
    read_gzip,
    size_text,
)

SMALL = ExpansionLimit(floor=1000, ratio=10, ceiling=100_000)


@contextmanager
def memory_below(size):
    """Fail if the block allocates more than `size` bytes at a time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def bomb():
    """Return a gzip file of 2 MB that expands to 2 GB: members of zeros, one after the other."""
    return gzip.compress(bytes(32 << 20), 9) * 64


@pytest.mark.parametrize(("packed", "largest"), [(1, 1000), (100, 1000), (500, 5000), (50_000, 100_000)])
def test_the_limit_is_a_ratio_between_two_sizes(packed, largest):
    assert SMALL.of(packed) == largest


def test_the_usual_limit_admits_a_large_folder_of_prices():
    assert ExpansionLimit().of(200 << 20) > 2 << 30
    assert ExpansionLimit().of(8 << 20) < 1 << 30


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_a_file_of_several_members_is_read_whole(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("gz") / "a.gz"
    path.write_bytes(b"".join(gzip.compress(part) for part in parts))
    assert read_gzip(path, ExpansionLimit(2000, 1, 2000)) == b"".join(parts)


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_a_file_is_refused_beyond_its_limit_to_the_byte(tmp_path, size):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(size)))
    limit = ExpansionLimit(floor=1000, ratio=1, ceiling=1000)
    if size <= 1000:
        assert read_gzip(path, limit) == bytes(size)
    else:
        with pytest.raises(ExpandedTooLarge, match="expands to more than 1000 bytes"):
            read_gzip(path, limit)


def test_a_bomb_does_not_fill_the_memory(tmp_path, bomb):
    path = tmp_path / "a.gz"
    path.write_bytes(bomb)
    with memory_below(40 << 20), pytest.raises(ExpandedTooLarge, match="more than 8 MiB"):
        read_gzip(path, ExpansionLimit(floor=8 << 20, ratio=1, ceiling=1 << 40))
    packed = zlib.compress(bytes(64 << 20))
    with memory_below(4 << 20), pytest.raises(ExpandedTooLarge):
        for _ in inflate(packed, ExpansionLimit(1 << 20, 2, 1 << 30)):
            pass


@pytest.mark.parametrize("damage", [lambda p: p[:-1], lambda p: p[: len(p) // 2], lambda _: b"no", lambda p: p + b"x"])
def test_damaged_files_are_named_as_such(tmp_path, damage):
    path = tmp_path / "a.gz"
    path.write_bytes(damage(gzip.compress(b"text" * 100)))
    with pytest.raises(CorruptCompression):
        read_gzip(path)


@pytest.mark.parametrize("damage", [lambda p: p[:-1], lambda _: b"no"])
def test_damaged_zlib_data_is_named_as_such(damage):
    with pytest.raises(CorruptCompression):
        list(inflate(damage(zlib.compress(b"text" * 100))))


@given(st.binary(max_size=3000), st.integers(1, 200))
def test_chunks_of_any_size_give_the_same_content(data, piece):
    packed = zlib.compress(data)
    decoder = BoundedDecoder("deflate", 4000)
    found = b"".join(b"".join(decoder.feed(packed[at : at + piece])) for at in range(0, len(packed), piece))
    decoder.finish()
    assert found == data


def test_bytes_after_the_end_are_ignored_but_counted():
    decoder = BoundedDecoder("gzip", 1000)
    assert b"".join(decoder.feed(gzip.compress(b"text") + b"rest")) == b"text"
    decoder.finish()
    with pytest.raises(ExpandedTooLarge):
        list(decoder.feed(bytes(1000)))


def test_sizes_have_binary_units():
    assert [size_text(n) for n in (5, 2048, 256 << 20, 16 << 30)] == ["5 bytes", "2 KiB", "256 MiB", "16 GiB"]
