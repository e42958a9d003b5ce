"""Trees: misty rows of conifers, a wood from inside, and single trees in front."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from .canvas import Array, Canvas, Pen, soften
from .craft import Craft
from .noise import Rng, field, ridges
from .palette import mix


def conifer_rows(craft: Craft, canvas: Canvas) -> None:
    """Rows of pines, each darker and larger than the one behind, with mist between them."""
    for layer in range(4):
        conifer_row(craft, canvas, layer / 3)


def conifer_row(craft: Craft, canvas: Canvas, near: float) -> None:
    rng = craft.chance.of(f"conifers{near:.2f}")
    p = craft.palette
    base = craft.horizon + 0.05 + (1.02 - craft.horizon) * near**1.3 * 0.85
    size = 0.10 + 0.24 * near
    ground = base - 0.05 * ridges(rng, np.linspace(0, craft.aspect, 40, dtype=np.float32) + 1, 1.3, 3)

    def row(pen: Pen) -> None:
        xs = np.linspace(0, craft.aspect, 40)
        outline = [
            (-0.1, 1.1),
            (-0.1, float(ground[0])),
            *((float(x), float(y)) for x, y in zip(xs, ground, strict=True)),
        ]
        pen.polygon([*outline, (craft.aspect + 0.1, float(ground[-1])), (craft.aspect + 0.1, 1.1)])
        x = -0.05
        while x < craft.aspect + 0.05:
            height = size * rng.uniform(0.55, 1.15)
            foot = float(np.interp(x, xs, ground)) + 0.01
            _conifer(pen, rng, x, foot, height)
            x += size * rng.uniform(0.14, 0.42)

    mask = canvas.mask(row)
    body = mix(mix(p.far, p.horizon, 0.25), mix(p.near, (0.03, 0.10, 0.07), 0.35), 0.2 + 0.8 * near)
    if craft.theme.has("snow"):
        body = mix(body, p.horizon, 0.22)
    top = float(ground.min()) - size
    color = _vertical(
        canvas, body, mix(body, p.horizon, 0.42 * (1 - near) + 0.06), top, float(ground.max()) + 0.04
    )
    canvas.pixels += mask[..., None] * (color - canvas.pixels)


def wood(craft: Craft, canvas: Canvas) -> None:
    """Inside a wood: trunks in depth, a glowing clearing, beams of light, a soft floor."""
    rng = craft.chance.of("wood")
    _clearing(craft, canvas, rng)
    _floor(craft, canvas, rng)
    for layer in range(4):
        _trunks(craft, canvas, rng, layer / 3)
        if layer == 2:
            _beams(craft, canvas, rng)
    _canopy(craft, canvas, rng)


def lone_tree(craft: Craft, canvas: Canvas) -> None:
    """A branching tree with a round crown at one side of the foreground."""
    rng = craft.chance.of("tree")
    x = craft.aspect * (
        rng.uniform(0.14, 0.28) if craft.light_x > craft.aspect / 2 else rng.uniform(0.72, 0.86)
    )
    foot, height = rng.uniform(0.9, 0.97), rng.uniform(0.40, 0.55)
    tips: list[tuple[float, float]] = []
    p = craft.palette
    bark = canvas.mask(
        lambda pen: _branch(pen, rng, x, foot, -math.pi / 2, height * 0.36, height * 0.05, 6, tips)
    )
    canvas.cover(bark, mix(p.near, (0.12, 0.07, 0.05), 0.5))
    leaf = np.array((0.80, 0.36, 0.10) if craft.theme.has("autumn") else (0.30, 0.46, 0.16), np.float32)
    leaf = mix(leaf, p.near, 0.7 if craft.dark else 0.25)
    for share in (0.0, 0.35, 0.75):
        rng = craft.chance.of(f"leaf{share}")
        draw = partial(_leaves, rng=rng, tips=tips, shift=-0.012 * share, share=1 - 0.45 * share)
        blobs = canvas.mask(draw)
        canvas.cover(blobs * 0.92, mix(leaf * 0.62, mix(leaf * 1.25, p.sun, 0.30), share))


def _conifer(pen: Pen, rng: Rng, x: float, foot: float, height: float) -> None:
    width = height * rng.uniform(0.17, 0.23)
    left, right = [], []
    tiers = 7
    for tier in range(tiers):
        t = (tier + 1) / tiers
        y = foot - height * (1 - t)
        reach = width * t * rng.uniform(0.85, 1.15)
        left += [(x - reach, y), (x - reach * 0.55, y - height * 0.015)]
        right += [(x + reach, y), (x + reach * 0.55, y - height * 0.015)]
    pen.polygon([(x, foot - height), *left, *reversed(right)])


def _branch(
    pen: Pen,
    rng: Rng,
    x: float,
    y: float,
    angle: float,
    length: float,
    width: float,
    depth: int,
    tips: list[tuple[float, float]],
) -> None:
    x2, y2 = x + math.cos(angle) * length, y + math.sin(angle) * length
    pen.line([(x, y), (x2, y2)], max(width, 0.002))
    if depth <= 3:
        tips.append((x2, y2))
    if depth:
        for turn in (-1, 1):
            bend = angle + turn * rng.uniform(0.25, 0.62)
            _branch(pen, rng, x2, y2, bend, length * rng.uniform(0.64, 0.82), width * 0.62, depth - 1, tips)


def _leaves(pen: Pen, rng: Rng, tips: list[tuple[float, float]], shift: float, share: float) -> None:
    for x, y in tips:
        if rng.random() < share:
            size = rng.uniform(0.010, 0.026)
            pen.ellipse(x + rng.normal(0, 0.012) + shift, y + rng.normal(0, 0.010) + shift, size, size * 0.8)


def _clearing(craft: Craft, canvas: Canvas, rng: Rng) -> None:
    p = craft.palette
    leaf = (0.70, 0.45, 0.12) if craft.theme.has("autumn") else (0.36, 0.52, 0.24)
    deep = mix(mix(p.near, leaf, 0.22), p.upper, 0.25)
    bright = mix(mix(p.horizon, p.sun, 0.5), leaf, 0.18)
    glow = canvas.glow(craft.light_x, 0.46, 0.48, 1.5)
    foliage = field(rng, canvas, 7, 5)
    amount = np.clip(glow * 1.15 + (foliage - 0.5) * 0.55, 0, 1)[..., None]
    canvas.pixels[:] = deep + (bright - deep) * amount * (0.7 if craft.dark else 1.0)


def _trunks(craft: Craft, canvas: Canvas, rng: Rng, near: float) -> None:
    p = craft.palette
    count = max(3, int((13 - 9 * near) * craft.aspect))
    foot = 0.665 + 0.24 * near

    def stand(pen: Pen) -> None:
        for i in range(count):
            x = (i + rng.uniform(0.1, 0.9)) / count * craft.aspect
            if near > 0.6 and abs(x - craft.light_x) < 0.14:
                continue
            width = (0.006 + 0.034 * near**1.6) * rng.uniform(0.7, 1.3)
            lean, end = rng.normal(0, 0.02), foot + rng.uniform(-0.02, 0.04)
            pen.polygon(
                [(x - width * 1.7, end), (x - width * 0.8, end - 0.08), (x - width * 0.55 + lean, -0.02),
                 (x + width * 0.55 + lean, -0.02), (x + width * 0.8, end - 0.08), (x + width * 1.7, end)]
            )  # fmt: skip
            if rng.random() < 0.6:
                y, side = rng.uniform(0.15, 0.5), rng.choice([-1, 1])
                pen.line([(x, y), (x + side * 0.09, y - 0.05), (x + side * 0.16, y - 0.06)], width * 0.5)

    mask = canvas.mask(stand)
    bark = mix(mix(p.horizon, p.far, 0.5), mix(p.near, (0.10, 0.07, 0.05), 0.4), 0.25 + 0.75 * near**0.7)
    toward = np.clip(np.roll(mask, 2 if craft.light_x > craft.aspect / 2 else -2, 1) * -1 + mask, 0, 1)
    canvas.cover(mask, bark)
    canvas.light(toward * np.float32(0.20), p.sun)


def _beams(craft: Craft, canvas: Canvas, rng: Rng) -> None:
    x0, y0 = craft.light_x, -0.25
    angle = np.arctan2(canvas.x - x0, canvas.y - y0)
    shafts = ridges(rng, np.asarray((angle + 3.2).ravel(), np.float32), 5.5, 3).reshape(angle.shape)
    reach = np.clip(1.15 - canvas.y, 0, 1) * np.exp(-((angle / 0.5) ** 2))
    amount = np.clip((shafts - 0.45) * 2.4, 0, 1) * reach * (0.22 if craft.dark else 0.42)
    canvas.light(np.asarray(amount, np.float32), mix(craft.palette.sun, craft.palette.horizon, 0.4))


def _floor(craft: Craft, canvas: Canvas, rng: Rng) -> None:
    p = craft.palette
    leaf = np.array((0.50, 0.26, 0.08) if craft.theme.has("autumn") else (0.16, 0.26, 0.11), np.float32)
    if craft.theme.has("snow"):
        leaf = np.array((0.62, 0.68, 0.78), np.float32)
    texture = field(rng, canvas, 26, 4, stretch=3)
    line = 0.62 + 0.05 * (field(rng, canvas, 3, 3) - 0.5)
    lit = np.exp(-(((canvas.x - craft.light_x) / (0.10 + 0.5 * np.clip(canvas.y - 0.66, 0, 1))) ** 2)) * (
        1.3 - canvas.y
    )
    color = leaf * (0.45 + 0.9 * texture)[..., None] * (0.6 if craft.dark else 1.0)
    color = color + np.clip(lit, 0, 1)[..., None] * (mix(leaf, p.sun, 0.6) - color) * 0.75
    mask = np.clip((canvas.y - line) * 9, 0, 1)
    canvas.pixels += mask[..., None] * (np.asarray(color, np.float32) - canvas.pixels)


def _canopy(craft: Craft, canvas: Canvas, rng: Rng) -> None:
    leaves = field(rng, canvas, 9, 6, fade=0.72)
    amount = np.clip((leaves - 0.40 - canvas.y * 1.0) * 7, 0, 1)
    side = np.clip(np.abs(canvas.x / craft.aspect - 0.5) * 2 - 0.62, 0, 1) * np.clip(1 - canvas.y * 1.4, 0, 1)
    amount = np.clip(amount + np.clip((leaves - 0.6 + side * 1.5) * 8, 0, 1) * (side > 0), 0, 1)
    dark = mix(
        craft.palette.near, (0.34, 0.16, 0.04) if craft.theme.has("autumn") else (0.06, 0.13, 0.05), 0.6
    )
    canvas.cover(np.asarray(soften(np.asarray(amount, np.float32), 0.8) * 0.95, np.float32), dark)


def _vertical(canvas: Canvas, top_color: Array, low_color: Array, top: float, bottom: float) -> Array:
    t = np.clip((canvas.y - top) / max(bottom - top, 1e-3), 0, 1)[..., None]
    return np.asarray(top_color + (low_color - top_color) * t, np.float32)
