"""What is done to a whole picture last: borders, round corners, a vignette, grain, fewer colours, even tones. Pure.

Images are float32 (batch, height, width, channels) in 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray

from .grading import luma
from .resize import center_crop, resize
from .values import Image

_CUT = 0.5  # percent of the pixels at each end that `even` lets go
_SMOOTH = 4  # a mask is drawn so many times larger, so that its edge is soft


def parse_color(text: str) -> Image:
    """`#ff8800` -> (1.0, 0.53, 0.0). Raises ValueError for anything else."""
    digits = text.removeprefix("#")
    if len(digits) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError(f"{text[:20]!r} is no colour such as #ff8800")
    return np.array([int(digits[at : at + 2], 16) for at in (0, 2, 4)], np.float32) / np.float32(255)


def pad(image: Image, left: int, top: int, right: int, bottom: int, color: Image) -> Image:
    """A plain margin of so many pixels around the picture."""
    batch, height, width = image.shape[:3]
    whole = np.empty((batch, height + top + bottom, width + left + right, 3), np.float32)
    whole[:] = color
    whole[:, top : top + height, left : left + width] = image[..., :3]
    return whole


def fit_and_pad(image: Image, width: int, height: int, value: float, method: str) -> Image:
    """The whole picture inside width x height, in the middle of a plain background, as ComfyUI's node does it."""
    old_height, old_width = image.shape[1:3]
    scale = min(width / old_width, height / old_height)
    inner = resize(image[..., :3], int(old_width * scale), int(old_height * scale), method)
    whole = np.full((len(image), height, width, 3), np.float32(value), np.float32)
    left, top = (width - inner.shape[2]) // 2, (height - inner.shape[1]) // 2
    whole[:, top : top + inner.shape[1], left : left + inner.shape[2]] = inner
    return whole


def vignette(image: Image, strength: float) -> Image:
    """Darker towards the corners; at 1 the corners are nearly black, the middle is never touched."""
    height, width = image.shape[1:3]
    down, across = np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    distance = np.hypot(down[:, None], across[None, :]) / np.float32(np.sqrt(2))
    fall = np.clip((distance - 0.35) / 0.65, 0, 1) ** 2
    return np.asarray(image[..., :3] * (1 - np.float32(0.95 * strength) * fall)[None, ..., None], np.float32)


def grain(image: Image, strength: float, seed: int) -> Image:
    """The noise of photographic film: without colour, strongest in the midtones, the same for the same seed."""
    batch, height, width = image.shape[:3]
    noise = np.random.default_rng(seed).standard_normal((batch, height, width, 1), np.float32)
    light = luma(image[..., :3])
    return np.asarray(np.clip(image[..., :3] + noise * (0.16 * strength) * (0.35 + 2.6 * light * (1 - light)), 0, 1), np.float32)


def even(image: Image, strength: float) -> Image:
    """Tones stretched until the darkest are black and the brightest white; half of it per channel, against a cast."""
    stretched = [_stretched(frame, strength) for frame in image[..., :3]]
    return np.asarray(np.clip(np.stack(stretched), 0, 1), np.float32)


def reduced(image: Image, colors: int, dither: bool) -> Image:
    """No more than so many colours, the picture's own, as ComfyUI's node does it without its ordered dithering."""
    return np.stack([_quantized(frame, colors, dither) for frame in image])


def rounded(image: Image, radius: int) -> Image:
    """A fourth channel that is transparent beyond round corners of so many pixels."""
    height, width = image.shape[1:3]
    return _with_alpha(image, _drawn(width, height, min(radius, width // 2, height // 2)))


def circle(image: Image) -> Image:
    """The middle square with a fourth channel that is transparent outside the circle in it."""
    side = min(image.shape[1:3])
    square = center_crop(image, side, side)[:, :side, :side]
    return _with_alpha(square, _drawn(side, side, side / 2))


def grid(images: Sequence[Image], columns: int, width: int, height: int, gap: int, color: Image) -> Image:
    """The first picture of each batch in cells of width x height, cut to fill them, row by row."""
    rows = -(-len(images) // columns)
    whole = np.empty((1, rows * (height + gap) + gap, columns * (width + gap) + gap, 3), np.float32)
    whole[:] = color
    for place, image in enumerate(images):
        top, left = (gap + place // columns * (height + gap)), (gap + place % columns * (width + gap))
        whole[:, top : top + height, left : left + width] = resize(image[:1, ..., :3], width, height, "lanczos", "center")
    return whole


def _stretched(frame: Image, strength: float) -> Image:
    low, high = np.percentile(luma(frame), (_CUT, 100 - _CUT))
    own_low, own_high = np.percentile(frame, (_CUT, 100 - _CUT), axis=(0, 1))
    dark, bright = (low + own_low) / 2, (high + own_high) / 2
    span = np.maximum(bright - dark, 0.05)
    return np.asarray(frame + ((frame - dark) / span - frame) * strength, np.float32)


def _quantized(frame: Image, colors: int, dither: bool) -> Image:
    picture = PIL.Image.fromarray((frame[..., :3] * 255).astype(np.uint8))
    palette = picture.quantize(colors=colors)
    how = PIL.Image.Dither.FLOYDSTEINBERG if dither else PIL.Image.Dither.NONE
    done = picture.quantize(colors=colors, palette=palette, dither=how)
    return np.asarray(done.convert("RGB"), np.float32) / np.float32(255)


def _drawn(width: int, height: int, radius: float) -> NDArray[np.float32]:
    large = PIL.Image.new("L", (width * _SMOOTH, height * _SMOOTH))
    corner = (width * _SMOOTH - 1, height * _SMOOTH - 1)
    PIL.ImageDraw.Draw(large).rounded_rectangle(((0, 0), corner), radius * _SMOOTH, fill=255)
    return np.asarray(large.resize((width, height), PIL.Image.Resampling.BOX), np.float32) / np.float32(255)


def _with_alpha(image: Image, mask: NDArray[np.float32]) -> Image:
    alpha = np.broadcast_to(mask[None, ..., None], (*image.shape[:3], 1))
    return np.asarray(np.concatenate([image[..., :3], alpha], axis=-1), np.float32)
