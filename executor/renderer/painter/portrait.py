"""A stylised person: soft light, closed eyes, hair, shoulders; and a small figure for landscapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import Rng, field
from .palette import hsv, mix


@dataclass(frozen=True)
class Look:
    """Places and colours of one face. `x`, `y` are its middle, `size` half its height."""

    x: float
    y: float
    size: float
    skin: Array
    hair: Array
    cloth: Array
    long_hair: bool
    male: bool
    tilt: float

    def at(self, u: float, v: float) -> tuple[float, float]:
        """A place on the face, with u to the right and v down in half-heights."""
        return self.x + (u + self.tilt * -v * 0.12) * self.size, self.y + v * self.size


def backdrop(craft: Craft, canvas: Canvas) -> None:
    """A soft wash with lights out of focus."""
    p, rng = craft.palette, craft.chance.of("backdrop")
    wash = field(rng, canvas, 1.6, 3)
    glow = canvas.glow(craft.light_x, 0.30, 0.55, 1.3)
    amount = np.clip(wash * 0.55 + glow * 0.75 - 0.18, 0, 1)[..., None]
    canvas.pixels[:] = (
        mix(p.upper, p.near, 0.45) + (mix(p.horizon, p.sun, 0.2) - mix(p.upper, p.near, 0.45)) * amount
    )
    for _ in range(22):
        x, y, r = rng.random() * craft.aspect, rng.random() * 0.9, rng.uniform(0.012, 0.05)
        distance = np.sqrt((canvas.x - x) ** 2 + (canvas.y - y) ** 2)
        disc = np.clip((r - distance) * 90, 0, 1) * (0.6 + 0.4 * np.clip(distance / r, 0, 1) ** 4)
        ink = (p.accent, p.accent2, p.sun)[int(rng.integers(3))]
        canvas.light(np.asarray(disc * rng.uniform(0.05, 0.20), np.float32), ink)


def figure(craft: Craft, canvas: Canvas) -> None:
    """The person, from the hair behind to the strands in front."""
    rng = craft.chance.of("person")
    look = _look(craft, rng)
    _back_hair(canvas, look)
    _shade_shape(craft, canvas, look, _shoulders(look), look.cloth, 0.9)
    _shade_shape(craft, canvas, look, _neck(look), mix(look.skin * 0.80, craft.palette.near, 0.12), 0.5)
    _shade_shape(craft, canvas, look, _face(look), look.skin, 1.0)
    canvas.draw(lambda pen: _features(pen, look))
    _front_hair(craft, canvas, look, rng)


def wanderer(craft: Craft, canvas: Canvas) -> None:
    """A small figure seen from behind, looking at the view."""
    rng = craft.chance.of("wanderer")
    x, foot, h = rng.uniform(0.35, 0.65) * craft.aspect, 0.93, 0.17
    ink = (*mix(craft.palette.near, (0.05, 0.04, 0.06), 0.5), 1.0)
    cloth = craft.theme.colors.get("person")
    coat = (*(np.array(cloth) if cloth else mix(craft.palette.accent, craft.palette.near, 0.55)), 1.0)

    def stand(pen: Pen) -> None:
        pen.polygon([(x - h * 0.09, foot), (x - h * 0.08, foot - h * 0.5), (x + h * 0.08, foot - h * 0.5), (x + h * 0.1, foot),
                     (x + h * 0.03, foot), (x, foot - h * 0.36), (x - h * 0.03, foot)], ink)  # fmt: skip
        pen.curve([(x - h * 0.14, foot - h * 0.30), (x - h * 0.12, foot - h * 0.74), (x, foot - h * 0.82),
                   (x + h * 0.12, foot - h * 0.74), (x + h * 0.14, foot - h * 0.30)], coat)  # fmt: skip
        pen.ellipse(x, foot - h * 0.90, h * 0.075, h * 0.09, ink)

    canvas.draw(stand)


def _look(craft: Craft, rng: Rng) -> Look:
    skins = ("#f2c9ac", "#e3ad8a", "#c98d67", "#a06a47", "#7a4b32", "#f6d7c3")
    hairs = ("#1d1512", "#3b2418", "#6a3d20", "#a9713a", "#d9b36c", "#8a2f1c", "#20242f")
    skin, hair = (_hex(str(rng.choice(options))) for options in (skins, hairs))
    colors = craft.theme.colors
    said = colors.get("person") or (None if "hair" in colors else colors.get(""))
    if craft.theme.has("neon"):
        hair = mix(craft.palette.accent, hair, 0.35)
    said_hair = craft.theme.colors.get("hair")
    if said_hair:
        hair = mix(said_hair, hair, 0.25)
    cloth = np.array(said, np.float32) if said else hsv(rng.random(), 0.45, 0.5)
    ambient = mix((1, 1, 1), craft.palette.horizon, 0.14) * (0.86 if craft.dark else 1.04)
    male = craft.theme.has("male")
    long = bool(rng.random() < 0.75) and not male
    size = min(0.235, 0.30 * craft.aspect)
    x = craft.aspect * 0.5 + rng.normal(0, 0.02)
    return Look(
        x, 0.43, size, skin * ambient, hair * ambient, cloth * ambient, long, male, rng.uniform(-1, 1)
    )


def _hex(text: str) -> Array:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def _face(look: Look) -> list[tuple[float, float]]:
    half = [
        (0, -1.0),
        (0.42, -0.92),
        (0.69, -0.60),
        (0.745, -0.12),
        (0.69, 0.32),
        (0.50, 0.70),
        (0.22, 0.955),
        (0, 1.0),
    ]
    return [look.at(u, v) for u, v in half + [(-u, v) for u, v in reversed(half[1:-1])]]


def _neck(look: Look) -> list[tuple[float, float]]:
    points = [(-0.33, 0.5), (-0.34, 1.1), (-0.52, 1.52), (0.0, 1.75), (0.52, 1.52), (0.34, 1.1), (0.33, 0.5)]
    return [look.at(u, v) for u, v in points]


def _shoulders(look: Look) -> list[tuple[float, float]]:
    points = [(-0.46, 1.38), (-1.05, 1.56), (-1.58, 1.92), (-1.9, 2.8), (0, 3.1), (1.9, 2.8), (1.58, 1.92), (1.05, 1.56),
              (0.46, 1.38), (0, 1.62)]  # fmt: skip
    return [look.at(u, v) for u, v in points]


def _shade_shape(
    craft: Craft, canvas: Canvas, look: Look, outline: list[tuple[float, float]], color: Array, relief: float
) -> None:
    """Fill a shape with light from the side of the picture's light, a cool shadow and a bright rim."""
    mask = canvas.mask(lambda pen: pen.curve(outline))
    side = 1.0 if craft.light_x > look.x else -1.0
    u, v = (canvas.x - look.x) / look.size, (canvas.y - look.y) / look.size
    turn = np.clip(0.55 + side * u * 0.52 - v * 0.16, 0, 1) ** 0.9
    lit = np.clip(mix(color, craft.palette.sun, 0.22) * 1.08, 0, 1)
    shade = mix(color * np.array((0.68, 0.56, 0.54), np.float32), craft.palette.upper, 0.12)
    tone = shade + (lit - shade) * (1 - relief + relief * turn)[..., None]
    canvas.pixels += mask[..., None] * (tone - canvas.pixels)
    step = max(1, round(canvas.height * 0.006))
    rim = np.clip(mask - np.roll(mask, -step if side > 0 else step, 1), 0, 1)
    canvas.light(np.asarray(rim * mask * 0.35, np.float32), craft.palette.sun)


