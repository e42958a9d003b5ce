"""Small real files of every kind, each with something in it that nobody else should read: the word SECRET."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from functools import cache
from typing import Any

SECRET = b"SECRET"
_TAGS = {"title": "SECRET", "comment": "SECRET prompt", "location": "+48.8583+002.2944/SECRET"}
_SIZE = (64, 48)
_RATE = 48_000


@cache
def clip(container: str = "mp4", video: str | None = "libx264", audio: str | None = "aac", seconds: float = 2.0) -> bytes:
    """A video of 64 by 48 at 12 frames a second, a sound, or both, with tags."""
    import av
    out = io.BytesIO()
    options = {"movflags": "+use_metadata_tags"} if container in ("mp4", "mov", "ipod") else {}
    with av.open(out, "w", format=container, options=options) as writer:
        writer.metadata.update(_TAGS)
        pictures = _video(writer, video) if video else None
        sounds = writer.add_stream(audio, rate=_RATE) if audio else None
        if pictures:
            _draw(av, writer, pictures, round(seconds * 12))
        if sounds:
            _play(av, writer, sounds, seconds)
    return out.getvalue()


def _video(writer: Any, codec: str) -> Any:
    stream = writer.add_stream(codec, rate=12)
    stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
    return stream


def _draw(av: Any, writer: Any, stream: Any, frames: int) -> None:
    import numpy

    for number in range(frames):
        pixels = numpy.full((_SIZE[1], _SIZE[0], 3), number * 10 % 255, numpy.uint8)
        pixels[:, : number % _SIZE[0]] = 200
        writer.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
    writer.mux(stream.encode())


def _play(av: Any, writer: Any, stream: Any, seconds: float) -> None:
    import numpy

    times = numpy.arange(round(_RATE * seconds)) / _RATE
    wave = (numpy.sin(times * 2 * numpy.pi * 440) * 0.5).astype(numpy.float32)
    frame = av.AudioFrame.from_ndarray(wave[None, :], format="fltp", layout="mono")
    frame.rate = _RATE
    context = stream.codec_context
    resampler = av.AudioResampler(
        format=context.format, layout=context.layout, rate=_RATE, frame_size=context.frame_size or 1024
    )
    for block in (*resampler.resample(frame), *resampler.resample(None)):
        writer.mux(stream.encode(block))
    writer.mux(stream.encode())


def glb(**more: Any) -> bytes:
    """One triangle, its maker's words, and bytes behind its end."""
    points = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    document = {
        "asset": {"version": "2.0", "generator": "SECRET", "extras": {"prompt": "SECRET"}},
        "buffers": [{"byteLength": len(points)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(points)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}], "extras": {"note": "SECRET"}}],
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
        "scene": 0,
        **more,
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(points), b"BIN\0") + points
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body + b"PK\x03\x04SECRET"


def stl(triangles: int = 2) -> bytes:
    return b"SECRET exporter".ljust(80, b"\0") + struct.pack("<I", triangles) + bytes(50 * triangles)


OBJ = b"# SECRET\nmtllib secret.mtl\no thing\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
PLY = b"ply\nformat ascii 1.0\ncomment SECRET\nelement vertex 1\nproperty float x\nend_header\n1\n"


def atoms(data: bytes, path: str) -> int:
    """Where the content of an MP4's box begins: `moov/trak/tkhd`."""
    start, end = 0, len(data)
    for name in path.encode().split(b"/"):
        at = start
        while data[at + 4 : at + 8] != name:
            at += int.from_bytes(data[at : at + 4], "big")
            assert at < end, path
        start, end = at + 8, at + int.from_bytes(data[at : at + 4], "big")
    return start


def turned(data: bytes) -> bytes:
    """The same MP4, held upright by its first track's matrix: a phone's video."""
    matrix = atoms(data, "moov/trak/tkhd") + 40
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, _SIZE[1] << 16, 0, 1 << 30)
    return data[:matrix] + quarter + data[matrix + 36 :]


def tool(name: str, node: str, kind: str, inputs: Mapping[str, str] | None = None, loader: str = "") -> Any:
    """A tool of one saver, and of a loader for each input."""
    from tools.model import Implementation, MediaKind, Port, Tool

    graph = {"9": {"class_type": node, "inputs": {"filename_prefix": "$filename_prefix", "text": "$prompt"}}}
    for number, port in enumerate(inputs or ()):
        graph[str(number)] = {"class_type": loader, "inputs": {"file": f"${port}"}}
    return Tool.model_validate(
        {
            "name": name, "title": name, "description": name, "family": "test", "params": {"prompt": {"type": "string"}},
            "inputs": {port: Port(kind=MediaKind(of)) for port, of in (inputs or {}).items()},
            "outputs": {kind: Port(kind=MediaKind(kind))},
            "implementations": (Implementation(name="only", graph=graph, outputs={kind: "9"}),),
        }
    )  # fmt: skip
