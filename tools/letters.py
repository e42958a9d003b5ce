"""Which letters can be written on a picture: those of the one font that draws them. Pure, but for the font being read.

The renderer reads the same font and knows nobody, so the question stands here once more.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from PIL import ImageFont

_SIZE = 32  # pixels; large enough that no letter looks like the box of an absent one
_ABSENT = "\uffff"  # is a letter in no font


def missing(text: str) -> list[str]:
    """The letters that the font lacks, each once, in the order of the text."""
    return [letter for letter in dict.fromkeys(text) if letter > "~" and not letter.isspace() and _is_absent(letter)]


@lru_cache(maxsize=4096)
def _is_absent(letter: str) -> bool:
    return _drawn(letter) == _drawn(_ABSENT)


def _drawn(letter: str) -> bytes:
    return bytes(_font().getmask(letter))


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    with resources.as_file(resources.files("font_roboto") / "files" / "Roboto-Bold.ttf") as path:
        return ImageFont.truetype(str(path), _SIZE)
