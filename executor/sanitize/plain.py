"""A child process that writes an untrusted text or 3D model anew: `plain.py IN OUT --family text|glb|gltf|obj|ply|stl`.

Nothing is decoded but what says how long things are: a text must be text through and through, a model must be as long as it
says and refer to nothing outside itself. Comments, authors, prompts and what follows the end are left behind. It imports
nothing of the house and limits its own memory and processor time first. The answer is one JSON line on stdout:
`{"media_type", "facts": {}}` or `{"error": "unreadable_media" | "media_too_complex" | "no_room"}`.
"""

from __future__ import annotations

import argparse
import codecs
import errno
import json
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

_BLOCK = 1 << 20
_JSON_MAX = 64 << 20  # bytes of a model's description
_LINE_MAX = 1 << 20
_TRIANGLE = 50
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13}
_DATA = "data:"


class Refused(Exception):
    """The code of the answer."""


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 with a description, 1 with an error code; killed by a signal when a limit bites."""
    args = _parser().parse_args(arguments)
    _limit(args.memory, args.seconds)
    try:
        answer = clean(args.source, args.target, args.family)
    except Refused as error:
        answer = {"error": "no_room" if _full(error.__context__) else str(error)}
    except OSError as error:
        if not _full(error):
            raise
        answer = {"error": "no_room"}
    except (MemoryError, RecursionError):
        answer = {"error": "media_too_complex"}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if "error" in answer else 0


def _full(error: BaseException | None) -> bool:
    """Whether it is only that the disk has no room."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def clean(source: Path, target: Path, family: str) -> dict[str, Any]:
    """Write `source` anew to `target`. Raises Refused."""
    try:
        with source.open("rb") as reader, target.open("wb") as writer:
            return FAMILIES[family](reader, writer)
    except (ValueError, struct.error, KeyError, TypeError, AttributeError):
        raise Refused("unreadable_media") from None


def _text(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    """UTF-8 without control characters; line ends become one newline."""
    decoder, characters = codecs.getincrementaldecoder("utf-8-sig")(), 0
    while block := reader.read(_BLOCK):
        characters += _write_text(writer, decoder.decode(block))
    characters += _write_text(writer, decoder.decode(b"", final=True))
    if not characters:
        raise Refused("unreadable_media")
    return {"media_type": "text/plain", "facts": {"characters": characters}}


def _write_text(writer: BinaryIO, text: str) -> int:
    if any(ord(char) in _CONTROL for char in text):
        raise Refused("unreadable_media")
    writer.write(text.encode())
    return len(text)


def _glb(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    magic, version, total = struct.unpack("<4sII", reader.read(12))
    if magic != b"glTF" or version != 2:
        raise Refused("unreadable_media")
    length, kind = struct.unpack("<I4s", reader.read(8))
    if kind != b"JSON" or length > min(_JSON_MAX, total - 20):
        raise Refused("unreadable_media")
    document, facts = _described(_exactly(reader, length))
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    rest = total - 20 - length
    writer.write(struct.pack("<4sIII4s", magic, version, 20 + len(text) + rest, len(text), b"JSON") + text)
    _pass_on(reader, writer, rest)
    return {"media_type": "model/gltf-binary", "facts": facts}


def _gltf(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    document, facts = _described(reader.read(_JSON_MAX))
    writer.write(json.dumps(document, separators=(",", ":")).encode())
    return {"media_type": "model/gltf+json", "facts": facts}


def _described(text: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The description without what speaks of its maker; refuses one that names other files."""
    document = _without_extras(json.loads(text))
    version = document["asset"]["version"]
    for part in (*document.get("buffers", ()), *document.get("images", ())):
        if not str(part.get("uri", _DATA)).startswith(_DATA):
            raise Refused("unreadable_media")
    document["asset"] = {"version": version}
    accessors, meshes = document.get("accessors", []), document.get("meshes", [])
    points = {part["attributes"]["POSITION"] for mesh in meshes for part in mesh["primitives"]}
    vertices = sum(int(accessors[point]["count"]) for point in points)
    return document, {"meshes": len(meshes), "vertices": vertices, "animations": len(document.get("animations", []))}


def _without_extras(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_extras(v) for k, v in value.items() if k not in ("extras", "KHR_xmp_json_ld")}
    return [_without_extras(item) for item in value] if isinstance(value, list) else value


def _obj(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    """Without comments and without the materials, which are other files."""
    vertices = faces = 0
    for line in _lines(reader):
        word = line.split(None, 1)[0] if line.strip() else b""
        if word.startswith(b"#") or word in (b"mtllib", b"usemtl"):
            continue
        vertices += word == b"v"
        faces += word == b"f"
        writer.write(line.rstrip(b"\r\n") + b"\n")
    if not vertices:
        raise Refused("unreadable_media")
    return {"media_type": "model/obj", "facts": {"vertices": vertices, "faces": faces}}


def _ply(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    facts = {}
    for number, line in enumerate(_lines(reader)):
        words = line.split()
        if number > 10_000 or not words or (number == 0 and words != [b"ply"]):
            raise Refused("unreadable_media")
        if words[0] == b"element" and words[1] in (b"vertex", b"face"):
            facts["vertices" if words[1] == b"vertex" else "faces"] = int(words[2])
        if words[0] not in (b"comment", b"obj_info"):
            writer.write(line)
        if words[0] == b"end_header":
            break
    else:
        raise Refused("unreadable_media")
    while block := reader.read(_BLOCK):
        writer.write(block)
    return {"media_type": "model/ply", "facts": facts}


def _stl(reader: BinaryIO, writer: BinaryIO) -> dict[str, Any]:
    """Binary: eighty bytes that say nothing, a count, triangles."""
    _exactly(reader, 80)
    (count,) = struct.unpack("<I", reader.read(4))
    writer.write(bytes(80) + struct.pack("<I", count))
    _pass_on(reader, writer, count * _TRIANGLE)
    return {"media_type": "model/stl", "facts": {"faces": count}}


def _lines(reader: BinaryIO) -> Iterator[bytes]:
    while line := reader.readline(_LINE_MAX):
        if len(line) == _LINE_MAX:
            raise Refused("unreadable_media")
        yield line


def _exactly(reader: BinaryIO, length: int) -> bytes:
    data = reader.read(length)
    if len(data) < length:
        raise Refused("unreadable_media")
    return data


def _pass_on(reader: BinaryIO, writer: BinaryIO, length: int) -> None:
    """Exactly so many bytes: what follows is not part of the file."""
    while length > 0:
        block = _exactly(reader, min(length, _BLOCK))
        writer.write(block)
        length -= len(block)


FAMILIES = {"text": _text, "glb": _glb, "gltf": _gltf, "obj": _obj, "ply": _ply, "stl": _stl}


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="plain")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--family", choices=sorted(FAMILIES), required=True)
    parser.add_argument("--memory", type=int, default=2 * 1024**3, help="bytes of address space")
    parser.add_argument("--seconds", type=int, default=30, help="seconds of processor time")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