def _features(pen: Pen, look: Look) -> None:
    dark = mix(look.skin * 0.28, (0.10, 0.04, 0.05), 0.5)
    lip = mix(look.skin, (0.72, 0.20, 0.24), 0.22 if look.male else 0.52)
    s = look.size
    for side in (-1, 1):
        cheek = (*mix(look.skin, (0.95, 0.42, 0.38), 0.45), 0.16)
        for r in (0.20, 0.15, 0.10):
            pen.ellipse(*look.at(side * 0.42, 0.26), r * s, r * 0.75 * s, cheek)
        eye = [
            look.at(side * u, v)
            for u, v in ((0.17, -0.02), (0.25, 0.055), (0.36, 0.075), (0.47, 0.03), (0.53, -0.045))
        ]
        pen.line(eye, s * 0.034, (*dark, 1.0))
        lashes = (
            ()
            if look.male
            else (
                (0.27, 0.06, 0.0, 0.07),
                (0.36, 0.075, 0.03, 0.08),
                (0.45, 0.045, 0.06, 0.07),
                (0.52, -0.03, 0.08, 0.05),
            )
        )
        for u, v, du, dv in lashes:
            pen.line([look.at(side * u, v), look.at(side * (u + du), v + dv)], s * 0.016, (*dark, 0.9))
        brow = [look.at(side * u, v) for u, v in ((0.14, -0.24), (0.32, -0.31), (0.55, -0.22))]
        pen.line(brow, s * (0.062 if look.male else 0.036), (*mix(look.hair, dark, 0.4), 0.85))
    nose = (*look.skin * 0.68, 0.75)
    pen.line(
        [look.at(0.035, -0.06), look.at(0.06, 0.20), look.at(0.095, 0.31), look.at(0.02, 0.365)],
        s * 0.02,
        nose,
    )
    pen.curve(
        [
            look.at(u, v)
            for u, v in ((-0.21, 0.60), (-0.07, 0.555), (0, 0.572), (0.07, 0.555), (0.21, 0.60), (0, 0.63))
        ],
        (*lip * 0.82, 1.0),
    )
    pen.curve(
        [look.at(u, v) for u, v in ((-0.20, 0.602), (0, 0.618), (0.20, 0.602), (0.08, 0.70), (-0.08, 0.70))],
        (*lip, 1.0),
    )
    pen.line([look.at(-0.07, 0.655), look.at(0.05, 0.655)], s * 0.016, (*mix(lip, (1, 1, 1), 0.4), 0.5))


