"""Preview frames: from ComfyUI's binary messages to a small data URL."""

from __future__ import annotations

import base64
import io
import json
import struct
from dataclasses import dataclass, field

LONGEST = 256
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Preview:
    """An encoded picture, and whose: None in the old format, which names no job."""

    prompt_id: str | None
    picture: bytes = field(repr=False)


def parse_frame(frame: bytes) -> Preview | None:
    """Format 4 (with metadata) or 1 (without); None for anything else."""
    try:
        kind, second = struct.unpack(">II", frame[:8])
        if kind == 1:
            return Preview(None, frame[8:])
        if kind == 4:
            head = json.loads(frame[8 : 8 + second])
            return Preview(str(head["prompt_id"]), frame[8 + second :])
    except (struct.error, ValueError, KeyError, TypeError):
        return None
    return None


def shrink(picture: bytes) -> str | None:
    """A JPEG data URL of at most 256 px a side; None when the picture cannot be read. Slow: call it in a thread."""
    from PIL import Image

    if len(picture) > _LARGEST:
        return None
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > 32_000_000:
                return None
            small = image.convert("RGB")
        small.thumbnail((LONGEST, LONGEST))
    except (OSError, SyntaxError, ValueError):
        return None
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
