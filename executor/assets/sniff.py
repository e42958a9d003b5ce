"""What a file is, by its first bytes and its length: names and declared types are what somebody says. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tools.model import MediaKind

HEAD = 4096
"""How many bytes `sniff` wants to see."""


class Way(StrEnum):
    """Which program takes the file apart."""

    PICTURE = "picture"
    STREAM = "stream"
    PLAIN = "plain"


@dataclass(frozen=True)
class Family:
    """`name` as the program calls it."""

    way: Way
    name: str


_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_STREAMS = ((b"\x1aE\xdf\xa3", "matroska"), (b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3"))
_BOXES = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))
_STILLS = frozenset((b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"))
_OBJ = re.compile(rb"(?:\s*(?:#[^\n]*|(?:mtllib|usemtl|o|g|s)\s[^\n]*)?\n)*\s*v\s+[-\d.]")


def sniff(head: bytes, length: int) -> Family | None:
    """The family of a file that begins so and has `length` bytes; None for what is not known."""
    if (stream := _stream(head)) is not None:
        return Family(Way.STREAM, stream)
    if head.startswith(_PICTURES) or _riff(head, b"WEBP"):
        return Family(Way.PICTURE, "picture")
    if (model := _model(head, length)) is not None:
        return Family(Way.PLAIN, model)
    return Family(Way.PLAIN, "text") if _is_text(head) else None


def is_drawing(head: bytes) -> bool:
    """A picture written as a program (SVG, PostScript, PDF): as a text it would help nobody."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024]
    return start.startswith((b"%!PS", b"%PDF")) or (start.startswith(b"<") and b"<svg" in start)


def promised(head: bytes) -> int:
    """How long a file is, if it is triangles: the one format without a name of its own, known by its length."""
    return 84 + 50 * int.from_bytes(head[80:84], "little")


def kind_of(media_type: str) -> MediaKind:
    """image/png -> image; what is no medium we know counts as text."""
    head = media_type.partition("/")[0]
    if head in ("image", "video", "audio", "text"):
        return MediaKind(head)
    return MediaKind.MODEL3D if head == "model" else MediaKind.TEXT


def fits(kind: MediaKind, media_type: str) -> bool:
    """Whether a file of this type may come out of a port of this kind: a mask is a picture, an animation counts as a video."""
    if kind is MediaKind.MASK:
        return media_type.startswith("image/")
    return kind_of(media_type) is kind or (kind is MediaKind.VIDEO and media_type in ("image/webp", "image/gif"))


def _stream(head: bytes) -> str | None:
    for magic, family in _STREAMS:
        if head.startswith(magic):
            return family
    if _riff(head, b"WAVE"):
        return "wav"
    if _riff(head, b"AVI "):
        return "avi"
    if head[4:8] in _BOXES and head[8:12] not in _STILLS:
        return "mov"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and not head.startswith(b"\xff\xfe"):
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return None


def _riff(head: bytes, form: bytes) -> bool:
    return head[:4] in (b"RIFF", b"RF64") and head[8:12] == form


def _model(head: bytes, length: int) -> str | None:
    if head.startswith(b"glTF"):
        return "glb"
    if head.startswith((b"ply\n", b"ply\r\n")):
        return "ply"
    if length >= 84 and length == promised(head):
        return "stl"
    if head.lstrip()[:1] == b"{" and re.search(rb'"asset"\s*:\s*\{', head) and b'"version"' in head:
        return "gltf"
    return "obj" if _OBJ.match(head) else None


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.end == len(head)  # cut in the middle of a letter
    return True
