"""Things people make: a car, a house, a castle, a sailing boat, a lighthouse, a cube."""

from __future__ import annotations

import numpy as np

from .canvas import Array, Canvas, Pen
from .craft import Craft
from .noise import field
from .palette import mix

Points = list[tuple[float, float]]


def road(craft: Craft, canvas: Canvas) -> None:
    """Asphalt across the foot of the picture, with a verge."""
    p = craft.palette
    top = 0.80
    mask = np.clip((canvas.y - top) * canvas.height, 0, 1)
    t = np.clip((canvas.y - top) / (1 - top), 0, 1)[..., None]
    asphalt = mix((0.20, 0.20, 0.23), p.near, 0.45) * (0.6 if craft.dark else 1.0)
    shine = (
        np.exp(-(((canvas.x - craft.light_x) / 0.35) ** 2)) * np.exp(-(((canvas.y - top) / 0.12) ** 2)) * 0.4
    )
    canvas.pixels += mask[..., None] * (asphalt * (1.15 - 0.5 * t) - canvas.pixels)
    canvas.light(np.asarray(mask * shine, np.float32), p.horizon)

    def marks(pen: Pen) -> None:
        for i in range(int(craft.aspect * 5) + 2):
            x = i * 0.26 - 0.1
            pen.polygon(
                [(x, 0.952), (x + 0.13, 0.952), (x + 0.12, 0.962), (x - 0.01, 0.962)], (0.9, 0.85, 0.7, 0.55)
            )
        pen.box(0, top, craft.aspect, top + 0.006, (*p.near, 0.8))

    canvas.draw(marks)


def car(craft: Craft, canvas: Canvas) -> None:
    """A low sports car from the side, with lights on."""
    said = craft.theme.color("car")
    options = (
        (0.80, 0.10, 0.12),
        (0.10, 0.36, 0.75),
        (0.92, 0.70, 0.15),
        (0.88, 0.89, 0.90),
        (0.12, 0.50, 0.42),
    )
    color = np.array(said or options[int(craft.chance.of("car").integers(5))], np.float32)
    s = min(0.30, craft.aspect * 0.36)
    x, y = craft.aspect * 0.5, 0.865
    paint = color * (0.75 if craft.dark else 1.0)
    shadow = np.exp(-(((canvas.x - x) / (1.15 * s)) ** 2 + ((canvas.y - y - 0.045) / 0.02) ** 2))
    canvas.shade(np.asarray(shadow * 0.75, np.float32))
    _car_body(craft, canvas, x, y, s, paint)
    canvas.draw(lambda pen: _car_details(pen, x, y, s, paint, craft))
    canvas.draw(lambda pen: _car_lights(pen, x, y, s), light=2.6 if craft.dark else 1.0, spread=0.03)


def house(craft: Craft, canvas: Canvas) -> None:
    """A cottage with lit windows and smoke from its chimney."""
    rng = craft.chance.of("house")
    x, foot, s = craft.aspect * rng.uniform(0.36, 0.64), 0.86, 0.15
    said = craft.theme.colors.get("house")
    wall = mix(said if said else (0.86, 0.78, 0.66), craft.palette.horizon, 0.2) * (
        0.34 if craft.dark else 0.95
    )
    roof = mix(
        (0.45, 0.17, 0.13) if not craft.theme.has("snow") else (0.92, 0.94, 0.98), craft.palette.far, 0.25
    )
    roof = roof * (0.45 if craft.dark else 0.95)
    canvas.draw(lambda pen: _house_body(pen, x, foot, s, wall, roof))
    canvas.draw(lambda pen: _house_windows(pen, x, foot, s), light=1.5 if craft.dark else 0.5, spread=0.03)
    smoke = np.zeros((canvas.height, canvas.width), np.float32)
    for i in range(9):
        px, py, r = (
            x + s * 0.5 + 0.012 * i + 0.01 * np.sin(i * 1.4),
            foot - s * 1.75 - 0.022 * i,
            0.010 + 0.0042 * i,
        )
        smoke += np.exp(-(((canvas.x - px) / r) ** 2 + ((canvas.y - py) / r) ** 2)) * (0.26 - 0.022 * i)
    canvas.cover(
        np.clip(smoke, 0, 0.5), mix(craft.palette.horizon, (1, 1, 1), 0.4) * (0.5 if craft.dark else 1.0)
    )


