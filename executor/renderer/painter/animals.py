"""A sitting cat and a sitting dog, with a soft light on their fur."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import field
from .palette import mix

Points = list[tuple[float, float]]


def cat(craft: Craft, canvas: Canvas) -> None:
    x, y, s = _place(craft)
    coat = _coat(craft, "cat", ("#d98a3c", "#6d6a6b", "#2a2629", "#e8d8bf", "#9a7350"))
    tail = [
        (0.62, 1.92),
        (1.25, 1.86),
        (1.42, 1.45),
        (1.20, 1.10),
        (1.36, 1.02),
        (1.66, 1.42),
        (1.45, 2.02),
        (0.7, 2.14),
    ]
    body = [
        (0, 0.35),
        (0.50, 0.62),
        (0.74, 1.35),
        (0.80, 1.95),
        (0.5, 2.12),
        (0, 2.10),
        (-0.5, 2.12),
        (-0.80, 1.95),
        (-0.74, 1.35),
        (-0.50, 0.62),
    ]
    head = [
        (0, -0.52),
        (0.36, -0.46),
        (0.62, -0.14),
        (0.60, 0.22),
        (0.34, 0.46),
        (0, 0.53),
        (-0.34, 0.46),
        (-0.60, 0.22),
        (-0.62, -0.14),
        (-0.36, -0.46),
    ]
    for shape in (tail, body):
        _fur(craft, canvas, _scaled(shape, x, y, s), coat, x, s)
    _chest(craft, canvas, x, y + 1.15 * s, s, coat)
    _ears(canvas, x, y, s, coat)
    _fur(craft, canvas, _scaled(head, x, y, s), coat, x, s)
    canvas.draw(lambda pen: _cat_face(pen, x, y, s, coat, craft))


def dog(craft: Craft, canvas: Canvas) -> None:
    x, y, s = _place(craft)
    coat = _coat(craft, "dog", ("#c98f4e", "#8a5a34", "#e6d3b3", "#4a3a30", "#b06a34"))
    tail = [(0.6, 1.8), (1.1, 1.5), (1.3, 1.1), (1.42, 1.16), (1.3, 1.7), (0.75, 2.05)]
    body = [
        (0, 0.3),
        (0.56, 0.55),
        (0.74, 1.2),
        (0.86, 1.9),
        (0.6, 2.12),
        (0, 2.08),
        (-0.6, 2.12),
        (-0.86, 1.9),
        (-0.74, 1.2),
        (-0.56, 0.55),
    ]
    head = [
        (0, -0.58),
        (0.40, -0.50),
        (0.58, -0.15),
        (0.48, 0.25),
        (0.30, 0.52),
        (0, 0.60),
        (-0.30, 0.52),
        (-0.48, 0.25),
        (-0.58, -0.15),
        (-0.40, -0.50),
    ]
    ear = [(0.34, -0.50), (0.66, -0.46), (0.86, 0.0), (0.80, 0.42), (0.60, 0.44), (0.50, 0.0)]
    for shape in (tail, body):
        _fur(craft, canvas, _scaled(shape, x, y, s), coat, x, s)
    _chest(craft, canvas, x, y + 1.1 * s, s, coat)
    _fur(craft, canvas, _scaled(head, x, y, s), coat, x, s)
    for side in (-1, 1):
        _fur(craft, canvas, _scaled([(u * side, v) for u, v in ear], x, y, s), coat * 0.68, x, s)
    canvas.draw(lambda pen: _dog_face(pen, x, y, s, coat))


def ground_shadow(craft: Craft, canvas: Canvas) -> None:
    x, y, s = _place(craft)
    spot = np.exp(-(((canvas.x - x) / (1.3 * s)) ** 2 + ((canvas.y - y - 2.08 * s) / (0.16 * s)) ** 2))
    canvas.shade(np.asarray(spot * 0.55, np.float32))


def _place(craft: Craft) -> tuple[float, float, float]:
    rng = craft.chance.of("animal")
    size = min(0.19, 0.2 * craft.aspect)
    return craft.aspect * rng.uniform(0.42, 0.58), 0.95 - 2.1 * size, size


def _coat(craft: Craft, tag: str, coats: tuple[str, ...]) -> Array:
    said = craft.theme.colors.get(tag)
    text = str(craft.chance.of("coat").choice(coats))
    color = (
        np.array(said, np.float32)
        if said
        else np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    )
    return mix(color, craft.palette.horizon, 0.10) * (0.6 if craft.dark else 1.0)


def _scaled(points: Points, x: float, y: float, s: float) -> Points:
    return [(x + u * s, y + v * s) for u, v in points]


def _fur(craft: Craft, canvas: Canvas, outline: Points, coat: Array, x: float, s: float) -> None:
    mask = canvas.mask(lambda pen: pen.curve(outline))
    hairs = field(craft.chance.of("fur"), canvas, 60, 2, stretch=0.35)
    side = 1.0 if craft.light_x > x else -1.0
    top, bottom = min(p[1] for p in outline), max(p[1] for p in outline)
    light = (
        0.5
        + 0.40 * side * (canvas.x - x) / s
        - 0.30 * ((canvas.y - top) / (bottom - top) - 0.5)
        + (hairs - 0.5) * 0.5
    )
    dark, bright = (
        mix(coat * 0.45, craft.palette.upper, 0.18),
        np.clip(mix(coat * 1.12, craft.palette.sun, 0.18), 0, 1),
    )
    tone = dark + (bright - dark) * np.clip(light, 0, 1)[..., None]
    canvas.pixels += mask[..., None] * (tone - canvas.pixels)
    step = max(1, round(canvas.height * 0.008))
    rim = (
        np.clip(mask - np.roll(mask, -step if side > 0 else step, 1), 0, 1)
        + np.clip(mask - np.roll(mask, step, 0), 0, 1) * 0.6
    )
    canvas.light(np.asarray(rim * mask * 0.35, np.float32), craft.palette.sun)


def _chest(craft: Craft, canvas: Canvas, x: float, y: float, s: float, coat: Array) -> None:
    patch = np.exp(-(((canvas.x - x) / (0.30 * s)) ** 2 + ((canvas.y - y) / (0.55 * s)) ** 2))
    canvas.cover(
        np.asarray(patch * 0.5, np.float32), mix(coat, (1, 0.97, 0.92), 0.55) * (0.7 if craft.dark else 1.0)
    )
    legs = np.exp(-(((np.abs(canvas.x - x) - 0.02 * s) / (0.03 * s)) ** 2)) * np.clip(
        (canvas.y - y - 0.15 * s) / (0.3 * s), 0, 1
    )
    legs *= np.clip((y + 0.98 * s - canvas.y) / (0.05 * s), 0, 1)
    canvas.shade(np.asarray(legs * 0.35, np.float32))


def _ears(canvas: Canvas, x: float, y: float, s: float, coat: Array) -> None:
    def ears(pen: Pen) -> None:
        for side in (-1, 1):
            pen.polygon(
                _scaled([(side * 0.16, -0.42), (side * 0.52, -0.92), (side * 0.62, -0.10)], x, y, s),
                (*coat * 0.85, 1.0),
            )
            pen.polygon(
                _scaled([(side * 0.27, -0.42), (side * 0.49, -0.76), (side * 0.55, -0.22)], x, y, s),
                (*mix(coat, (0.95, 0.55, 0.55), 0.5), 1.0),
            )

    canvas.draw(ears)


def _cat_face(pen: Pen, x: float, y: float, s: float, coat: Array, craft: Craft) -> None:
    iris = (0.45, 0.85, 0.35, 1.0) if craft.chance.of("iris").random() < 0.5 else (0.98, 0.76, 0.22, 1.0)
    ink, muzzle = (0.10, 0.07, 0.08, 1.0), (*mix(coat, (1, 0.97, 0.93), 0.65), 0.9)
    for side in (-1, 1):
        pen.ellipse(x + side * 0.12 * s, y + 0.22 * s, 0.15 * s, 0.12 * s, muzzle)
        pen.ellipse(x + side * 0.26 * s, y - 0.03 * s, 0.135 * s, 0.125 * s, ink)
        pen.ellipse(x + side * 0.26 * s, y - 0.03 * s, 0.115 * s, 0.105 * s, iris)
        pen.ellipse(x + side * 0.26 * s, y - 0.03 * s, 0.045 * s, 0.098 * s, ink)
        pen.ellipse(x + side * 0.26 * s + 0.03 * s, y - 0.075 * s, 0.028 * s, ink=(1.0, 1.0, 1.0, 0.95))
        for k in (-1, 0, 1):
            start = (x + side * 0.16 * s, y + (0.22 + 0.03 * k) * s)
            pen.line(
                [start, (x + side * 0.78 * s, y + (0.18 + 0.12 * k) * s)], 0.010 * s, (0.95, 0.95, 0.93, 0.7)
            )
    for u in (-0.14, 0, 0.14):
        pen.line([(x + u * s, y - 0.44 * s), (x + u * 0.7 * s, y - 0.24 * s)], 0.05 * s, (*coat * 0.55, 0.8))
    pen.polygon(_scaled([(-0.07, 0.12), (0.07, 0.12), (0, 0.20)], x, y, s), (0.86, 0.48, 0.48, 1.0))
    pen.line(
        _scaled([(-0.12, 0.29), (-0.05, 0.30), (0, 0.20), (0.05, 0.30), (0.12, 0.29)], x, y, s), 0.02 * s, ink
    )


def _dog_face(pen: Pen, x: float, y: float, s: float, coat: Array) -> None:
    ink = (0.09, 0.06, 0.06, 1.0)
    pale = mix(coat, (1, 0.96, 0.9), 0.6)
    pen.ellipse(x, y + 0.30 * s, 0.27 * s, 0.24 * s, (*pale, 0.95))
    pen.curve(_scaled([(-0.07, -0.5), (0.07, -0.5), (0.09, 0.1), (-0.09, 0.1)], x, y, s), (*pale, 0.8))
    for side in (-1, 1):
        pen.ellipse(x + side * 0.22 * s, y - 0.08 * s, 0.085 * s, 0.095 * s, ink)
        pen.ellipse(x + side * 0.22 * s + 0.025 * s, y - 0.115 * s, 0.026 * s, ink=(1.0, 1.0, 1.0, 0.95))
    pen.curve(
        _scaled([(0, 0.42), (0.09, 0.44), (0.08, 0.62), (0, 0.68), (-0.08, 0.62), (-0.09, 0.44)], x, y, s),
        (0.90, 0.42, 0.44, 1.0),
    )
    pen.line(
        _scaled([(-0.17, 0.38), (-0.07, 0.43), (0, 0.37), (0.07, 0.43), (0.17, 0.38)], x, y, s),
        0.024 * s,
        ink,
    )
    pen.ellipse(x, y + 0.19 * s, 0.105 * s, 0.075 * s, ink)
    pen.ellipse(x - 0.025 * s, y + 0.165 * s, 0.030 * s, 0.016 * s, (1.0, 1.0, 1.0, 0.55))
