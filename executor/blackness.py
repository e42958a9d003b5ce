"""Pictures in which nothing is to be seen, and when that is a fault: a model that computed NaN saves black pixels. Pure.

ComfyUI turns NaN into zeros and says no word about it. A picture may also be black because somebody wants it so; when in
doubt it is kept.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3}  # grey, colour; what has alpha or a palette comes from no decoder of latents
_PIECE = 1 << 16
_DECODERS = ("VAEDecode", "VAEDecodeTiled")
_DARK = re.compile(
    r"black|dark|\b(mid)?night|shad(e|ow)|silhouette|noir|void|eclipse|unlit|blank\b|empty|lights? (off|out)|#0{3,6}\b"
    r"|schwarz|dunk(el|l)|finster|nacht|schatten|nuit|sombre|obscur|ombre|negr[oa]|oscur|noche|sombra|ner[oa]\b|buio|notte|ombra"
    r"|pret[oa]\b|escur|noite|zwart|donker|черн|чёрн|темн|тёмн|ноч|тень|тени|[黑夜暗影]",
    re.IGNORECASE,
)
Graph = Mapping[str, Mapping[str, Any]]


def is_black(file: BinaryIO) -> bool:
    """Whether all pixels of a PNG are zero; False for whatever is not understood. Holds a piece at a time, and leaves at the
    first other pixel.

    A row's filter adds its neighbours to it, which are zeros where all is black: so nothing need be undone to know.
    """
    if file.read(8) != _SIGNATURE:
        return False
    try:
        return _is_zero(_chunks(file))
    except (struct.error, zlib.error):
        return False


def shall_show(graph: Graph, node: str, params: Mapping[str, Any], *, entered: bool) -> bool:
    """Whether what this node saves cannot well be black: painted from noise, decoded, and saved as it is, and nobody asked
    for darkness. `entered`: a picture went into the step, so that it may have been black already."""
    decoder = _source(graph, node, "images")
    if entered or decoder is None or graph[decoder]["class_type"] not in _DECODERS:
        return False
    sampler = _source(graph, decoder, "samples")
    if sampler is None or "Sampler" not in graph[sampler]["class_type"]:
        return False
    wanted = {name: value for name, value in params.items() if not name.startswith("negative")}
    return not any(_DARK.search(text) for text in (*_texts(wanted), *_above(graph, sampler)))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content, that of pixels in pieces. Raises struct.error where the file ends early."""
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        while length > 0:
            piece = file.read(min(length, _PIECE))
            if not piece:
                return
            yield kind, piece
            length -= len(piece)
        file.read(4)
        if kind == b"IEND":
            return


def _is_zero(chunks: Iterator[tuple[bytes, bytes]]) -> bool:
    kind, header = next(chunks, (b"", b""))
    if kind != b"IHDR":
        return False
    width, height, depth, colour, _, _, interlaced = _header(header)
    if colour not in _CHANNELS or depth < 8 or interlaced:
        return False
    row = 1 + width * _CHANNELS[colour] * depth // 8
    at, most = 0, row * height
    for pixels in _inflated(piece for kind, piece in chunks if kind == b"IDAT"):
        if not _only_filters(pixels, row, at) or at + len(pixels) > most:
            return False
        at += len(pixels)
    return at == most


def _header(content: bytes) -> tuple[int, int, int, int, int, int, int]:
    """Width, height, bits a channel, kind of colour, and how it is packed, filtered and interlaced."""
    return struct.unpack(">IIBBBBB", content)


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    for piece in pieces:
        left = piece
        while left or stream.unconsumed_tail:
            if out := stream.decompress(left, _PIECE):
                yield out
            left = stream.unconsumed_tail
            if not out:
                break


def _only_filters(pixels: bytes, row: int, at: int) -> bool:
    """Whether all is zero but the first byte of each row. `at`: where in the picture these bytes begin."""
    filters = pixels[-at % row :: row]
    return len(pixels.translate(None, b"\0")) == len(filters.translate(None, b"\0"))


def _source(graph: Graph, node: str, name: str) -> str | None:
    """The node that an input comes from."""
    match graph.get(node, {}).get("inputs", {}).get(name):
        case [str(source), int()] if source in graph:
            return source
    return None


def _above(graph: Graph, node: str) -> Iterator[str]:
    """The texts that go into a node, but for what it shall not show and for the names of files."""
    seen, left = set(), [node]
    while left:
        each = left.pop()
        if each in seen:
            continue
        seen.add(each)
        for name, value in graph[each].get("inputs", {}).items():
            if name.startswith("negative") or "_name" in name:
                continue
            if isinstance(value, str):
                yield value
            elif (source := _source(graph, each, name)) is not None:
                left.append(source)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)