def castle(craft: Craft, canvas: Canvas) -> None:
    """Towers with pointed roofs on a hill."""
    rng = craft.chance.of("castle")
    x, foot, s = craft.aspect * rng.uniform(0.4, 0.6), craft.horizon + 0.06, 0.20
    stone = mix(mix(craft.palette.far, (0.62, 0.57, 0.52), 0.45), craft.palette.near, 0.35) * (
        0.6 if craft.dark else 1.0
    )
    roof = mix(craft.palette.accent, craft.palette.near, 0.55)
    towers = [
        (-0.95, 0.95, 0.17),
        (0.9, 0.85, 0.17),
        (-0.42, 1.35, 0.15),
        (0.45, 1.2, 0.16),
        (0.02, 1.8, 0.2),
    ]
    _mound(craft, canvas, x, foot, s)

    def build(pen: Pen) -> None:
        pen.box(x - s, foot - 0.6 * s, x + s, foot + 0.02, (*stone * 0.85, 1.0))
        for u, h, w in towers:
            _tower(pen, x + u * s, foot, h * s, w * s, stone, roof)

    def windows(pen: Pen) -> None:
        for u, h, w in towers:
            for k in range(3):
                cy = foot - h * s * (0.35 + 0.22 * k)
                pen.box(
                    x + u * s - w * s * 0.16,
                    cy,
                    x + u * s + w * s * 0.16,
                    cy + 0.05 * s,
                    (1.0, 0.80, 0.42, 0.9),
                )

    canvas.draw(build)
    canvas.draw(windows, light=1.2 if craft.dark else 0.3, spread=0.015)


def boat(craft: Craft, canvas: Canvas) -> None:
    """A small sailing boat with its reflection."""
    rng = craft.chance.of("boat")
    x, y, s = craft.aspect * rng.uniform(0.3, 0.7), craft.horizon + 0.10, 0.11
    p = craft.palette
    said = craft.theme.colors.get("boat")
    sail = np.array(said, np.float32) if said else mix(p.sun, (1, 1, 1), 0.4) * (0.75 if craft.dark else 0.97)
    hull = mix(p.near, (0.30, 0.14, 0.08), 0.4)

    def ship(pen: Pen, flip: float, alpha: float) -> None:
        def at(points: Points) -> Points:
            return [(x + u * s, y + v * s * flip) for u, v in points]

        pen.curve(
            at([(-0.75, -0.02), (-0.55, 0.16), (0.5, 0.17), (0.86, -0.08), (0.0, -0.03)]), (*hull, alpha)
        )
        pen.line(at([(0, 0), (0, -1.85)]), s * 0.03, (*hull, alpha))
        pen.polygon(at([(0.05, -1.8), (0.05, -0.14), (0.75, -0.14), (0.52, -0.8)]), (*sail, alpha))
        pen.polygon(at([(-0.05, -1.65), (-0.05, -0.14), (-0.62, -0.14), (-0.4, -0.8)]), (*sail * 0.78, alpha))

    canvas.draw(lambda pen: ship(pen, -0.8, 0.28))
    canvas.draw(lambda pen: ship(pen, 1.0, 1.0))


def lighthouse(craft: Craft, canvas: Canvas) -> None:
    """A striped tower on a rock, with its beam at night."""
    x, foot, s = craft.aspect * 0.78, craft.horizon + 0.06, 0.30
    p = craft.palette
    dim = 0.55 if craft.dark else 1.0

    def tower(pen: Pen) -> None:
        pen.curve(
            [
                (x - 0.24, foot + 0.10),
                (x - 0.13, foot),
                (x, foot - 0.02),
                (x + 0.12, foot),
                (x + 0.3, foot + 0.1),
                (x, foot + 0.14),
            ],
            (*p.near, 1.0),
        )
        for i in range(6):
            a, b = 0.16 - 0.014 * i, 0.16 - 0.014 * (i + 1)
            y1, y0 = foot - s * i / 6, foot - s * (i + 1) / 6
            ink = np.array((0.80, 0.16, 0.15) if i % 2 else (0.93, 0.91, 0.88)) * dim
            pen.polygon([(x - a * s, y1), (x + a * s, y1), (x + b * s, y0), (x - b * s, y0)], (*ink, 1.0))
        pen.box(x - 0.07 * s, foot - s * 1.12, x + 0.07 * s, foot - s, (1.0, 0.92, 0.65, 1.0))
        pen.polygon(
            [(x - 0.1 * s, foot - s * 1.12), (x + 0.1 * s, foot - s * 1.12), (x, foot - s * 1.26)],
            (0.5 * dim, 0.1, 0.1, 1.0),
        )

    canvas.draw(tower)
    lamp = foot - s * 1.06
    beam = np.exp(
        -((((canvas.y - lamp) - (x - canvas.x) * 0.10) / (0.012 + 0.08 * np.clip(x - canvas.x, 0, 3))) ** 2)
    ) * (canvas.x < x)
    canvas.light(
        np.asarray(beam * np.exp(-(x - canvas.x) * 1.6) * (0.5 if craft.dark else 0.06), np.float32),
        (1.0, 0.93, 0.7),
    )
    canvas.light(canvas.glow(x, lamp, 0.03, 1.5) * np.float32(0.7), (1.0, 0.9, 0.6))


