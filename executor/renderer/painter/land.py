"""Ground that recedes: mountain ranges, rolling hills, dunes."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas
from .craft import Craft
from .noise import Rng, field, ridges
from .palette import mix


def mountains(craft: Craft, canvas: Canvas) -> None:
    """Four ranges, paler with distance, with lit faces, mist at their feet and snow on the tall ones."""
    rng = craft.chance.of("mountains")
    relief = _relief(rng, canvas, 3.2, craft.light_x < craft.aspect / 2)
    peak = rng.uniform(0.25, 0.75) * craft.aspect
    for layer in range(4):
        near = layer / 3
        line = _range_line(rng, canvas, craft, layer, peak)
        _lay_range(craft, canvas, line, near, relief, snow=layer in (1, 2))


def hills(craft: Craft, canvas: Canvas) -> None:
    """Soft green (or dusky) hills down to the picture's foot."""
    rng = craft.chance.of("hills")
    texture = field(rng, canvas, 22, 4, stretch=2.5)
    for layer in range(4):
        near = (layer + 1) / 4
        top = craft.horizon + (0.98 - craft.horizon) * near**1.5 * 0.62
        line = top - 0.10 * (0.5 + 0.5 * near) * ridges(rng, canvas.x[0] + 3, 1.1 + 0.5 * layer, 3)
        _lay_hill(craft, canvas, line, near, texture)


def bank(craft: Craft, canvas: Canvas) -> None:
    """Solid ground at the picture's foot, for what cannot stand on water."""
    rng = craft.chance.of("bank")
    texture = field(rng, canvas, 22, 4, stretch=2.5)
    line = 0.82 - 0.05 * ridges(rng, canvas.x[0] + 3, 1.3, 3)
    _lay_hill(craft, canvas, line, 0.9, texture)


def dunes(craft: Craft, canvas: Canvas) -> None:
    """Dunes with a sharp crest between the lit and the shaded side, and ripples near by."""
    rng = craft.chance.of("dunes")
    sand = mix((0.86, 0.60, 0.36), craft.palette.horizon, 0.35) * (0.45 if craft.dark else 1.0)
    grainy = field(rng, canvas, 30, 3, stretch=3)
    for layer in range(5):
        near = layer / 4
        top = craft.horizon + (0.92 - craft.horizon) * near**1.2
        amplitude = 0.06 + 0.12 * near
        line = top - amplitude * ridges(rng, canvas.x[0] + 2, 1.4 - 0.5 * near, 3, sharp=0.6, fade=0.3)
        _lay_dune(craft, canvas, line, near, mix(mix(craft.palette.far, sand, 0.55), sand, near), grainy, rng)


def edge(canvas: Canvas, line: Array) -> Array:
    """A smooth-edged mask of everything below a line (heights by column)."""
    return np.clip((canvas.y - line[None, :]) * canvas.height + 0.5, 0, 1)


def _range_line(rng: Rng, canvas: Canvas, craft: Craft, layer: int, peak: float) -> Array:
    near = layer / 3
    base = craft.horizon + 0.02 + (0.94 - craft.horizon) * near**1.4 * 0.8
    height = (0.30, 0.36, 0.24, 0.14)[layer] * min(1.0, craft.horizon * 1.7)
    crest = ridges(rng, canvas.x[0] + 5 * layer, 1.5 + layer * 0.45, 7, sharp=0.8, fade=0.47)
    focus = np.exp(-(((canvas.x[0] - peak) / 0.36) ** 2)) if layer == 1 else 0
    return np.asarray(base - height * (crest * 1.15 - 0.25 + 0.5 * focus), np.float32)


def _lay_range(craft: Craft, canvas: Canvas, line: Array, near: float, relief: Array, snow: bool) -> None:
    p = craft.palette
    rows = canvas.rows(float(line.min()), 1)
    mask = edge(canvas, line)[rows]
    depth = canvas.y[rows] - line[None, :]
    body = mix(mix(p.far, p.horizon, 0.35), p.near, near**0.8 * 0.94)
    light = mix(body, p.sun, 0.50 - 0.36 * near) if not craft.dark else mix(body, p.horizon, 0.7)
    face = np.clip(relief[rows] * (1.1 - 0.5 * near) + 0.25, 0, 1)[..., None]
    color = body + (light - body) * face
    if snow and (craft.theme.has("snow") or not craft.theme.has("autumn", "garden")):
        reach = 0.05 + (0.14 if craft.theme.has("snow") else 0.05) + (relief[rows]) * 0.10
        cap = np.clip((reach - depth) * 26, 0, 1)[..., None] * np.float32(0.75)
        white = mix(p.horizon, p.sun, 0.75) * (0.6 if craft.dark else 1.0)
        color = color + cap * (mix(p.far, white, 0.45) + (white - mix(p.far, white, 0.45)) * face - color)
    mist = np.clip(depth * 3.6 - 0.25, 0, 0.62 * (1 - near) + 0.04)[..., None]
    color += mist * (mix(p.horizon, p.far, 0.25) - color)
    part = canvas.pixels[rows]
    part += mask[..., None] * (color - part)


