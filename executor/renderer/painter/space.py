"""Space: nebulae, stars, planets, galaxies."""

from __future__ import annotations

import numpy as np

from . import sky
from .canvas import Array, Canvas
from .craft import Craft
from .noise import Rng, field
from .palette import hsv, mix


def nebula(craft: Craft, canvas: Canvas) -> None:
    """Clouds of glowing gas in three related colours on near black."""
    rng = craft.chance.of("nebula")
    colors = _colors(craft, rng)
    canvas.pixels[:] = mix((0.008, 0.008, 0.025), colors[0], 0.06)
    bend = field(rng, canvas, 2.2, 4) - 0.5
    dark = field(rng, canvas, 4.5, 5)
    middle = rng.uniform(0.3, 0.7) * craft.aspect
    slope = rng.uniform(-0.9, 0.9)
    band = np.exp(-(((canvas.y - 0.5 - slope * (canvas.x - middle) + bend * 0.7) / 0.34) ** 2))
    for color, cells in zip(colors, (1.8, 2.7, 3.8), strict=True):
        gas = field(rng, canvas, cells, 5, fade=0.55) + bend * 0.35
        amount = np.clip((gas - 0.42) * 2.6, 0, 1) ** 1.5 * band
        canvas.light(np.asarray(amount * 0.75, np.float32), color)
    canvas.shade(np.asarray(np.clip((dark - 0.50) * 3.0, 0, 0.72) * band, np.float32))
    core = np.clip((field(rng, canvas, 3.0, 4) - 0.56) * 5, 0, 1) * band
    canvas.light(np.asarray(core * 0.5, np.float32), mix(colors[2], (1, 0.95, 0.9), 0.6))


def stars(craft: Craft, canvas: Canvas) -> None:
    rng = craft.chance.of("deep stars")
    count = int(1500 * craft.aspect)
    x, y = rng.random(count) * craft.aspect, rng.random(count)
    power = rng.random(count) ** 6 * 1.1 + 0.10
    heat = rng.random((count, 1))
    color = np.array([1.0, 0.82, 0.65]) * heat + np.array([0.70, 0.84, 1.0]) * (1 - heat)
    sky.scatter(canvas, x, y, color * power[:, None])
    for i in np.argsort(power)[-14:]:
        sky.canvas_star(canvas, float(x[i]), float(y[i]), color[i], 0.005 + 0.010 * float(rng.random()))


def planet(craft: Craft, canvas: Canvas) -> None:
    """A large banded world lit from one side, often with a ring, and a small moon."""
    rng = craft.chance.of("planet")
    colors = _colors(craft, rng)
    x, y = rng.uniform(0.32, 0.68) * craft.aspect, rng.uniform(0.40, 0.62)
    radius, ring = rng.uniform(0.17, 0.27), rng.random() < 0.55
    sunward = np.array([rng.choice([-1, 1]) * 0.72, -0.45, 0.53])
    tilt = rng.uniform(-0.45, 0.45)
    if ring:
        _ring(canvas, x, y, radius, tilt, colors[2], rng, behind=True)
    _globe(canvas, x, y, radius, sunward, tilt, colors, craft)
    if ring:
        _ring(canvas, x, y, radius, tilt, colors[2], craft.chance.of("planet ring"), behind=False)
    mx, my = x + rng.uniform(0.30, 0.42) * rng.choice([-1, 1]), y - rng.uniform(0.18, 0.34)
    _globe(
        canvas,
        mx,
        my,
        radius * 0.16,
        sunward,
        tilt,
        [np.array(c, np.float32) for c in ((0.6, 0.6, 0.62),) * 3],
        craft,
    )


