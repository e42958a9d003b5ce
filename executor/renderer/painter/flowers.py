"""A meadow in flower: grass, many blossoms in the distance, large ones in front."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import Rng, field
from .palette import hsv, mix


def meadow(craft: Craft, canvas: Canvas) -> None:
    """The ground, dark toward the foot."""
    rng = craft.chance.of("meadow")
    texture = field(rng, canvas, 30, 4, stretch=0.6)
    depth = np.clip((canvas.y - craft.horizon) / (1 - craft.horizon), 0, 1)
    far = mix(craft.palette.far, (0.52, 0.66, 0.28), 0.65)
    near = mix((0.10, 0.22, 0.09), craft.palette.near, 0.4)
    color = far + (near - far) * (depth**0.7)[..., None]
    color = color * (0.75 + 0.5 * texture)[..., None] * (0.45 if craft.dark else 1.0)
    mask = np.clip((canvas.y - craft.horizon) * 60, 0, 1)
    canvas.pixels += mask[..., None] * (color - canvas.pixels)


def distant(craft: Craft, canvas: Canvas) -> None:
    """Hundreds of small blossoms, growing toward the viewer, among blades of grass."""
    inks = _inks(craft)
    for band in range(3):
        rng = craft.chance.of(f"flowers{band}")
        canvas.draw(partial(_band, rng=rng, craft=craft, inks=inks, band=band))


def front(craft: Craft, canvas: Canvas) -> None:
    """A handful of large flowers."""
    rng = craft.chance.of("front flowers")
    inks = _inks(craft)
    count = max(4, int(7 * craft.aspect))
    spots = sorted(
        ((i + rng.uniform(0.1, 0.9)) / count * craft.aspect, rng.uniform(0.60, 0.90)) for i in range(count)
    )
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        size, ink = 0.055 + 0.13 * (y - 0.58), inks[int(rng.integers(len(inks)))]
        kind, turn = int(rng.integers(3)), rng.uniform(0, 6.3)
        flower = partial(_stem_and_flower, craft=craft, x=x, y=y, size=size, ink=ink, kind=kind, turn=turn)
        canvas.draw(flower)


def petals(
    pen: Pen, x: float, y: float, size: float, ink: Array, turn: float, count: int, squash: float = 0.85
) -> None:
    """One blossom: two rings of shaded petals around a golden heart."""
    for ring, (reach, shade) in enumerate(((1.0, 0.72), (0.80, 1.0), (0.5, 1.18))):
        for i in range(count):
            angle = turn + (i + 0.5 * ring) * 2 * math.pi / count
            color = (*np.clip(mix(ink * shade, (1, 1, 1), 0.06 * ring), 0, 1), 0.96)
            pen.curve(_petal(x, y, size * reach, angle, 2.3 / count, squash), color)
    pen.ellipse(x, y, size * 0.21, size * 0.21 * squash, (0.45, 0.26, 0.06, 1.0))
    pen.ellipse(x - size * 0.03, y - size * 0.04, size * 0.15, size * 0.15 * squash, (0.95, 0.72, 0.20, 1.0))


def _petal(
    x: float, y: float, size: float, angle: float, width: float, squash: float
) -> list[tuple[float, float]]:
    shape = ((0.12, -0.3), (0.6, -0.85), (1.0, -0.35), (1.06, 0.0), (1.0, 0.35), (0.6, 0.85), (0.12, 0.3))
    return [
        (
            x + size * r * math.cos(angle + t * width * 0.62),
            y + size * r * math.sin(angle + t * width * 0.62) * squash,
        )
        for r, t in shape
    ]


def _inks(craft: Craft) -> list[Array]:
    rng = craft.chance.of("flower inks")
    said = craft.theme.color("garden")
    if said:
        base = np.array(said, np.float32)
        return [base, mix(base, (1, 1, 1), 0.3), mix(base, (0.4, 0.1, 0.3), 0.25)]
    start = rng.choice([0.93, 0.0, 0.08, 0.76, 0.14])
    return [
        hsv(start, 0.72, 0.95),
        hsv(start + 0.06, 0.55, 1.0),
        hsv(start - 0.12, 0.5, 0.92),
        hsv(start, 0.12, 1.0),
    ]


def _band(pen: Pen, rng: Rng, craft: Craft, inks: list[Array], band: int) -> None:
    low, high = (
        craft.horizon + (1 - craft.horizon) * band / 3,
        craft.horizon + (1 - craft.horizon) * (band + 1) / 3,
    )
    grass = mix((0.26, 0.44, 0.14), craft.palette.near, 0.3 + 0.2 * band)
    dim = 0.55 if craft.dark else 1.0
    for _ in range(int(110 * craft.aspect)):
        x, y = rng.random() * craft.aspect, rng.uniform(low, high + 0.04)
        size = 0.006 + 0.022 * ((y - craft.horizon) / (1 - craft.horizon)) ** 1.4
        pen.line(
            [(x, y + size * 3), (x + rng.normal(0, size * 0.7), y)],
            size * 0.13,
            (*grass * rng.uniform(0.6, 1.3), 0.9),
        )
        if rng.random() < 0.55:
            ink = inks[int(rng.integers(len(inks)))] * rng.uniform(0.75, 1.05) * dim
            for i in range(5):
                a = rng.uniform(0, 6.3) + i * 1.257
                pen.ellipse(
                    x + math.cos(a) * size * 0.34,
                    y + math.sin(a) * size * 0.24,
                    size * 0.34,
                    size * 0.26,
                    (*ink, 0.95),
                )
            pen.ellipse(x, y, size * 0.16, ink=(0.95, 0.75, 0.25, 1.0))


def _stem_and_flower(
    pen: Pen, craft: Craft, x: float, y: float, size: float, ink: Array, kind: int, turn: float
) -> None:
    stem = (*mix((0.20, 0.40, 0.13), craft.palette.near, 0.25), 1.0)
    sway = size * math.sin(turn) * 0.8
    path = [(x + sway * t * t, y + (1.06 - y) * t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    pen.line(path, size * 0.11, stem)
    leaf_x, leaf_y = path[2]
    side = 1 if turn > 3.1 else -1
    pen.curve([(leaf_x, leaf_y), (leaf_x + side * size, leaf_y - size * 0.8), (leaf_x + side * size * 1.5, leaf_y - size * 1.5),
               (leaf_x + side * size * 0.7, leaf_y - size * 0.2)], stem)  # fmt: skip
    dim = 0.6 if craft.dark else 1.0
    petals(pen, x, y, size, ink * dim, turn, (6, 8, 5)[kind])
