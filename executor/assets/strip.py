"""Take the texts out of a rendered file without touching its pixels: ComfyUI writes the whole prompt into them.

PNG, WebP and JPEG are made of chunks; those that carry pixels and colour are copied as they are. What is not understood
is left to the caller as None.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP",
                       b"acTL", b"fcTL", b"fdAT"))  # fmt: skip
_WEBP_DROPPED = frozenset((b"EXIF", b"XMP ", b"ICCP"))
_WEBP_FLAGS = 0x20 | 0x08 | 0x04  # profile, EXIF and XMP
_BLOCK = 1 << 20


class Broken(ValueError):
    """The file ends early or contradicts itself."""


@dataclass(frozen=True)
class Facts:
    """What a file says of itself: pixels, seconds, and under `more` codec, frames a second, characters ..."""

    media_type: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    more: dict[str, Any] = field(default_factory=dict)


def strip(source: BinaryIO, target: BinaryIO) -> Facts | None:
    """Copy a picture without its texts. None, with nothing written, for a format that is not known. Raises Broken."""
    head = source.read(12)
    source.seek(0)
    try:
        if head.startswith(_PNG):
            return _png(source, target)
        if head[:4] == b"RIFF" and head[8:] == b"WEBP":
            return _webp(source, target)
        if head.startswith(b"\xff\xd8"):
            return _jpeg(source, target)
    except (struct.error, IndexError):
        raise Broken("the file ends early") from None
    return None


def _png(source: BinaryIO, target: BinaryIO) -> Facts:
    target.write(source.read(8))
    facts = None
    while True:
        length, kind = struct.unpack(">I4s", source.read(8))
        if kind == b"IHDR":
            header = source.read(length + 4)
            facts = Facts("image/png", *struct.unpack(">II", header[:8]))
            target.write(struct.pack(">I4s", length, kind) + header)
        elif kind in _PNG_KEPT:
            target.write(struct.pack(">I4s", length, kind))
            _copy(source, target, length + 4)
        else:
            source.seek(length + 4, 1)
        if kind == b"IEND":
            break
    if facts is None:
        raise Broken("a PNG without header")
    return facts


def _webp(source: BinaryIO, target: BinaryIO) -> Facts:
    total = struct.unpack("<I", source.read(12)[4:8])[0]
    target.write(b"RIFF\0\0\0\0WEBP")
    left, size = total - 4, None
    while left >= 8:
        kind, length = struct.unpack("<4sI", source.read(8))
        padded = length + length % 2
        left -= 8 + padded
        if kind in _WEBP_DROPPED:
            source.seek(padded, 1)
            continue
        target.write(struct.pack("<4sI", kind, length))
        first = source.read(min(padded, 10))
        size = size or _webp_size(kind, first)
        target.write(bytes([first[0] & ~_WEBP_FLAGS]) + first[1:] if kind == b"VP8X" else first)
        _copy(source, target, padded - len(first))
    end = target.tell()
    target.seek(4)
    target.write(struct.pack("<I", end - 8))
    target.seek(end)
    if size is None:
        raise Broken("a WebP without picture")
    return Facts("image/webp", *size)


def _webp_size(kind: bytes, first: bytes) -> tuple[int, int] | None:
    if kind == b"VP8X":
        return 1 + int.from_bytes(first[4:7], "little"), 1 + int.from_bytes(first[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(first[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", first[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(source: BinaryIO, target: BinaryIO) -> Facts:
    target.write(source.read(2))
    size = None
    while True:
        mark, kind = struct.unpack("BB", source.read(2))
        if mark != 0xFF:
            raise Broken("a JPEG out of step")
        length = struct.unpack(">H", source.read(2))[0]
        body = source.read(length - 2)
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[1:5])
            size = (width, height)
        if not (0xE1 <= kind <= 0xED or kind in (0xEF, 0xFE)):
            target.write(struct.pack(">BBH", mark, kind, length) + body)
        if kind == 0xDA:
            break
    if size is None:
        raise Broken("a JPEG without frame")
    while block := source.read(_BLOCK):
        target.write(block)
    return Facts("image/jpeg", *size)


def _copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length > 0:
        block = source.read(min(length, _BLOCK))
        if not block:
            raise Broken("the file ends early")
        target.write(block)
        length -= len(block)
