"""Resampling with the same sample positions and weights as the interpolation that ComfyUI uses. Pure.

Images are float32 (batch, height, width, channels). Results may overshoot 0..1 with bicubic, as there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from .values import Image

METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
_CUBIC = -0.75


def resize(image: Image, width: int, height: int, method: str, crop: str = "disabled") -> Image:
    """Scale to exactly width x height pixels; `center` first cuts the sides that do not fit the new shape."""
    if crop == "center":
        image = center_crop(image, width, height)
    if method == "lanczos":
        return np.stack([_lanczos(frame, width, height) for frame in image])
    along = _METHODS[method]
    return along(along(image, height, 1), width, 2)


def center_crop(image: Image, width: int, height: int) -> Image:
    """Cut equally from both sides until the shape is that of width x height."""
    old_height, old_width = image.shape[1:3]
    old, new = old_width / old_height, width / height
    x = round((old_width - old_width * (new / old)) / 2) if old > new else 0
    y = round((old_height - old_height * (old / new)) / 2) if old < new else 0
    return image[:, y : old_height - y, x : old_width - x]


def _nearest(image: Image, size: int, axis: int) -> Image:
    length = image.shape[axis]
    index = np.floor((np.arange(size) + 0.5) * (length / size)).astype(np.intp)
    picked: Image = np.take(image, np.minimum(index, length - 1), axis)
    return picked


def _bilinear(image: Image, size: int, axis: int) -> Image:
    length = image.shape[axis]
    if size == length:
        return image
    position = np.maximum((np.arange(size) + 0.5) * (length / size) - 0.5, 0)
    low = np.minimum(np.floor(position).astype(np.intp), length - 1)
    high = np.minimum(low + 1, length - 1)
    share = _along(position - low, axis)
    mixed: Image = np.take(image, low, axis) * (1 - share) + np.take(image, high, axis) * share
    return mixed


def _bicubic(image: Image, size: int, axis: int) -> Image:
    length = image.shape[axis]
    if size == length:
        return image
    position = (np.arange(size) + 0.5) * (length / size) - 0.5
    low = np.floor(position).astype(np.intp)
    weights = _cubic_weights(position - low)
    taps = (np.take(image, np.clip(low + tap - 1, 0, length - 1), axis) for tap in range(4))
    total = np.zeros_like(image, shape=(*image.shape[:axis], size, *image.shape[axis + 1 :]))
    for tap, weight in zip(taps, weights, strict=True):
        total += tap * _along(weight, axis)
    return total


def _cubic_weights(t: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    def near(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1

    def far(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _area(image: Image, size: int, axis: int) -> Image:
    """Mean over the source pixels that each target pixel touches, whole pixels only."""
    length = image.shape[axis]
    if size == length:
        return image
    start = np.arange(size) * length // size
    end = -(-(np.arange(size) + 1) * length // size)
    sums = np.cumsum(image, axis=axis, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(np.take(sums, [0], axis)), sums], axis)
    mean = (np.take(sums, end, axis) - np.take(sums, start, axis)) / _along(end - start, axis)
    return np.asarray(mean, np.float32)


def _lanczos(frame: Image, width: int, height: int) -> Image:
    eight_bit = np.clip(255.0 * frame, 0, 255).astype(np.uint8)
    done = PIL.Image.fromarray(eight_bit).resize((width, height), PIL.Image.Resampling.LANCZOS)
    return np.asarray(done, np.float32) / np.float32(255)


def _along(values: NDArray[np.generic], axis: int) -> Image:
    shape = [1, 1, 1, 1]
    shape[axis] = len(values)
    return np.asarray(values, np.float32).reshape(shape)


_METHODS: dict[str, Callable[[Image, int, int], Image]] = {
    "nearest-exact": _nearest,
    "bilinear": _bilinear,
    "area": _area,
    "bicubic": _bicubic,
}