def cube(craft: Craft, canvas: Canvas) -> None:
    """A cube on a plain ground, with three lit faces and a soft shadow."""
    said = craft.theme.color("cube")
    color = np.array(said if said else craft.palette.accent, np.float32)
    x, y, s = craft.aspect * 0.5, 0.52, min(0.24, 0.3 * craft.aspect)
    backdrop = mix(craft.palette.horizon, (0.92, 0.92, 0.92), 0.35)
    canvas.gradient(
        [
            (0, mix(craft.palette.upper, backdrop, 0.5)),
            (0.62, backdrop),
            (0.64, backdrop * 0.88),
            (1, backdrop * 0.66),
        ]
    )
    shadow = np.exp(
        -(((canvas.x - x - 0.10) / (1.35 * s)) ** 2 + ((canvas.y - y - 0.98 * s) / (0.30 * s)) ** 2)
    )
    canvas.shade(np.asarray(shadow * 0.6, np.float32))
    a, b = 0.87 * s, 0.5 * s
    top = [(x, y - s), (x + a, y - b), (x, y), (x - a, y - b)]
    left = [(x - a, y - b), (x, y), (x, y + s), (x - a, y + b)]
    right = [(x + a, y - b), (x, y), (x, y + s), (x + a, y + b)]

    def faces(pen: Pen) -> None:
        for face, light in ((top, 1.25), (left, 0.9), (right, 0.58)):
            pen.polygon(face, (*np.clip(mix(color * light, (1, 1, 1), 0.10 if light > 1 else 0), 0, 1), 1.0))

    canvas.draw(faces)
    canvas.light(canvas.glow(x - 0.3 * s, y - 0.6 * s, 0.5 * s, 2.5) * np.float32(0.22), (1, 1, 1))


def _mound(craft: Craft, canvas: Canvas, x: float, foot: float, s: float) -> None:
    """The castle's hill, lit along its brow."""
    places = [
        (-3.4, 1.3),
        (-2.2, foot + 0.10),
        (-0.9, foot - 0.01),
        (0.9, foot - 0.01),
        (2.3, foot + 0.11),
        (3.5, 1.3),
    ]
    mask = canvas.mask(lambda pen: pen.curve([(x + u * s, v) for u, v in places]))
    grass = mix(craft.palette.near, (0.30, 0.38, 0.20), 0.2 if craft.dark else 0.55)
    texture = field(craft.chance.of("mound"), canvas, 18, 4, stretch=1.6)
    fall = np.clip((canvas.y - foot) * 2.2, 0, 1)
    tone = mix(grass, craft.palette.sun, 0.22) * (1.05 - 0.75 * fall + (texture - 0.5) * 0.7)[..., None]
    canvas.pixels += mask[..., None] * (np.asarray(tone, np.float32) - canvas.pixels)


def _car_body(craft: Craft, canvas: Canvas, x: float, y: float, s: float, paint: Array) -> None:
    body = [(-1.06, 0.03), (-1.08, -0.14), (-0.98, -0.30), (-0.62, -0.36), (-0.34, -0.62), (0.12, -0.64), (0.46, -0.38),
            (0.92, -0.28), (1.08, -0.14), (1.08, 0.03), (0.5, 0.07), (-0.5, 0.07)]  # fmt: skip
    mask = canvas.mask(lambda pen: pen.curve([(x + u * s, y + v * s) for u, v in body]))
    v = (canvas.y - y) / s
    tone = np.clip(0.55 - v * 0.9, 0.25, 1.1)[..., None]
    sheen = (np.exp(-(((v + 0.27) / 0.05) ** 2)) * 0.45 + np.exp(-(((v + 0.60) / 0.04) ** 2)) * 0.35)[
        ..., None
    ]
    color = paint * tone + sheen * (craft.palette.horizon - paint * tone)
    canvas.pixels += mask[..., None] * (color - canvas.pixels)


