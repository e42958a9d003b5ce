"""From words to the list of strokes that make the picture."""

from __future__ import annotations

from collections.abc import Callable

from .abstract import abstract_strokes
from .canvas import Canvas
from .noise import Chance

Stroke = Callable[[Canvas], None]


def compose(prompt: str, negative: str, chance: Chance, aspect: float) -> list[Stroke]:
    """Strokes in the order they are painted, from the sky to the grain."""
    return abstract_strokes(chance)
