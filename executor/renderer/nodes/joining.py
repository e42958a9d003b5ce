"""Two pictures become one: side by side, or one above the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..resize import resize
from ..values import Image, Result
from .registry import Node, Scene

_COLORS = {"white": (1, 1, 1), "black": (0, 0, 0), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}
_DIRECTIONS = ["right", "down", "left", "up"]


def joining_nodes() -> list[Node]:
    return [_stitch()]


def stitch(
    scene: Scene, image1: Image, direction: str, match_image_size: bool, spacing_width: int, spacing_color: str,
    image2: Image | None = None,
) -> Result:  # fmt: skip
    """The second lies on the named side of the first, with a strip of colour between them."""
    if image2 is None:
        return Result((image1,))
    axis = 2 if direction in ("left", "right") else 1
    image1, image2 = _as_many(image1, image2)
    image2 = _matched(image1, image2, axis) if match_image_size else image2
    image1, image2 = _padded(image1, image2, 3 - axis)
    pair = [image1, image2] if direction in ("right", "down") else [image2, image1]
    if spacing_width:
        pair.insert(1, _strip(image1, axis, spacing_width + spacing_width % 2, _COLORS[spacing_color]))
    return Result((np.concatenate(pair, axis),))


def _as_many(first: Image, second: Image) -> tuple[Image, Image]:
    """Of two batches the shorter repeats its last picture."""
    most = max(len(first), len(second))
    longer = [np.concatenate([batch, np.repeat(batch[-1:], most - len(batch), 0)]) for batch in (first, second)]
    return longer[0], longer[1]


def _matched(first: Image, second: Image, axis: int) -> Image:
    """As high as the first beside it, as wide as the first below it, in its own shape."""
    height, width = second.shape[1:3]
    if axis == 2:
        return resize(second, int(first.shape[1] * (width / height)), first.shape[1], "lanczos")
    return resize(second, first.shape[2], int(first.shape[2] / (width / height)), "lanczos")


def _padded(first: Image, second: Image, across: int) -> tuple[Image, Image]:
    """Black at both ends of the smaller one, so that it lies in the middle."""
    most = max(first.shape[across], second.shape[across])
    return _widened(first, across, most), _widened(second, across, most)


def _widened(image: Image, axis: int, size: int) -> Image:
    missing = size - image.shape[axis]
    widths = [(0, 0)] * 4
    widths[axis] = (missing // 2, missing - missing // 2)
    return np.pad(image, widths)


def _strip(like: Image, axis: int, width: int, color: tuple[int, int, int]) -> Image:
    shape = list(like.shape)
    shape[axis] = width
    return np.broadcast_to(np.asarray(color, np.float32), shape).copy()


def _stitch() -> Node:
    spacing = {"default": 0, "min": 0, "max": 1024, "step": 2}
    required: dict[str, list[Any]] = {
        "image1": ["IMAGE", {}],
        "direction": ["COMBO", {"default": "right", "multiselect": False, "options": _DIRECTIONS}],
        "match_image_size": ["BOOLEAN", {"default": True}],
        "spacing_width": ["INT", spacing],
        "spacing_color": ["COMBO", {"default": "white", "multiselect": False, "options": list(_COLORS)}],
    }
    optional: dict[str, list[Any]] = {"image2": ["IMAGE", {}]}
    return Node(
        "ImageStitch", "Image Stitch", "image/transform", required, ("IMAGE",), stitch, optional=optional
    )