def _car_details(pen: Pen, x: float, y: float, s: float, paint: Array, craft: Craft) -> None:
    glass = (*mix(craft.palette.upper, (0.05, 0.06, 0.09), 0.6), 1.0)
    pen.curve(
        [(x + u * s, y + v * s) for u, v in ((-0.50, -0.37), (-0.29, -0.57), (-0.06, -0.58), (-0.06, -0.37))],
        glass,
    )
    pen.curve(
        [(x + u * s, y + v * s) for u, v in ((-0.01, -0.37), (-0.01, -0.58), (0.12, -0.57), (0.36, -0.37))],
        glass,
    )
    pen.line([(x - 0.98 * s, y - 0.20 * s), (x + 0.98 * s, y - 0.18 * s)], 0.012 * s, (*paint * 0.5, 0.8))
    pen.line([(x - 0.03 * s, y - 0.36 * s), (x - 0.05 * s, y + 0.02 * s)], 0.010 * s, (*paint * 0.45, 0.9))
    for wheel in (-0.64, 0.66):
        cx, cy = x + wheel * s, y + 0.04 * s
        for radius, ink in ((0.215, 0.02), (0.185, 0.07), (0.125, 0.55), (0.105, 0.30), (0.035, 0.7)):
            pen.ellipse(cx, cy, radius * s, ink=(ink, ink, ink * 1.05, 1.0))
        for k in range(5):
            a = k * 1.2566
            pen.line(
                [(cx, cy), (cx + 0.11 * s * np.cos(a), cy + 0.11 * s * np.sin(a))],
                0.025 * s,
                (0.72, 0.72, 0.75, 1.0),
            )


def _car_lights(pen: Pen, x: float, y: float, s: float) -> None:
    pen.curve(
        [(x + u * s, y + v * s) for u, v in ((0.94, -0.22), (1.05, -0.17), (1.06, -0.12), (0.95, -0.15))],
        (1.0, 0.96, 0.82, 1.0),
    )
    pen.curve(
        [(x + u * s, y + v * s) for u, v in ((-1.06, -0.22), (-0.97, -0.22), (-0.98, -0.16), (-1.06, -0.16))],
        (1.0, 0.14, 0.10, 1.0),
    )


def _house_body(pen: Pen, x: float, foot: float, s: float, wall: Array, roof: Array) -> None:
    pen.box(x - s, foot - 0.85 * s, x + s, foot, (*wall, 1.0))
    pen.box(x + s * 0.25, foot - 0.85 * s, x + s, foot, (*wall * 0.82, 1.0))
    pen.box(x + 0.40 * s, foot - 1.7 * s, x + 0.60 * s, foot - 1.0 * s, (*wall * 0.6, 1.0))
    pen.polygon(
        [
            (x - 1.22 * s, foot - 0.80 * s),
            (x - 0.75 * s, foot - 1.55 * s),
            (x + 0.75 * s, foot - 1.55 * s),
            (x + 1.22 * s, foot - 0.80 * s),
        ],
        (*roof, 1.0),
    )
    pen.polygon(
        [
            (x - 1.22 * s, foot - 0.80 * s),
            (x + 1.22 * s, foot - 0.80 * s),
            (x + 1.18 * s, foot - 0.86 * s),
            (x - 1.18 * s, foot - 0.86 * s),
        ],
        (*roof * 0.7, 1.0),
    )
    pen.box(x - 0.16 * s, foot - 0.52 * s, x + 0.14 * s, foot, (0.28, 0.16, 0.10, 1.0))


def _house_windows(pen: Pen, x: float, foot: float, s: float) -> None:
    for u in (-0.68, 0.52):
        pen.box(
            x + (u - 0.17) * s, foot - 0.60 * s, x + (u + 0.17) * s, foot - 0.26 * s, (1.0, 0.80, 0.45, 1.0)
        )
        pen.line(
            [(x + u * s, foot - 0.60 * s), (x + u * s, foot - 0.26 * s)], 0.022 * s, (0.30, 0.18, 0.10, 1.0)
        )
        pen.line(
            [(x + (u - 0.17) * s, foot - 0.43 * s), (x + (u + 0.17) * s, foot - 0.43 * s)],
            0.022 * s,
            (0.30, 0.18, 0.10, 1.0),
        )


def _tower(pen: Pen, x: float, foot: float, height: float, width: float, stone: Array, roof: Array) -> None:
    top = foot - height
    pen.box(x - width, top, x + width, foot + 0.02, (*stone, 1.0))
    pen.box(x + width * 0.25, top, x + width, foot + 0.02, (*stone * 0.72, 1.0))
    pen.box(x - width * 1.2, top - width * 0.3, x + width * 1.2, top + width * 0.25, (*stone * 0.9, 1.0))
    pen.polygon(
        [
            (x - width * 1.35, top - width * 0.3),
            (x + width * 1.35, top - width * 0.3),
            (x, top - width * 3.2),
        ],
        (*roof, 1.0),
    )
    pen.polygon(
        [(x + width * 0.3, top - width * 0.3), (x + width * 1.35, top - width * 0.3), (x, top - width * 3.2)],
        (*roof * 0.7, 1.0),
    )