def _back_hair(canvas: Canvas, look: Look) -> None:
    low = 2.05 if look.long_hair else 0.25
    half = [
        (0, -1.30),
        (0.55, -1.22),
        (0.96, -0.80),
        (1.04 if look.long_hair else 0.86, 0.0),
        (1.08 if look.long_hair else 0.82, low * 0.6),
        (0.86 if look.long_hair else 0.7, low),
    ]
    points = [look.at(u, v) for u, v in half + [(-u, v) for u, v in reversed(half)]]
    mask = canvas.mask(lambda pen: pen.curve(points))
    canvas.cover(mask, look.hair * 0.62)


def _front_hair(craft: Craft, canvas: Canvas, look: Look, rng: Rng) -> None:
    """A parted fringe with strands that follow its fall."""
    part = rng.uniform(-0.35, 0.35)
    inner = (0.30, 0.95, 0.60) if look.long_hair else (-0.16, -0.05, -0.10)

    def lock(side: int, brow: tuple[float, float]) -> list[tuple[float, float]]:
        fall = [(0.72, inner[0]), (0.80, inner[1]), (1.02, inner[2]), (1.0, -0.5), (0.70, -1.10)]
        edge = [(0.42, -0.75), brow, *fall]
        return [look.at(part, -0.98), *(look.at(side * u, v) for u, v in edge), look.at(0.0, -1.31)]

    def locks(pen: Pen) -> None:
        pen.curve(lock(-1, (0.66, -0.32)))
        pen.curve(lock(1, (0.66, -0.28)))

    mask = canvas.mask(locks)
    u, v = (canvas.x - look.x) / look.size, (canvas.y - look.y) / look.size
    fall = np.sqrt((u - part * 0.3) ** 2 * 1.2 + (v + 0.2) ** 2)
    strands = 0.5 + 0.5 * np.sin(
        fall * 62 + np.arctan2(v + 1.2, u - part) * 34 + (field(rng, canvas, 5, 2) - 0.5) * 18
    )
    shine = np.exp(-(((v + 0.72 + 0.12 * u * u) / 0.16) ** 2)) * 0.5
    side = 1.0 if craft.light_x > look.x else -1.0
    light = np.clip(0.30 + 0.22 * side * u + 0.20 * strands + shine, 0, 1)[..., None]
    tone = look.hair * 0.55 + (mix(look.hair * 1.35, craft.palette.sun, 0.26) - look.hair * 0.55) * light
    canvas.pixels += mask[..., None] * (tone - canvas.pixels)
