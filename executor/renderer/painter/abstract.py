"""A harmonious picture of nothing in particular, for words the painter does not know."""

from __future__ import annotations

from collections.abc import Callable

from .canvas import Canvas
from .noise import Chance, field


def abstract_strokes(chance: Chance) -> list[Callable[[Canvas], None]]:
    def base(canvas: Canvas) -> None:
        rng = chance.of("base")
        a, b = rng.random(3), rng.random(3)
        canvas.gradient([(0, a), (1, b)])

    def veil(canvas: Canvas) -> None:
        rng = chance.of("veil")
        canvas.cover(field(rng, canvas, 3), rng.random(3))

    return [base, veil]
