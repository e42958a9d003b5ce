"""Random fields and lines that look the same at every resolution."""

from __future__ import annotations

import hashlib

import numpy as np
import PIL.Image

from .canvas import Array, Canvas, scale

Rng = np.random.Generator


class Chance:
    """Named sources of randomness from one seed, so that a new layer does not change the others."""

    def __init__(self, *seeds: object) -> None:
        self._seed = repr(seeds)

    def of(self, name: str) -> Rng:
        digest = hashlib.sha256(f"{self._seed}/{name}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "little"))


def field(
    rng: Rng, canvas: Canvas, cells: float, octaves: int = 4, stretch: float = 1.0, fade: float = 0.5
) -> Array:
    """Smooth noise around 0.5, about 0..1. `cells` per height; `stretch` above 1 makes it wide and flat."""
    total = np.zeros((canvas.height, canvas.width), np.float32)
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        total += weight * _lattice(rng, canvas, cells * 2**octave, stretch)
        sum_of_weights += weight
        weight *= fade
    return np.asarray(0.5 + (total / sum_of_weights) * 0.8, np.float32)


def ridges(
    rng: Rng, xs: Array, cells: float, octaves: int = 6, sharp: float = 0.0, fade: float = 0.5
) -> Array:
    """A line of hills, about 0..1, over places in heights; `sharp` 1 makes peaks of them."""
    total = np.zeros_like(xs)
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        wave = _line(rng, xs * cells * 2**octave)
        peaked = 1 - np.abs(2 * wave - 1)
        total += weight * (wave * (1 - sharp) + peaked * sharp)
        sum_of_weights += weight
        weight *= fade
    return np.asarray(total / sum_of_weights, np.float32)


def grain(rng: Rng, canvas: Canvas) -> Array:
    """White noise per pixel, mean 0, deviation about 1."""
    return rng.standard_normal((canvas.height, canvas.width), np.float32)


def _lattice(rng: Rng, canvas: Canvas, cells: float, stretch: float) -> Array:
    across, down = cells * canvas.aspect / stretch, cells
    limit_x, limit_y = canvas.width / 2 + 2, canvas.height / 2 + 2
    points = rng.standard_normal((int(np.ceil(down)) + 4, int(np.ceil(across)) + 4), np.float32) * np.float32(
        0.42
    )
    if across > limit_x or down > limit_y:
        return np.zeros((canvas.height, canvas.width), np.float32)
    box = (1.5, 1.5, 1.5 + across, 1.5 + down)
    return scale(points, canvas.width, canvas.height, PIL.Image.Resampling.BICUBIC, box)


def _line(rng: Rng, places: Array) -> Array:
    values = rng.random(int(places.max()) + 3).astype(np.float32)
    low = np.floor(places).astype(np.intp)
    t = places - low
    smooth = t * t * (3 - 2 * t)
    return values[low] + (values[low + 1] - values[low]) * smooth
