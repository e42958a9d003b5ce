"""How it is painted: styles that were named, and the restyling of a source picture (image to image)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import PIL.Image
from PIL import ImageFilter

from .canvas import Array, Canvas, scale, soften
from .craft import Craft
from .noise import field
from .palette import mix

Step = Callable[[Craft, Canvas], None]
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def style_steps(craft: Craft) -> list[Step]:
    """One stroke for each style in the words."""
    return [_STYLES[tag] for tag in craft.theme.tags if tag in _STYLES]


def restyle(
    craft: Craft, source: Array, denoise: float, weather: list[Step]
) -> list[Callable[[Canvas], None]]:
    """Lay the source down, then paint over it: looser brushwork, the palette's light, the words' weather and style.

    The more `denoise` (0..1), the more of it; the picture underneath stays recognisable.
    """
    steps: list[Callable[[Canvas], None]] = [
        partial(_lay, source),
        partial(_loosen, craft, denoise),
        partial(_light, craft, denoise),
    ]
    if denoise > 0:
        steps += [
            partial(_blended, partial(step, craft), min(1.0, denoise * 1.3))
            for step in [*weather, *style_steps(craft)]
        ]
    return steps


def watercolor(craft: Craft, canvas: Canvas) -> None:
    """Flowing washes, darker where they dried, on grainy paper."""
    _painterly(canvas, 0.006)
    rng = craft.chance.of("watercolor")
    paper, flow = field(rng, canvas, 90, 2), field(rng, canvas, 6, 4)
    edges = _edges(canvas)
    washed = canvas.pixels * 0.78 + 0.22
    washed = washed * (1 - 0.35 * edges)[..., None] + ((flow - 0.5) * 0.12 + (paper - 0.5) * 0.07)[..., None]
    border = (
        np.minimum.reduce(np.broadcast_arrays(canvas.x, craft.aspect - canvas.x, canvas.y, 1 - canvas.y))
        + (flow - 0.5) * 0.10
    )
    inside = np.clip((border - 0.015) * 40, 0, 1)[..., None]
    canvas.pixels[:] = np.clip(
        washed * inside + np.array((0.97, 0.955, 0.93), np.float32) * (1 - inside), 0, 1
    )


def oil(craft: Craft, canvas: Canvas) -> None:
    """Thick strokes that follow the forms, with light on their ridges."""
    _painterly(canvas, 0.010)
    light = canvas.pixels @ _LUMA
    angle = np.arctan2(
        np.gradient(soften(light, canvas.height * 0.02), axis=0),
        np.gradient(soften(light, canvas.height * 0.02), axis=1),
    )
    rng = craft.chance.of("oil")
    bristle = field(rng, canvas, 70, 2, stretch=4) * np.abs(np.sin(angle)) + field(
        rng, canvas, 70, 2, stretch=0.25
    ) * np.abs(np.cos(angle))
    canvas.pixels *= (0.86 + 0.28 * bristle)[..., None]
    grey = (canvas.pixels @ _LUMA)[..., None]
    canvas.pixels[:] = np.clip(grey + (canvas.pixels - grey) * 1.22, 0, 1)


def anime(craft: Craft, canvas: Canvas) -> None:
    """Clear colours, flat areas, clean lines."""
    _painterly(canvas, 0.004)
    grey = (canvas.pixels @ _LUMA)[..., None]
    vivid = np.clip(grey + (canvas.pixels - grey) * 1.3, 0, 1)
    steps = np.round(vivid * 9) / 9
    canvas.pixels[:] = (
        np.clip(vivid * 0.45 + steps * 0.55 + 0.02, 0, 1) * (1 - 0.5 * _edges(canvas))[..., None]
    )


def pixel(craft: Craft, canvas: Canvas) -> None:
    """Large square pixels in few colours."""
    rows = 112
    columns = max(1, round(rows * craft.aspect))
    small = scale(canvas.pixels, columns, rows, PIL.Image.Resampling.BOX)
    image = PIL.Image.fromarray((np.clip(small * 1.05, 0, 1) * 255).astype(np.uint8)).quantize(
        40, dither=PIL.Image.Dither.NONE
    )
    flat = np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
    canvas.pixels[:] = scale(flat, canvas.width, canvas.height, PIL.Image.Resampling.NEAREST)


def minimal(craft: Craft, canvas: Canvas) -> None:
    """A poster: few flat tones."""
    _painterly(canvas, 0.008)
    image = PIL.Image.fromarray((np.clip(canvas.pixels, 0, 1) * 255).astype(np.uint8)).quantize(
        12, dither=PIL.Image.Dither.NONE
    )
    canvas.pixels[:] = np.asarray(image.convert("RGB"), np.float32) / np.float32(255)


def pastel(craft: Craft, canvas: Canvas) -> None:
    """Light and milky."""
    grey = (canvas.pixels @ _LUMA)[..., None]
    canvas.pixels[:] = np.clip(0.26 + 0.76 * (grey + (canvas.pixels - grey) * 0.85) ** 0.85, 0, 1)


def mono(craft: Craft, canvas: Canvas) -> None:
    """Black and white with deep shadows."""
    grey = np.clip(canvas.pixels, 0, 1) @ np.array([0.34, 0.52, 0.14], np.float32)
    curved = np.tanh((grey - 0.46) * 2.6) * 0.56 + 0.5
    canvas.pixels[:] = np.clip(curved, 0, 1)[..., None]


def pencil(craft: Craft, canvas: Canvas) -> None:
    """Graphite on paper: lines and hatching."""
    grey = np.clip(canvas.pixels, 0, 1) @ _LUMA
    rng = craft.chance.of("pencil")
    hatch = 0.5 + 0.5 * np.sin((canvas.x + canvas.y) * 620 + (field(rng, canvas, 20, 2) - 0.5) * 14)
    tone = 0.96 - np.clip((0.75 - grey) * 1.1, 0, 1) * (0.30 + 0.55 * hatch)
    lines = 1 - 0.9 * _edges(canvas)
    paper = 0.95 + 0.10 * (field(rng, canvas, 110, 2) - 0.5)
    canvas.pixels[:] = np.clip(
        (tone * lines * paper)[..., None] * np.array((1.0, 0.985, 0.955), np.float32), 0, 1
    )


def vintage(craft: Craft, canvas: Canvas) -> None:
    """Faded, warm, a little sepia."""
    grey = (np.clip(canvas.pixels, 0, 1) @ _LUMA)[..., None]
    toned = grey * np.array((1.02, 0.88, 0.68), np.float32) + np.array((0.07, 0.045, 0.03), np.float32)
    canvas.pixels[:] = np.clip(canvas.pixels * 0.35 + toned * 0.65, 0, 1) * 0.94 + 0.03


def _lay(source: Array, canvas: Canvas) -> None:
    canvas.pixels[:] = scale(source, canvas.width, canvas.height, PIL.Image.Resampling.BICUBIC)


def _loosen(craft: Craft, denoise: float, canvas: Canvas) -> None:
    """Brushwork, coarser with more denoise; another seed gives other strokes."""
    if denoise <= 0:
        return
    before = canvas.pixels.copy()
    _painterly(canvas, 0.002 + 0.007 * denoise)
    rng = craft.chance.of("loosen")
    angle = rng.uniform(0.25, 4.0)
    bristle = field(rng, canvas, 60, 2, stretch=angle) - 0.5
    canvas.pixels *= (1 + bristle * 0.30 * denoise)[..., None]
    share = np.float32(min(1.0, 0.25 + denoise))
    canvas.pixels[:] = before + (canvas.pixels - before) * share


def _light(craft: Craft, denoise: float, canvas: Canvas) -> None:
    """Grade toward the palette: its shadows below, its sky in the middle, its sun on top."""
    p = craft.palette
    light = np.clip(canvas.pixels @ _LUMA, 0, 1)
    ramp = np.stack(
        [mix(p.near, p.zenith, 0.4), p.upper, mix(p.horizon, p.far, 0.2), mix(p.horizon, p.sun, 0.6)]
    )
    places = np.array([0.0, 0.35, 0.7, 1.0])
    toned = np.stack([np.interp(light, places, ramp[:, i]) for i in range(3)], axis=-1)
    own = toned @ _LUMA
    toned *= ((light * (0.75 if p.dark else 1.0) + 0.02) / (own + 0.02))[..., None] * 0.6 + 0.4
    said = bool(set(craft.theme.tags) | set(craft.theme.colors))
    share = np.float32((0.62 if said else 0.28) * denoise)
    canvas.pixels += share * (np.asarray(toned, np.float32) - canvas.pixels)
    glow = canvas.glow(craft.light_x, craft.light_y, 0.5, 1.6) * np.float32(
        0.16 * denoise * (1 if said else 0.4)
    )
    canvas.light(glow, p.sun)
    if p.dark:
        canvas.pixels *= np.float32(1 - 0.5 * denoise)
    np.clip(canvas.pixels, 0, 1, out=canvas.pixels)


def _blended(step: Callable[[Canvas], None], share: float, canvas: Canvas) -> None:
    before = canvas.pixels.copy()
    step(canvas)
    canvas.pixels[:] = before + (canvas.pixels - before) * np.float32(share)


def _painterly(canvas: Canvas, size: float) -> None:
    """Flatten details smaller than `size` heights into dabs of paint, edges kept."""
    radius = max(1, round(size * canvas.height / 2))
    image = PIL.Image.fromarray((np.clip(canvas.pixels, 0, 1) * 255).astype(np.uint8))
    factor = max(1, radius // 2)
    small = image.reduce(factor) if factor > 1 else image
    dabs = small.filter(ImageFilter.MedianFilter(5)).resize(image.size, PIL.Image.Resampling.BICUBIC)
    canvas.pixels[:] = np.asarray(dabs, np.float32) / np.float32(255)


def _edges(canvas: Canvas) -> Array:
    """Where neighbouring tones differ, 0..1."""
    light = soften(np.asarray(np.clip(canvas.pixels, 0, 1) @ _LUMA, np.float32), canvas.height / 900)
    down, across = np.gradient(light)
    return np.asarray(np.clip(np.hypot(down, across) * canvas.height / 90 * 1.6 - 0.05, 0, 1), np.float32)


_STYLES: dict[str, Step] = {
    "watercolor": watercolor,
    "oil": oil,
    "anime": anime,
    "pixel": pixel,
    "minimal": minimal,
    "pastel": pastel,
    "mono": mono,
    "pencil": pencil,
    "vintage": vintage,
}
