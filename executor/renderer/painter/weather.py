"""What falls or drifts between us and the view: rain, snow, fog."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Pen, soften
from .craft import Craft
from .noise import field
from .palette import mix


def rain(craft: Craft, canvas: Canvas) -> None:
    """Slanted streaks in three depths, and greyer air."""
    p, rng = craft.palette, craft.chance.of("rain")
    veil = np.full((canvas.height, canvas.width), 0.16, np.float32)
    canvas.cover(veil, mix(p.far, p.horizon, 0.4))
    slant = rng.uniform(-0.22, 0.22)

    def streaks(pen: Pen) -> None:
        for _ in range(int(420 * craft.aspect)):
            near = rng.random() ** 2
            x, y, length = rng.uniform(-0.1, craft.aspect + 0.1), rng.uniform(-0.1, 1), 0.02 + 0.07 * near
            pen.line([(x, y), (x + slant * length, y + length)], 0.0009 + 0.0013 * near, 0.18 + 0.42 * near)

    canvas.light(canvas.mask(streaks) * np.float32(0.5), mix(p.horizon, (0.85, 0.9, 1.0), 0.5))


def snow(craft: Craft, canvas: Canvas) -> None:
    """Flakes: many small and sharp, a few large and out of focus."""
    rng = craft.chance.of("snow")
    for count, low, high, blur, strength in (
        (420, 0.0010, 0.0026, 0.0, 0.75),
        (60, 0.004, 0.009, 0.003, 0.6),
    ):

        def flakes(pen: Pen, count: int = count, low: float = low, high: float = high) -> None:
            for _ in range(int(count * craft.aspect)):
                pen.ellipse(
                    rng.random() * craft.aspect,
                    rng.random(),
                    rng.uniform(low, high),
                    ink=rng.uniform(0.4, 1.0),
                )

        canvas.cover(np.clip(canvas.mask(flakes, blur) * np.float32(strength), 0, 1), (0.97, 0.98, 1.0))


def fog(craft: Craft, canvas: Canvas) -> None:
    """Drifting banks, thickest around the horizon."""
    p, rng = craft.palette, craft.chance.of("fog")
    banks = field(rng, canvas, 2.4, 4, stretch=3.5)
    amount = 0.10 + 0.72 * np.exp(-(((canvas.y - craft.horizon) / 0.26) ** 2)) * np.clip(
        banks * 1.5 - 0.15, 0, 1
    )
    canvas.cover(np.asarray(np.clip(amount, 0, 0.72), np.float32), mix(p.horizon, p.upper, 0.2))


def dream(craft: Craft, canvas: Canvas) -> None:
    """A soft focus that lifts the whole picture."""
    soft = soften(canvas.pixels, canvas.height * 0.012)
    canvas.pixels[:] = (
        canvas.pixels * 0.55
        + (1 - (1 - np.clip(soft, 0, 1)) * (1 - np.clip(canvas.pixels, 0, 1) * 0.5)) * 0.45
    )
