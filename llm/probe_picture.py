"""The picture that probes whether a model accepts images: a white square, written without an imaging library."""

import struct
import zlib

from ..domain.picture import Picture

SIDE = 64
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREYSCALE_8_BIT = bytes([8, 0, 0, 0, 0])
WHITE = 0xFF


def probe_picture() -> Picture:
    """Return a white square of 64 x 64 pixels as a PNG file (W3C, Portable Network Graphics)."""
    header = struct.pack(">II", SIDE, SIDE) + GREYSCALE_8_BIT
    rows = (bytes([0]) + bytes([WHITE]) * SIDE) * SIDE
    png = SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return Picture("probe", "", "A white square.", png, SIDE, SIDE)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
