"""One sketch, painted stroke by stroke so that a sampler can show it growing and stop in between."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import PIL.Image

from .canvas import Array, Canvas, scale, soften
from .noise import Chance
from .scene import compose, recompose

#: Larger sketches are painted at this long side and enlarged.
LONGEST = 1536
_COARSE = 160

Stroke = Callable[[Canvas], None]


@dataclass(frozen=True)
class Brief:
    """All that a sketch depends on. `width` and `height` are pixels."""

    prompt: str
    negative: str
    model: str
    seed: int
    index: int
    width: int
    height: int


class Painting:
    """Grows with `advance`; `result` is the finished picture, float32 (height, width, 3) in 0..1.

    With a source picture and `denoise` below 1 the source is restyled by the words instead of painted anew.
    """

    def __init__(self, brief: Brief, source: Array | None = None, denoise: float = 1.0) -> None:
        self._brief = brief
        factor = min(1.0, LONGEST / max(brief.width, brief.height))
        aspect = brief.width / brief.height
        self._canvas = Canvas(
            max(1, round(brief.width * factor)), max(1, round(brief.height * factor)), aspect
        )
        self._strokes = self._plan(source, denoise, self._canvas)
        self._done = 0
        self._noise = Chance(brief.seed, brief.index).of("start").random((_COARSE, _COARSE, 3), np.float32)
        self._coarse = self._paint_coarse(source, denoise)

    def advance(self, share: float) -> None:
        """Paint until this share (0..1) of all strokes is done."""
        while self._done < min(1.0, share) * len(self._strokes) - 1e-9:
            self._strokes[self._done](self._canvas)
            self._done += 1

    def preview(self, share: float, longest: int) -> bytes:
        """A JPEG of how far it is: noise first, then a blur that clears up, the picture at last."""
        factor = min(1.0, longest / max(self._brief.width, self._brief.height))
        width, height = max(1, round(self._brief.width * factor)), max(1, round(self._brief.height * factor))
        shown = self._finished(width, height) if share >= 1 else self._emerging(share, width, height)
        body = io.BytesIO()
        _to_image(shown).save(body, "JPEG", quality=80)
        return body.getvalue()

    def result(self) -> Array:
        self.advance(1.0)
        done = np.clip(self._canvas.pixels, 0, 1)
        return np.clip(scale(done, self._brief.width, self._brief.height, PIL.Image.Resampling.BICUBIC), 0, 1)

    def _plan(self, source: Array | None, denoise: float, canvas: Canvas) -> list[Stroke]:
        chance = Chance(self._brief.prompt, self._brief.model, self._brief.seed, self._brief.index)
        prompt, negative = self._brief.prompt, self._brief.negative
        if source is None:
            return compose(prompt, negative, chance, canvas.aspect)
        return recompose(prompt, negative, chance, canvas.aspect, source, denoise)

    def _paint_coarse(self, source: Array | None, denoise: float) -> Array:
        factor = _COARSE / max(self._brief.width, self._brief.height)
        width, height = max(8, round(self._brief.width * factor)), max(8, round(self._brief.height * factor))
        small = Canvas(width, height, self._canvas.aspect)
        for stroke in self._plan(source, denoise, small):
            stroke(small)
        return np.clip(small.pixels, 0, 1)

    def _finished(self, width: int, height: int) -> Array:
        return scale(np.clip(self._canvas.pixels, 0, 1), width, height, PIL.Image.Resampling.BOX)

    def _emerging(self, share: float, width: int, height: int) -> Array:
        h, w = self._coarse.shape[:2]
        veil = np.float32((1 - share) ** 1.6)
        noise = scale(self._noise, w, h, PIL.Image.Resampling.NEAREST)
        picture = soften(self._coarse, 0.3 + 9 * (1 - share) ** 2)
        return scale(picture + (noise - picture) * veil * 0.85, width, height, PIL.Image.Resampling.BICUBIC)


def _to_image(picture: Array) -> PIL.Image.Image:
    return PIL.Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
