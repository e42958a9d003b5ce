"""Words on a picture: broken into lines, as large as wanted and as fits, with an outline that keeps them legible. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from .values import Image

POSITIONS = ("top", "center", "bottom", "top left", "top right", "bottom left", "bottom right")
_MARGIN = 0.05  # of the shorter side
_SMALLEST = 6  # pixels


@dataclass(frozen=True)
class Lettering:
    """What is written and how. `size` is percent of the picture's height, colours are 0..1."""

    text: str
    position: str = "bottom"
    size: float = 8.0
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    outline: bool = True
    opacity: float = 1.0


def write(image: Image, wanted: Lettering) -> Image:
    """The picture with the words on it. Raises ValueError when the font has no letters for them."""
    height, width = image.shape[1:3]
    _check(wanted.text)
    layer = np.asarray(_layer(width, height, wanted), np.float32) / np.float32(255)
    alpha = layer[..., 3:] * np.float32(wanted.opacity)
    return np.asarray(image[..., :3] * (1 - alpha) + layer[..., :3] * alpha, np.float32)


@lru_cache(maxsize=32)
def font(size: int) -> PIL.ImageFont.FreeTypeFont:
    """Roboto, for it has the letters of all of Europe."""
    with resources.as_file(resources.files("font_roboto") / "files" / "Roboto-Bold.ttf") as path:
        return PIL.ImageFont.truetype(str(path), size)


def lines(text: str, size: int, width: int) -> list[str]:
    """The text broken where a line would become wider than so many pixels; its own breaks are kept."""
    letters, found = font(size), []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and letters.getlength(longer) > width:
                found.append(line)
                longer = word
            line = longer
        found.append(line)
    return found


def _layer(width: int, height: int, wanted: Lettering) -> PIL.Image.Image:
    margin = max(2, round(min(width, height) * _MARGIN))
    size, broken = _fitting(wanted, width - 2 * margin, height - 2 * margin)
    step, stroke = round(size * 1.2), max(1, size // 14) if wanted.outline else 0
    ink = tuple(round(part * 255) for part in wanted.color)
    edge = (0, 0, 0) if sum(ink) > 380 else (255, 255, 255)
    layer = PIL.Image.new("RGBA", (width, height), (*ink, 0))
    draw, letters = PIL.ImageDraw.Draw(layer), font(size)
    top = _top(wanted.position, height, margin, step * len(broken))
    for number, line in enumerate(broken):
        left = _left(wanted.position, width, margin, letters.getlength(line))
        draw.text((left, top + number * step), line, (*ink, 255), letters, stroke_width=stroke, stroke_fill=(*edge, 255))
    return layer


def _fitting(wanted: Lettering, width: int, height: int) -> tuple[int, list[str]]:
    """The wanted size, or the largest below it at which everything is inside."""
    size = max(_SMALLEST, round(height * wanted.size / 100))
    while True:
        broken = lines(wanted.text, size, width)
        if size <= _SMALLEST or _inside(broken, size, width, height):
            return size, broken
        size = max(_SMALLEST, int(size * 0.9))


def _inside(broken: Sequence[str], size: int, width: int, height: int) -> bool:
    widest = max(font(size).getlength(line) for line in broken)
    return widest <= width and round(size * 1.2) * len(broken) <= height


def _top(position: str, height: int, margin: int, block: int) -> int:
    if position.startswith("top"):
        return margin
    return height - margin - block if position.startswith("bottom") else (height - block) // 2


def _left(position: str, width: int, margin: int, line: float) -> float:
    if position.endswith("left"):
        return margin
    return width - margin - line if position.endswith("right") else (width - line) / 2


def _check(text: str) -> None:
    missing = sorted({letter for letter in text if letter > "~" and _absent(letter)})
    if missing:
        raise ValueError(f"the font has no letters for {' '.join(missing[:10])}")


def _absent(letter: str) -> bool:
    """A letter that the font lacks looks like one that no font has."""
    letters = font(32)
    return bytes(letters.getmask(letter)) == bytes(letters.getmask("\uffff")) and not letter.isspace()
