"""A picture in the making. Places are given in heights: y runs 0..1 downward, x runs 0..aspect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL import ImageDraw

#: float32 where pixels are kept; sums on the way there may be float64.
Array = NDArray[Any]
Color = Array | Sequence[float]
Point = tuple[float, float]
Ink = float | Color

#: Shapes are drawn this much larger and reduced, so that their edges are smooth.
SUPERSAMPLING = 2


class Canvas:
    """`pixels` is float32 (height, width, 3); values above 1 are light that is still to be tone-mapped."""

    def __init__(self, width: int, height: int, aspect: float | None = None) -> None:
        """`aspect` is that of the finished picture, where this canvas is a small copy with rounded sides."""
        self.width, self.height = width, height
        self.aspect = aspect or width / height
        self.pixels: Array = np.zeros((height, width, 3), np.float32)
        self.y: Array = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None]
        self.x: Array = ((np.arange(width, dtype=np.float32) + 0.5) * np.float32(self.aspect / width))[
            None, :
        ]

    def rows(self, top: float, bottom: float) -> slice:
        """The rows between two heights."""
        return slice(max(0, int(top * self.height)), min(self.height, int(np.ceil(bottom * self.height))))

    def gradient(self, stops: Sequence[tuple[float, Color]], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill rows with a vertical run of colours; stops are (height, colour)."""
        rows = self.rows(top, bottom)
        places = [stop for stop, _ in stops]
        colors = np.array([np.asarray(color, np.float32) for _, color in stops])
        line = np.stack([np.interp(self.y[rows, 0], places, colors[:, i]) for i in range(3)], axis=-1)
        self.pixels[rows] = line[:, None, :].astype(np.float32)

    def cover(self, mask: Array, color: Color, rows: slice = slice(None)) -> None:
        """Paint a colour, or a picture, through a mask (0..1)."""
        part = self.pixels[rows]
        part += mask[..., None] * (np.asarray(color, np.float32) - part)

    def light(self, amount: Array, color: Color, rows: slice = slice(None)) -> None:
        """Add light of a colour."""
        self.pixels[rows] += amount[..., None] * np.asarray(color, np.float32)

    def shade(self, amount: Array, rows: slice = slice(None)) -> None:
        """Darken by a factor per pixel (0 leaves alone, 1 makes black)."""
        self.pixels[rows] *= (1 - amount)[..., None]

    def mask(self, draw: Callable[[Pen], None], blur: float = 0.0) -> Array:
        """A mask (0..1) of the shapes that `draw` makes; `blur` is in heights."""
        large = PIL.Image.new("L", (self.width * SUPERSAMPLING, self.height * SUPERSAMPLING))
        draw(Pen(large, self.height * SUPERSAMPLING))
        small = large.reduce(SUPERSAMPLING)
        done = np.asarray(small, np.float32) * np.float32(1 / 255)
        return soften(done, blur * self.height) if blur else done

    def draw(self, draw: Callable[[Pen], None], light: float = 0.0, spread: float = 0.02) -> None:
        """Lay coloured shapes over the picture; with `light` they also shine on what is around them."""
        # Ink is multiplied by its alpha when drawn; CMYK is Pillow's way to say "four channels, leave them alone".
        large = PIL.Image.new("CMYK", (self.width * SUPERSAMPLING, self.height * SUPERSAMPLING))
        draw(Pen(large, self.height * SUPERSAMPLING))
        box = large.getbbox()
        if box is None:
            return
        left, top, right, bottom = self._around(box, spread * 3.5 if light else 0.0)
        f = SUPERSAMPLING
        crop = large.crop((left * f, top * f, right * f, bottom * f))
        small = np.asarray(crop.reduce(SUPERSAMPLING), np.float32) * np.float32(1 / 255)
        color, alpha = small[..., :3], small[..., 3:]
        part = self.pixels[top:bottom, left:right]
        part *= 1 - alpha
        part += color
        if light:
            part += np.float32(light) * soften(color, spread * self.height)

    def _around(self, box: tuple[int, int, int, int], margin: float) -> tuple[int, int, int, int]:
        """A box of the enlarged drawing in pixels of this canvas, grown by a margin in heights."""
        grow, factor = int(margin * self.height), SUPERSAMPLING
        left, top = max(0, box[0] // factor - grow), max(0, box[1] // factor - grow)
        return (
            left,
            top,
            min(self.width, -(-box[2] // factor) + grow),
            min(self.height, -(-box[3] // factor) + grow),
        )

    def glow(self, x: float, y: float, radius: float, power: float = 2.0) -> Array:
        """Light that falls off from a point, 1 in its middle; `radius` is where it is about a half."""
        distance = ((self.x - x) ** 2 + (self.y - y) ** 2) * np.float32(1 / radius**2)
        return np.asarray((1 + distance) ** np.float32(-power), np.float32)


class Pen:
    """Draws shapes with places in heights; ink is a strength 0..1 in a mask, or a colour in a picture."""

    def __init__(self, image: PIL.Image.Image, scale: float) -> None:
        self._draw, self._scale = ImageDraw.Draw(image), scale

    def polygon(self, points: Sequence[Point], ink: Ink = 1.0) -> None:
        self._draw.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=_fill(ink))

    def curve(self, points: Sequence[Point], ink: Ink = 1.0) -> None:
        """A smooth closed shape through the points."""
        self.polygon(smooth_loop(points), ink)

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None, ink: Ink = 1.0) -> None:
        s, ry = self._scale, rx if ry is None else ry
        box = ((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s)
        self._draw.ellipse(box, fill=_fill(ink))

    def box(self, left: float, top: float, right: float, bottom: float, ink: Ink = 1.0) -> None:
        s = self._scale
        if right > left and bottom > top:
            self._draw.rectangle(
                (left * s, top * s, max(left * s, right * s - 1), max(top * s, bottom * s - 1)),
                fill=_fill(ink),
            )

    def line(self, points: Sequence[Point], width: float, ink: Ink = 1.0) -> None:
        s = self._scale
        scaled = [(x * s, y * s) for x, y in points]
        self._draw.line(scaled, fill=_fill(ink), width=max(1, round(width * s)), joint="curve")


def smooth_loop(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    p = np.asarray(points, np.float64)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (np.roll(p, shift, axis=0)[:, None, :] for shift in (1, 0, -1, -2))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]


def soften(field: Array, sigma: float) -> Array:
    """Blur by `sigma` pixels; wide blurs go through a smaller copy, which the eye cannot tell."""
    height, width = field.shape[:2]
    factor = max(1, int(sigma / 2))
    small = scale(field, max(1, width // factor), max(1, height // factor), PIL.Image.Resampling.BOX)
    from scipy.ndimage import gaussian_filter

    spread = sigma / factor
    blurred = gaussian_filter(
        small, (spread, spread, 0) if field.ndim == 3 else spread, mode="nearest", truncate=3
    )
    return scale(blurred, width, height, PIL.Image.Resampling.BICUBIC)


def scale(
    field: Array,
    width: int,
    height: int,
    how: PIL.Image.Resampling,
    box: tuple[float, float, float, float] | None = None,
) -> Array:
    """Resize a float field (height, width) or a picture (height, width, 3)."""
    if field.shape[:2] == (height, width) and box is None:
        return field
    if field.ndim == 3:
        return np.stack(
            [scale(field[..., i], width, height, how, box) for i in range(field.shape[2])], axis=-1
        )
    image = PIL.Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(image.resize((width, height), how, box), np.float32)


def _fill(ink: Ink) -> int | tuple[int, ...]:
    if isinstance(ink, float | int):
        return int(np.clip(ink, 0, 1) * 255)
    red, green, blue, alpha = (min(1.0, max(0.0, float(part))) for part in ink)
    return (int(red * alpha * 255), int(green * alpha * 255), int(blue * alpha * 255), int(alpha * 255))
