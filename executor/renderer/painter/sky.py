"""Skies: gradient, sun or moon, clouds, stars, aurora, birds."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import field, ridges
from .palette import mix


def gradient(craft: Craft, canvas: Canvas) -> None:
    p, h = craft.palette, craft.horizon
    low = mix(p.horizon, p.sun, 0.18)
    stops = [(0.0, p.zenith), (h * 0.5, p.upper), (h * 0.88, p.horizon), (h, low), (1.0, low)]
    canvas.gradient(stops)
    warm = canvas.glow(craft.light_x, craft.light_y, 0.42, 1.6)
    canvas.light(warm * np.float32(0.10 if craft.dark else 0.24), mix(p.sun, p.horizon, 0.5))


def sun(craft: Craft, canvas: Canvas) -> None:
    """The disc and its halo: a large low sun, or a moon with grey seas."""
    p, x, y = craft.palette, craft.light_x, craft.light_y
    rng = craft.chance.of("sun")
    radius = rng.uniform(0.035, 0.06) * (1.25 if craft.dark else 1.0)
    canvas.light(canvas.glow(x, y, radius * 2.6, 1.8) * np.float32(0.30 if craft.dark else 0.5), p.sun)
    distance = np.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2)
    disc = np.clip((radius - distance) * canvas.height + 0.5, 0, 1)
    face = np.broadcast_to(np.asarray(p.sun), (*disc.shape, 3))
    if craft.dark:
        seas = field(rng, canvas, 16, 3)
        face = p.sun * (1 - 0.22 * np.clip((seas - 0.45) * 4, 0, 1))[..., None]
    # The disc outshines its halo, whatever the halo added up to.
    strength = np.float32(1.1 if craft.dark else 2.4)
    canvas.pixels += disc[..., None] * (np.maximum(face * strength, canvas.pixels) - canvas.pixels)


def clouds(craft: Craft, canvas: Canvas) -> None:
    """Banks of cloud, lit from the side of the sun."""
    p, rng = craft.palette, craft.chance.of("clouds")
    rows = canvas.rows(0, craft.horizon)
    shape = field(rng, canvas, 3.2, 5, stretch=2.6)[rows]
    cover = rng.uniform(0.47, 0.58)
    body = np.clip((shape - cover) * 4.5, 0, 1)
    body *= np.clip((craft.horizon - canvas.y[rows]) * 9, 0, 1) * (
        0.35 + 0.65 * np.clip(canvas.y[rows] * 5, 0, 1)
    )
    step = max(1, canvas.height // 60)
    lit = np.clip((np.roll(shape, -step, 0) - shape) * -7 + 0.5, 0, 1)[..., None]
    if craft.dark:
        bright, shadow = mix(p.horizon, p.sun, 0.12) * 0.9, mix(p.upper, p.near, 0.35)
    else:
        bright, shadow = mix(p.sun, p.horizon, 0.25), mix(p.far, p.upper, 0.4)
    color = shadow + (bright - shadow) * lit
    part = canvas.pixels[rows]
    part += (body * np.float32(0.55 if craft.dark else 0.8))[..., None] * (color - part)


def stars(craft: Craft, canvas: Canvas) -> None:
    """A starry sky, denser along a band."""
    rng = craft.chance.of("stars")
    count = int(620 * craft.aspect)
    x, y = rng.random(count) * craft.aspect, rng.random(count) ** 1.3 * craft.horizon
    power = rng.random(count) ** 5 * 0.95 + 0.1
    hue = rng.random((count, 1))
    color = np.array([1.0, 0.86, 0.72]) * hue + np.array([0.76, 0.87, 1.0]) * (1 - hue)
    scatter(canvas, x, y, color * (power * (1 - 0.7 * y / craft.horizon))[:, None])
    for i in np.argsort(power)[-10:]:
        canvas_star(canvas, float(x[i]), float(y[i]), color[i], 0.006 + 0.006 * float(rng.random()))


def scatter(canvas: Canvas, x: Array, y: Array, color: Array) -> None:
    """Points of light, each shared among the four pixels around it, larger where the picture is."""
    px, py = x / canvas.aspect * canvas.width - 0.5, y * canvas.height - 0.5
    gain = min(1.6, canvas.height / 640)
    for dx in (0, 1):
        for dy in (0, 1):
            ix, iy = np.floor(px).astype(int) + dx, np.floor(py).astype(int) + dy
            share = (1 - np.abs(px - ix)) * (1 - np.abs(py - iy)) * gain
            ok = (ix >= 0) & (iy >= 0) & (ix < canvas.width) & (iy < canvas.height)
            np.add.at(canvas.pixels, (iy[ok], ix[ok]), (color * share[:, None])[ok].astype(np.float32))


def canvas_star(canvas: Canvas, x: float, y: float, color: Array, radius: float) -> None:
    """One bright star with a small halo."""
    rows = canvas.rows(y - radius * 6, y + radius * 6)
    distance = ((canvas.x - x) ** 2 + (canvas.y[rows] - y) ** 2) * np.float32(1 / (radius * 0.35) ** 2)
    canvas.light(np.asarray((1 + distance) ** np.float32(-1.6), np.float32) * 0.9, color, rows)


def milky_way(craft: Craft, canvas: Canvas) -> None:
    """A slanted band of star dust."""
    rng = craft.chance.of("milky")
    slope, offset = rng.uniform(0.5, 1.1) * rng.choice([-1, 1]), rng.uniform(0.3, 0.7)
    across = (canvas.y - 0.3 - slope * (canvas.x - offset * craft.aspect)) / np.hypot(1, slope)
    dust = field(rng, canvas, 4, 5)
    band = np.exp(-(((across + (dust - 0.5) * 0.16) / 0.12) ** 2)) * np.clip((dust - 0.25) * 1.8, 0, 1)
    band *= np.clip((craft.horizon - canvas.y) * 4, 0, 1)
    canvas.light(np.asarray(band * 0.5, np.float32), mix(craft.palette.horizon, (0.9, 0.85, 1.0), 0.45))


def aurora(craft: Craft, canvas: Canvas) -> None:
    """Curtains of light with a sharp lower edge."""
    rng = craft.chance.of("aurora")
    for color, base in (((0.16, 0.95, 0.55), 0.50), ((0.25, 0.75, 0.9), 0.38), ((0.62, 0.3, 0.95), 0.30)):
        edge = craft.horizon * (base + 0.45 * ridges(rng, canvas.x[0], 2.2 / craft.aspect, 3))
        rays = 0.35 + 0.65 * ridges(rng, canvas.x[0], 26, 3)
        above = (edge[None, :] - canvas.y) / craft.horizon
        curtain = np.where(above > 0, np.exp(-above * 4.2), np.exp(above * 40)) * rays[None, :]
        canvas.light(np.asarray(curtain * 0.62, np.float32), color)


def birds(craft: Craft, canvas: Canvas) -> None:
    rng = craft.chance.of("birds")
    cx, cy = rng.uniform(0.25, 0.75) * craft.aspect, craft.horizon * rng.uniform(0.3, 0.55)
    ink = (*mix(craft.palette.near, craft.palette.far, 0.2), 0.85)

    def flock(pen: Pen) -> None:
        for _ in range(9):
            x, y, s = cx + rng.normal(0, 0.11), cy + rng.normal(0, 0.05), rng.uniform(0.007, 0.016)
            lift = rng.uniform(0.3, 0.7) * s
            wings = [
                (x - s, y - lift),
                (x - s * 0.45, y - lift * 0.9),
                (x, y),
                (x + s * 0.45, y - lift * 0.9),
            ]
            pen.line([*wings, (x + s, y - lift)], 0.0022, ink)

    canvas.draw(flock)
