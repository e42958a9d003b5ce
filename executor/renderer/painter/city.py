"""Cities: skylines in depth with lit windows, neon signs, and streets between towers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import Rng
from .palette import mix


@dataclass(frozen=True)
class Tower:
    left: float
    right: float
    top: float
    style: int


def skyline_layer(craft: Craft, canvas: Canvas, layer: int) -> None:
    """One row of towers; the last is nearest."""
    rng = craft.chance.of(f"towers{layer}")
    near = layer / 3
    towers = _towers(craft, rng, near)
    p = craft.palette
    mask = canvas.mask(lambda pen: _silhouettes(pen, towers, craft.horizon))
    body = mix(mix(p.far, p.horizon, 0.40), p.near, 0.18 + 0.78 * near)
    haze = np.clip((canvas.y - craft.horizon * 0.45) / (craft.horizon * 0.55), 0, 1)[..., None]
    color = body + haze * (1 - near * 0.8) * 0.6 * (p.horizon - body)
    canvas.pixels += mask[..., None] * (color - canvas.pixels)
    _windows(craft, canvas, towers, rng, near)
    if craft.theme.has("neon") and layer >= 1:
        _signs(craft, canvas, towers, rng, near)


def retro_sun(craft: Craft, canvas: Canvas) -> None:
    """The huge striped sun of neon pictures."""
    rng = craft.chance.of("retro")
    x, y, radius = craft.aspect / 2 + rng.normal(0, 0.12), craft.horizon - 0.17, rng.uniform(0.19, 0.26)
    distance = np.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2)
    disc = np.clip((radius - distance) * canvas.height, 0, 1)
    t = np.clip((canvas.y - y + radius) / (2 * radius), 0, 1)
    gap = (np.mod(t * 11, 1) < np.clip((t - 0.42) * 1.1, 0, 0.6)).astype(np.float32)
    color = (
        mix((1.0, 0.85, 0.35), craft.palette.accent, 0.0) * (1 - t)[..., None]
        + craft.palette.accent * t[..., None]
    )
    canvas.light(canvas.glow(x, y, radius * 1.7, 1.6) * np.float32(0.30), craft.palette.accent)
    canvas.pixels += (disc * (1 - gap))[..., None] * (color - canvas.pixels)


def trails(craft: Craft, canvas: Canvas) -> None:
    """Lights of traffic along the foot of the skyline, and a few in the air."""
    rng = craft.chance.of("trails")
    p = craft.palette

    def lights(pen: Pen) -> None:
        for _ in range(int(26 * craft.aspect)):
            x, y = rng.random() * craft.aspect, craft.horizon - abs(rng.normal(0, 0.006))
            pen.ellipse(
                x, y, rng.uniform(0.0012, 0.003), ink=(*mix(p.accent2, (1, 0.9, 0.7), rng.random()), 1.0)
            )
        for _ in range(5):
            x, y, length = (
                rng.random() * craft.aspect,
                craft.horizon * rng.uniform(0.3, 0.75),
                rng.uniform(0.02, 0.07),
            )
            pen.line([(x, y), (x + length, y - length * 0.05)], 0.0016, (*mix(p.accent, (1, 1, 1), 0.4), 0.8))

    canvas.draw(lights, light=1.6, spread=0.012)


def _towers(craft: Craft, rng: Rng, near: float) -> list[Tower]:
    towers, x = [], -0.05
    center = craft.aspect * rng.uniform(0.3, 0.7)
    while x < craft.aspect:
        width = rng.uniform(0.035, 0.085) * (0.75 + 0.9 * near)
        focus = np.exp(-(((x - center) / 0.42) ** 2)) * (1 - 0.35 * near)
        height = (
            craft.horizon
            * (0.14 + rng.random() ** 2 * 0.42 + 0.34 * focus * rng.uniform(0.4, 1.1))
            * (1 - 0.30 * near)
        )
        towers.append(Tower(x, x + width, craft.horizon - height, int(rng.integers(6))))
        x += width * rng.uniform(0.82, 1.12)
    return towers


def _silhouettes(pen: Pen, towers: list[Tower], foot: float) -> None:
    for tower in towers:
        width, middle = tower.right - tower.left, (tower.left + tower.right) / 2
        pen.box(tower.left, tower.top, tower.right, foot + 0.01)
        if tower.style == 1:
            pen.line([(middle, tower.top), (middle, tower.top - width * 1.3)], 0.0022)
        elif tower.style == 2:
            pen.box(tower.left + width * 0.2, tower.top - width * 0.35, tower.right - width * 0.2, tower.top)
        elif tower.style == 3:
            peak = [(tower.left, tower.top), (tower.right, tower.top), (tower.right, tower.top - width * 0.4)]
            pen.polygon(peak)
        elif tower.style == 4:
            _spire(pen, tower, width, middle)


def _spire(pen: Pen, tower: Tower, width: float, middle: float) -> None:
    for step, inset in enumerate((0.15, 0.28, 0.38)):
        top = tower.top - width * 0.28 * (step + 1)
        pen.box(tower.left + width * inset, top, tower.right - width * inset, tower.top)
    pen.polygon(
        [
            (middle - width * 0.1, tower.top - width * 0.8),
            (middle + width * 0.1, tower.top - width * 0.8),
            (middle, tower.top - width * 1.8),
        ]
    )


def _windows(craft: Craft, canvas: Canvas, towers: list[Tower], rng: Rng, near: float) -> None:
    p = craft.palette
    lit = (0.44 if craft.dark else 0.12) * (1.0 - 0.45 * near)
    warm = mix(p.accent2 if craft.theme.has("neon") else (1.0, 0.80, 0.48), (1, 0.9, 0.7), 0.35)
    inks = (warm, mix(p.accent2, (1, 1, 1), 0.3), mix(p.accent, (1.0, 0.9, 0.8), 0.4))
    strength = 0.35 + 0.6 * near

    def panes(pen: Pen) -> None:
        for tower in towers:
            _tower_windows(pen, tower, craft.horizon, rng, near, lit, inks, strength)

    canvas.draw(panes, light=(0.5 if craft.dark else 0.1) * (0.4 + 0.6 * near), spread=0.010)


def _tower_windows(
    pen: Pen,
    tower: Tower,
    foot: float,
    rng: Rng,
    near: float,
    lit: float,
    inks: tuple[Array, ...],
    strength: float,
) -> None:
    pitch_x, pitch_y = 0.0078 + 0.0055 * near, 0.0105 + 0.007 * near
    columns = max(1, int((tower.right - tower.left - 0.006) / pitch_x))
    rows = max(1, int((foot - tower.top - 0.012) / pitch_y))
    ink = inks[int(rng.choice([0, 0, 1, 2, 2]))]
    on = rng.random((rows, columns)) < lit * rng.uniform(0.3, 1.5) * rng.uniform(0.2, 1.8, (rows, 1))
    bright = rng.uniform(0.15, 1.0, (rows, columns)) ** 1.5 * strength
    left = (tower.left + tower.right - columns * pitch_x) / 2
    for row, column in np.argwhere(on):
        x, y = left + column * pitch_x, tower.top + 0.008 + row * pitch_y
        pen.box(x, y, x + pitch_x * 0.58, y + pitch_y * 0.55, (*ink, bright[row, column]))


def _signs(craft: Craft, canvas: Canvas, towers: list[Tower], rng: Rng, near: float) -> None:
    p = craft.palette
    inks = [p.accent, p.accent2, mix(p.accent, p.accent2, 0.5), np.array((1.0, 0.75, 0.3), np.float32)]

    def signs(pen: Pen) -> None:
        for tower in towers:
            for _ in range(int(rng.choice([0, 1, 1, 2, 3]))):
                _sign(pen, tower, craft.horizon, rng, near, inks[int(rng.integers(len(inks)))])

    canvas.draw(signs, light=2.6, spread=0.026)


def _sign(pen: Pen, tower: Tower, foot: float, rng: Rng, near: float, ink: Array) -> None:
    x = rng.uniform(tower.left, tower.right - 0.01)
    top = tower.top + (foot - tower.top) * rng.uniform(0.08, 0.55)
    color = (*mix(ink, (1, 1, 1), 0.15), 0.95)
    if rng.random() < 0.6:
        width, height = 0.008 + 0.012 * near, rng.uniform(0.05, 0.11) * (0.6 + near)
        for part in range(int(height / 0.016)):
            y = top + part * 0.016
            pen.box(x, y, x + width, y + 0.011, color)
    else:
        pen.line([(tower.left, top), (tower.right, top)], 0.0022 + 0.0015 * near, color)


def street_layer(craft: Craft, canvas: Canvas, layer: int) -> None:
    rng = craft.chance.of(f"street{layer}")
    near = layer / 3
    p = craft.palette
    middle = craft.aspect / 2
    gap = 0.05 + 0.30 * near**1.4 * min(craft.aspect, 1.3)
    towers = []
    for side in (-1, 1):
        inner = gap
        while inner < craft.aspect * 0.62:
            width = rng.uniform(0.07, 0.13) * (0.6 + near)
            top = (
                craft.horizon * (0.66 - 0.62 * near) + rng.uniform(-0.10, 0.16) * (0.5 + near) - inner * 0.25
            )
            ends = sorted((middle + side * inner, middle + side * (inner + width)))
            towers.append(Tower(ends[0], ends[1], top, int(rng.choice([0, 0, 1, 2]))))
            inner += width * 0.97
    mask = canvas.mask(lambda pen: _silhouettes(pen, towers, craft.horizon + 0.03 + 0.3 * near**2))
    body = mix(mix(p.far, p.horizon, 0.35), p.near, 0.15 + 0.8 * near)
    haze = np.clip(canvas.y / craft.horizon, 0, 1)[..., None] ** 2 * (1 - near) * 0.75
    canvas.pixels += mask[..., None] * (body + haze * (p.horizon - body) - canvas.pixels)
    _edge_light(craft, canvas, mask, near)
    _windows(craft, canvas, towers, rng, near)
    _signs(craft, canvas, towers, rng, near)


def _edge_light(craft: Craft, canvas: Canvas, mask: Array, near: float) -> None:
    """The glow from the street's end on the corners that face it."""
    step = max(1, round(canvas.height * (0.003 + 0.005 * near)))
    left = np.clip(mask - np.roll(mask, -step, 1), 0, 1) * (canvas.x < craft.aspect / 2)
    right = np.clip(mask - np.roll(mask, step, 1), 0, 1) * (canvas.x >= craft.aspect / 2)
    fall = np.exp(-(((canvas.y - craft.horizon) / 0.35) ** 2))
    canvas.light(
        np.asarray((left + right) * fall * 0.5, np.float32),
        mix(craft.palette.horizon, craft.palette.accent2, 0.4),
    )


def street_lights(craft: Craft, canvas: Canvas) -> None:
    """Haze and headlights where the street vanishes."""
    p, middle = craft.palette, craft.aspect / 2
    canvas.light(
        canvas.glow(middle, craft.horizon - 0.02, 0.10, 1.3) * np.float32(0.5), mix(p.horizon, p.accent2, 0.3)
    )
    rng = craft.chance.of("headlights")

    def cars(pen: Pen) -> None:
        for _ in range(9):
            depth = rng.random() ** 2
            x = middle + rng.choice([-1, 1]) * (0.012 + 0.10 * depth) * rng.uniform(0.5, 1)
            y = craft.horizon + 0.005 + 0.05 * depth
            ink = (1.0, 0.95, 0.85, 1.0) if x > middle else (1.0, 0.16, 0.12, 1.0)
            pen.ellipse(x, y, 0.0022 + 0.004 * depth, ink=ink)

    canvas.draw(cars, light=2.5, spread=0.012)


def layers_of(function: Callable[..., None], count: int) -> list[Callable[[Craft, Canvas], None]]:
    """Split a layered thing into strokes, so that a job can stop between them."""
    return [partial(function, layer=layer) for layer in range(count)]