def _lay_hill(craft: Craft, canvas: Canvas, line: Array, near: float, texture: Array) -> None:
    p = craft.palette
    rows = canvas.rows(float(line.min()), 1)
    green = mix((0.36, 0.55, 0.24), p.sun, 0.12)
    if craft.theme.has("autumn"):
        green = mix((0.72, 0.42, 0.14), p.sun, 0.12)
    if craft.theme.has("snow"):
        green = mix((0.86, 0.90, 0.98), p.horizon, 0.25)
    dim = 0.35 if craft.theme.has("snow") else 0.72
    green = mix(green, p.near, dim) if craft.dark else mix(green, p.near, 0.12)
    body = mix(mix(p.far, p.horizon, 0.3), green, 0.25 + 0.75 * near)
    depth = np.clip((canvas.y[rows] - line[None, :]) * 3.2, 0, 1)
    rim = np.exp(-np.clip((canvas.y[rows] - line[None, :]) * 30, 0, 20)) * 0.35
    shade = (1.06 - 0.5 * depth * near + (texture[rows] - 0.5) * 0.5 * near)[..., None]
    color = body * shade + rim[..., None] * (p.sun - body) * (0.25 if craft.dark else 0.7)
    part = canvas.pixels[rows]
    part += edge(canvas, line)[rows][..., None] * (color - part)


def _lay_dune(
    craft: Craft, canvas: Canvas, line: Array, near: float, sand: Array, grainy: Array, rng: Rng
) -> None:
    rows = canvas.rows(float(line.min()), 1)
    depth = canvas.y[rows] - line[None, :]
    toward = 1.0 if craft.light_x < craft.aspect / 2 else -1.0
    slope = _slope(canvas, line)
    fold = 0.16 * (ridges(rng, canvas.x[0] + 1, 2.2, 2) - 0.35)
    bend = (depth * (0.9 + near) + fold[None, :] * 0.5) * toward
    column = np.clip((canvas.x - bend) * canvas.width / craft.aspect, 0, canvas.width - 1).astype(np.intp)
    shadow = np.clip(slope[column] * toward * -4.5 + 0.42, 0, 1) * np.clip(
        (0.20 + fold[None, :] - depth) * 9, 0, 1
    )
    lit = mix(sand, craft.palette.sun, 0.40)
    dark = mix(sand * 0.62, craft.palette.upper, 0.22)
    ripple = np.sin(depth * 260 / (0.4 + near) + grainy[rows] * 16) * 0.045 * near
    color = lit + (dark - lit) * shadow[..., None]
    color *= (1 + ripple - 0.9 * np.clip(depth, 0, 0.5) * near + (grainy[rows] - 0.5) * 0.10)[..., None]
    part = canvas.pixels[rows]
    part += edge(canvas, line)[rows][..., None] * (np.asarray(color, np.float32) - part)


def _slope(canvas: Canvas, line: Array) -> Array:
    """How steeply a line rises, smoothed so that crests end softly."""
    width = max(1, canvas.width // 14)
    bell = np.hanning(width + 2)[1:-1]
    padded = np.pad(np.gradient(line) * canvas.width / canvas.aspect, width, mode="edge")
    return np.asarray(np.convolve(padded, bell / bell.sum(), "same")[width:-width], np.float32)


def _relief(rng: Rng, canvas: Canvas, cells: float, from_left: bool) -> Array:
    """How much a rocky surface faces the light, around 0."""
    height = 1 - np.abs(2 * field(rng, canvas, cells, 6, fade=0.6) - 1)
    step = max(1, round(canvas.height / 260))
    across = np.roll(height, -step if from_left else step, 1) - height
    down = np.roll(height, -step, 0) - height
    return np.asarray(np.tanh((across * 1.3 - down * 0.6) * canvas.height / step / 11), np.float32)
