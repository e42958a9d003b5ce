"""Blur, sharpen and blend with ComfyUI's own arithmetic. Pure; images are float32 (batch, height, width, channels)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .values import Image


def blur(image: Image, radius: int, sigma: float) -> Image:
    """Gaussian over 2*radius+1 pixels. `sigma` counts in radii, not in pixels; edges are mirrored."""
    return _convolve(image, _profile(radius, sigma), radius)


def sharpen(image: Image, radius: int, sigma: float, alpha: float) -> Image:
    """Add ten times `alpha` of what a Gaussian of this radius takes away."""
    softened = _convolve(image, _profile(radius, sigma), radius)
    return np.clip(image + np.float32(alpha * 10) * (image - softened), 0, 1)


def blend(first: Image, second: Image, factor: float, mode: str) -> Image:
    """Mix `factor` of the mode's result into the first picture. Both have the same height and width."""
    mixed = BLENDS[mode](first, second)
    return np.asarray(np.clip(first * (1 - factor) + mixed * factor, 0, 1), np.float32)


def _profile(radius: int, sigma: float) -> NDArray[np.float32]:
    x = np.linspace(-1, 1, 2 * radius + 1)
    weights = np.exp(-(x * x) / (2 * sigma * sigma))
    return np.asarray(weights / weights.sum(), np.float32)


def _convolve(image: Image, profile: NDArray[np.float32], radius: int) -> Image:
    from scipy.ndimage import correlate1d

    if radius >= min(image.shape[1:3]):
        raise ValueError(f"Padding size {radius} should be less than the picture's sides {image.shape[1:3]}")
    for axis in (1, 2):
        image = correlate1d(image, profile, axis=axis, mode="mirror")
    return image


def _overlay(a: Image, b: Image) -> Image:
    return np.where(a <= 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b))


def _soft_light(a: Image, b: Image) -> Image:
    bright = np.where(a <= 0.25, ((16 * a - 12) * a + 4) * a, np.sqrt(np.maximum(a, 0)))
    return np.where(b <= 0.5, a - (1 - 2 * b) * a * (1 - a), a + (2 * b - 1) * (bright - a))


BLENDS: dict[str, Callable[[Image, Image], Image]] = {
    "normal": lambda a, b: b,
    "multiply": lambda a, b: a * b,
    "screen": lambda a, b: 1 - (1 - a) * (1 - b),
    "overlay": _overlay,
    "soft_light": _soft_light,
    "difference": lambda a, b: a - b,
}
