"""What can be said of a picture without anybody's taste, and pictures to try things on. Deterministic."""

from __future__ import annotations

import base64
import io
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from evals.model import PictureFacts

Pixels = NDArray[np.uint8]
UNSEEN = 2
"""Differences up to so many of 255 levels are rounding, not change."""
BLANK = 2.0
"""Standard deviation in levels below which there is nothing to see."""
THUMBNAIL = 112


def facts(step: str, path: Path, parent: Path | None) -> PictureFacts:
    """The facts of the picture in this file, compared with the one it was made from."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    pixels = np.asarray(image)
    before = None if parent is None else _pixels(parent)
    comparable = before is not None and before.shape == pixels.shape
    return PictureFacts(
        step=step, size=image.size, alpha=bool((pixels[..., 3] < 255).any()), blank=_is_blank(pixels), gray=_is_gray(pixels),
        comparable=comparable, changed_box=_changed(before, pixels) if before is not None and comparable else None,
        thumbnail=thumbnail(image),
    )  # fmt: skip


def sample(name: str, width: int, height: int) -> bytes:
    """A picture to try things on, as PNG: coloured waves, a sun and a frame; the same name gives the same picture."""
    turn = zlib.crc32(name.encode()) / 2**32 * math.tau
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width, y / height
    waves = [0.5 + 0.35 * np.sin(math.tau * (u * (2 + c) + v * (3 - c)) + turn + 2.1 * c) for c in range(3)]
    pixels = np.stack([30 + 190 * wave * (0.6 + 0.4 * v) for wave in waves], axis=-1)
    sun = (u - 0.3) ** 2 + (v - 0.35) ** 2 < 0.02
    pixels[sun] = (250, 190, 40)
    edge = max(2, min(width, height) // 40)
    pixels[:edge], pixels[-edge:] = 20, 20
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def thumbnail(image: Image.Image) -> str:
    """A small JPEG as a data URL; what is transparent shows as grey."""
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    ground = Image.new("RGB", small.size, (128, 128, 128))
    ground.paste(small, mask=small.getchannel("A"))
    file = io.BytesIO()
    ground.save(file, "JPEG", quality=72)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as opened:
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGBA"))


def _is_blank(pixels: Pixels) -> bool:
    seen = pixels[..., 3] > 0
    return not seen.any() or float(pixels[..., :3][seen].std(axis=0).max()) < BLANK


def _is_gray(pixels: Pixels) -> bool:
    colours = pixels[..., :3].astype(np.int16)
    return int((colours.max(axis=-1) - colours.min(axis=-1)).max()) <= UNSEEN


def _changed(before: Pixels, after: Pixels) -> tuple[int, int, int, int] | None:
    """The box around everything that differs: x, y, width, height."""
    rows, columns, _ = np.nonzero(np.abs(before.astype(np.int16) - after.astype(np.int16)) > UNSEEN)
    if not rows.size:
        return None
    left, top = int(columns.min()), int(rows.min())
    return left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1