def galaxy(craft: Craft, canvas: Canvas) -> None:
    """A spiral seen at an angle."""
    rng = craft.chance.of("galaxy")
    colors = _colors(craft, rng)
    turn, flat = rng.uniform(0, 3.1), rng.uniform(0.42, 0.75)
    x, y = canvas.x - craft.aspect / 2, canvas.y - 0.5
    u = x * np.cos(turn) + y * np.sin(turn)
    v = (-x * np.sin(turn) + y * np.cos(turn)) / flat
    r, angle = np.sqrt(u * u + v * v) + 1e-4, np.arctan2(v, u)
    dust = field(rng, canvas, 7, 5)
    arms = np.cos(2 * angle + np.log(r) * 4.6 + (dust - 0.5) * 2.4) * 0.5 + 0.5
    disc = np.exp(-r * 4.6)
    lane = np.clip(arms**2.2 * (0.35 + 1.2 * dust), 0, 1.5)
    canvas.light(np.asarray(disc * lane * 1.5, np.float32), mix(colors[1], (0.6, 0.75, 1.0), 0.4))
    canvas.light(
        np.asarray(disc * lane**3 * np.clip((dust - 0.55) * 5, 0, 1) * 1.6, np.float32), (1.0, 0.42, 0.62)
    )
    canvas.light(np.asarray(np.exp(-r * 15) * 1.1 + np.exp(-r * 7) * 0.30, np.float32), (1.0, 0.86, 0.66))


def _colors(craft: Craft, rng: Rng) -> list[Array]:
    tint = craft.theme.colors.get("")
    start, turn = rng.random(), rng.choice([0.10, 0.16, -0.13])
    colors = [hsv(start + turn * i, 0.85 - 0.14 * i, 0.42 + 0.18 * i) for i in range(3)]
    return [mix(color, tint, 0.55) for color in colors] if tint else colors


def _globe(
    canvas: Canvas,
    x: float,
    y: float,
    radius: float,
    sunward: Array,
    tilt: float,
    colors: list[Array],
    craft: Craft,
) -> None:
    rows = canvas.rows(y - radius * 1.35, y + radius * 1.35)
    u, v = (canvas.x - x) / radius, (canvas.y[rows] - y) / radius
    distance = np.sqrt(u * u + v * v)
    z = np.sqrt(np.clip(1 - distance**2, 0, 1))
    rng = craft.chance.of(f"globe{radius:.3f}")
    swirl = field(rng, canvas, 0.9 / radius, 4, stretch=2.5)[rows]
    latitude = v * np.cos(tilt) - u * np.sin(tilt)
    bands = 0.5 + 0.5 * np.sin(latitude * rng.uniform(7, 15) + (swirl - 0.5) * 5)
    light = np.clip(u * sunward[0] + v * sunward[1] + z * sunward[2] + 0.06, 0, 1) ** 0.8
    color = colors[1] + (mix(colors[2], (1, 0.95, 0.88), 0.45) - colors[1]) * bands[..., None]
    color = color * (0.75 + 0.5 * swirl)[..., None] * (light * 1.15)[..., None] + colors[0] * 0.03
    mask = np.clip((1 - distance) * radius * canvas.height + 0.5, 0, 1)
    canvas.pixels[rows] += mask[..., None] * (color - canvas.pixels[rows])
    halo = np.exp(-np.abs(distance - 1) * 16) * np.clip(0.25 + u * sunward[0] + v * sunward[1], 0, 1)
    canvas.light(np.asarray(halo * 0.55, np.float32), mix(colors[2], (0.6, 0.8, 1.0), 0.5), rows)


def _ring(
    canvas: Canvas, x: float, y: float, radius: float, tilt: float, color: Array, rng: Rng, behind: bool
) -> None:
    u, v = (canvas.x - x) / radius, (canvas.y - y) / radius
    along, across = u * np.cos(tilt) + v * np.sin(tilt), -u * np.sin(tilt) + v * np.cos(tilt)
    r = np.sqrt(along**2 + (across / 0.26) ** 2)
    grooves = 0.55 + 0.28 * np.sin(r * 34) + 0.17 * np.sin(r * 77 + 1)
    body = np.clip((r - 1.35) * 22, 0, 1) * np.clip((2.25 - r) * 14, 0, 1) * grooves
    half = across < 0 if behind else across >= 0
    canvas.cover(np.asarray(body * half * 0.8, np.float32), mix(color, (0.95, 0.88, 0.78), 0.55))
