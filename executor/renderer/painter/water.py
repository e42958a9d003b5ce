"""Water: what stands above it, mirrored and broken by waves, with a path of light toward the sun."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas
from .craft import Craft
from .noise import Rng, field
from .palette import mix


def sea(craft: Craft, canvas: Canvas) -> None:
    _water(craft, canvas, calm=0.25, tint=0.52, glitter=1.0)


def lake(craft: Craft, canvas: Canvas) -> None:
    _water(craft, canvas, calm=0.8, tint=0.25, glitter=0.5)


def wet_ground(craft: Craft, canvas: Canvas) -> None:
    """A wet street: dark, with long smears of the lights above."""
    _water(craft, canvas, calm=0.65, tint=0.30, glitter=0.0, smear=True)


def beach(craft: Craft, canvas: Canvas) -> None:
    """A strip of sand in front, with a line of foam."""
    rng = craft.chance.of("beach")
    side = rng.choice([-1.0, 1.0])
    across = canvas.x[0] / craft.aspect
    ground = field(rng, canvas, 40, 3)
    line = 0.84 + 0.10 * side * (across - 0.5) + 0.012 * np.sin(across * 9 + rng.uniform(0, 6))
    line = np.asarray(line, np.float32)[None, :] + (field(rng, canvas, 6, 3) - 0.5) * 0.03
    depth = canvas.y - line
    sand = mix((0.90, 0.76, 0.56), craft.palette.horizon, 0.35) * (0.3 if craft.dark else 0.95)
    wet = np.clip(depth * 16, 0.35, 1)[..., None]
    color = mix(sand * 0.5, craft.palette.upper, 0.4) * (1 - wet) + sand * wet
    color = color * (0.92 + 0.16 * ground)[..., None]
    canvas.pixels += np.clip(depth * 60, 0, 1)[..., None] * (color - canvas.pixels)
    foam = np.exp(-((depth / 0.006) ** 2)) + 0.5 * np.exp(-(((depth + 0.028) / 0.005) ** 2)) * ground * 1.4
    white = mix(craft.palette.sun, (1, 1, 1), 0.5) * (0.5 if craft.dark else 1.0)
    canvas.cover(np.asarray(np.clip(foam, 0, 0.9), np.float32), white)


def _water(
    craft: Craft, canvas: Canvas, calm: float, tint: float, glitter: float, smear: bool = False
) -> None:
    p, rng = craft.palette, craft.chance.of("water")
    rows = canvas.rows(craft.horizon, 1)
    start = rows.start
    depth = np.maximum(canvas.y[rows] - craft.horizon, 1e-3) / (1 - craft.horizon)
    waves = _waves(rng, canvas, rows, craft, depth)
    mirrored = _mirror(canvas, start, waves, depth, (1 - calm), smear)
    body = mix(p.zenith, p.upper, 0.35) * (0.6 if craft.dark else 0.75)
    share = np.clip(tint * (0.35 + 0.9 * depth) + waves * 0.12 * (1 - calm), 0, 0.92)[..., None]
    color = mirrored * (0.92 - 0.18 * depth)[..., None] + share * (body - mirrored)
    crest = np.clip(waves - 0.55, 0, 1) * (1 - calm) * 0.5 * np.clip(depth * 3, 0, 1)
    color += crest[..., None] * (p.horizon * 0.8)
    if glitter:
        color += _glitter(craft, canvas, rows, waves, depth)[..., None] * (p.sun * np.float32(glitter))
    seam = np.clip((canvas.y[rows] - craft.horizon) * canvas.height, 0, 1)
    canvas.pixels[rows] += seam[..., None] * (color - canvas.pixels[rows])


def _mirror(canvas: Canvas, start: int, waves: Array, depth: Array, rough: float, smear: bool) -> Array:
    height, width = waves.shape
    row = np.arange(height)[:, None]
    stretch = 0.55 if smear else 0.85
    bend = waves * (0.012 + 0.055 * depth) * rough * canvas.height
    source = np.clip(start - 1 - row * stretch + bend * 1.4, 0, max(0, start - 1)).astype(np.intp)
    column = np.clip(np.arange(width)[None, :] + bend * 0.9, 0, width - 1).astype(np.intp)
    mirrored = canvas.pixels[source, column]
    if not smear:
        return mirrored
    from scipy.ndimage import uniform_filter1d

    return np.asarray(
        uniform_filter1d(mirrored, max(1, canvas.height // 12), axis=0, mode="nearest"), np.float32
    )


def _waves(rng: Rng, canvas: Canvas, rows: slice, craft: Craft, depth: Array) -> Array:
    """Wave heights around 0, about -1..1, smaller toward the horizon."""
    far = 1 / (depth + 0.07)
    x = (canvas.x - craft.aspect / 2) * far
    total = np.zeros((rows.stop - rows.start, canvas.width), np.float32)
    for size in (2.2, 3.7, 5.9, 9.1, 14.0):
        angle, phase = rng.normal(0, 0.30), rng.uniform(0, 6.3)
        total += (
            np.sin(x * (size * np.sin(angle) * 1.2) + far * (size * 3.1 * np.cos(angle)) + phase) / size**0.55
        )
    chop = field(rng, canvas, 46, 2, stretch=5)[rows] - 0.5
    return np.asarray(total * 0.42 + chop * 1.5, np.float32)


def _glitter(craft: Craft, canvas: Canvas, rows: slice, waves: Array, depth: Array) -> Array:
    spread = 0.025 + 0.20 * depth
    path = np.exp(-(((canvas.x - craft.light_x) / spread) ** 2))
    sparkle = np.clip(waves * 0.9 + 0.25, 0, 1) ** 2
    fall = 1 - 0.55 * depth
    return np.asarray(path * (0.16 + 1.1 * sparkle) * fall * (0.6 if craft.dark else 0.8), np.float32)
