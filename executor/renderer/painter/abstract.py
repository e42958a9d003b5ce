"""A harmonious picture of nothing in particular, for words the painter does not know."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas
from .craft import Craft
from .noise import field, ridges
from .palette import hsv, mix
from .sky import scatter


def colors(craft: Craft) -> list[Array]:
    """Five colours along one arc of the colour circle, with one from the other side."""
    rng = craft.chance.of("scheme")
    tint = craft.theme.colors.get("")
    # The yellow-green stretch of the circle makes poor company for itself.
    start = (0.45 + 0.72 * rng.random()) % 1.0
    turn = rng.choice([0.06, 0.09, -0.07])
    scheme = [hsv(start + turn * i, 0.70 - 0.10 * i, 0.24 + 0.20 * i) for i in range(4)]
    scheme.append(hsv(start + 0.47, 0.75, 0.98))
    if tint:
        scheme = [mix(color, np.array(tint) * (0.35 + 0.22 * i), 0.6) for i, color in enumerate(scheme)]
    return scheme


def base(craft: Craft, canvas: Canvas) -> None:
    """A slow wash between the colours, bent by noise that bends itself."""
    rng, scheme = craft.chance.of("base"), colors(craft)
    first, second = field(rng, canvas, 1.3, 3), field(rng, canvas, 1.7, 3)
    bend = (first - 0.5) * 1.6
    t = canvas.x / craft.aspect * rng.uniform(-0.5, 0.5) + canvas.y * 0.6 + bend + (second - 0.5) * 0.7 + 0.2
    t = np.clip(t, 0, 1) * 3
    low = np.clip(np.floor(t), 0, 2).astype(np.intp)
    table = np.stack(scheme[:4])
    share = (t - low)[..., None]
    share = share * share * (3 - 2 * share)
    canvas.pixels[:] = table[low] * (1 - share) + table[low + 1] * share


def veils(craft: Craft, canvas: Canvas) -> None:
    """Translucent folds, lit along their edge."""
    scheme = colors(craft)
    for n in range(6):
        rng = craft.chance.of(f"veil{n}")
        angle = rng.uniform(-0.9, 0.9)
        along = canvas.x * np.cos(angle) + canvas.y * np.sin(angle) + 2
        across = -canvas.x * np.sin(angle) + canvas.y * np.cos(angle)
        line = rng.uniform(0.0, 0.9) + 0.5 * (_wave(rng, along) - 0.5)
        depth = across - line
        body = np.clip(depth * canvas.height * 0.5, 0, 1) * np.exp(
            -np.clip(depth, 0, 9) * rng.uniform(2.5, 6)
        )
        canvas.cover(np.asarray(body * 0.55, np.float32), scheme[int(rng.integers(1, 4))])
        rim = np.exp(-((depth / 0.004) ** 2)) * 0.35 + np.exp(-((depth / 0.03) ** 2)) * 0.10
        canvas.light(np.asarray(rim, np.float32), mix(scheme[3], (1, 1, 1), 0.3))


def discs(craft: Craft, canvas: Canvas) -> None:
    """Glassy spheres of light in the colour from the other side, and dust around them."""
    rng, scheme = craft.chance.of("discs"), colors(craft)
    ink = mix(scheme[4], scheme[3], 0.35)
    for _ in range(int(rng.integers(2, 5))):
        x, y, radius = rng.uniform(0.1, 0.9) * craft.aspect, rng.uniform(0.12, 0.88), rng.uniform(0.02, 0.14)
        distance = np.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2)
        disc = np.clip((radius - distance) * canvas.height, 0, 1)
        lit = np.clip(0.62 - ((canvas.x - x) * 0.45 + (canvas.y - y) * 0.75) / radius, 0, 1)
        rim = np.clip(distance / radius, 0, 1) ** 6
        canvas.cover(np.asarray(disc * (0.12 + 0.55 * lit * (1 - rim) + 0.35 * rim), np.float32), ink)
        canvas.light(canvas.glow(x, y, radius * 1.5, 2.2) * np.float32(0.16), ink)
    count = int(260 * craft.aspect)
    px, py = rng.random(count) * craft.aspect, rng.random(count)
    scatter(canvas, px, py, ink[None, :] * (rng.random((count, 1)) ** 4 * 0.8))


def _wave(rng: np.random.Generator, along: Array) -> Array:
    return ridges(rng, np.asarray(along.ravel(), np.float32), 1.6, 3).reshape(along.shape)
