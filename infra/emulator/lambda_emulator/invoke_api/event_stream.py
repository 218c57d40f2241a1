"""Messages of ``application/vnd.amazon.eventstream``, for the one call that streams.

Mirrors "Amazon Event Stream Specification" (Smithy): total length, header length, checksum of these two, headers,
payload, checksum of all; numbers big-endian, checksums CRC-32.
"""

from __future__ import annotations

import struct
import zlib

_STRING = 7  # the only header type used here


def encode_message(event_type: str, payload: bytes, content_type: str = "application/octet-stream") -> bytes:
    """One event with its payload."""
    headers = b"".join(
        (
            _header(":event-type", event_type),
            _header(":content-type", content_type),
            _header(":message-type", "event"),
        )
    )
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    encoded = value.encode()
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", _STRING, len(encoded)) + encoded
