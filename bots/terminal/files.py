"""Saving what was made, without ever writing over what is there."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

ENDINGS = {  # where the standard library's guess differs by machine, or is none
    "image/jpeg": ".jpg", "image/webp": ".webp", "video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov",
    "video/x-matroska": ".mkv", "audio/wav": ".wav", "audio/flac": ".flac", "audio/mpeg": ".mp3", "audio/ogg": ".ogg",
    "audio/mp4": ".m4a", "audio/webm": ".weba", "text/plain": ".txt", "model/gltf-binary": ".glb", "model/gltf+json": ".gltf",
    "model/obj": ".obj", "model/ply": ".ply", "model/stl": ".stl",
}  # fmt: skip


def new_file(folder: Path, event: dict[str, Any]) -> Path:
    """Claim `A1.png`, or `A1-2.png` where that exists, for a `run.output` event: an empty file of our own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names(event):
        try:
            (folder / name).open("xb").close()
        except FileExistsError:
            continue
        return folder / name
    raise AssertionError("count() does not end")


def names(event: dict[str, Any]) -> Iterator[str]:
    """The names to try, in turn. Nothing that the server says can lead out of the folder."""
    asset = event["asset"]
    handle = str(event.get("handle") or "")
    stem = handle if re.fullmatch(r"[A-Z][0-9]+", handle) else "picture"
    kind = str(asset.get("media_type") or "")
    ending = ENDINGS.get(kind) or mimetypes.guess_extension(kind) or ".bin"
    yield f"{stem}{ending}"
    yield from (f"{stem}-{number}{ending}" for number in count(2))
