"""What a renderer is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VERSION = "1.0.0"
#: The ComfyUI whose protocol is spoken here; clients compare it.
PROTOCOL_VERSION = "0.3.64"


@dataclass(frozen=True)
class Config:
    """Sizes are bytes, delays are seconds; the model names are the files this renderer pretends to own."""

    data: Path
    checkpoints: tuple[str, ...] = ("sketch.safetensors",)
    loras: tuple[str, ...] = ()
    upscalers: tuple[str, ...] = ()
    step_delay: float = 0.0
    preview: bool = True
    max_upload_bytes: int = 100 * 1024 * 1024
