"""Colour adjustment that keeps pictures natural. Pure; images are float32 (batch, height, width, channels) in 0..1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .values import Image

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SEPIA_SHADOW = np.array([0.06, 0.03, 0.01], np.float32)
_SEPIA_MIDDLE = np.array([0.58, 0.42, 0.27], np.float32)
_SEPIA_LIGHT = np.array([1.0, 0.95, 0.82], np.float32)


@dataclass(frozen=True)
class Adjustment:
    """Amounts are -1..1 (0 changes nothing, positive `temperature` is warmer), `hue` degrees, `sepia` 0..1."""

    vibrance: float = 0.0
    saturation: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    temperature: float = 0.0
    hue: float = 0.0
    grayscale: bool = False
    sepia: float = 0.0


def adjust(image: Image, wanted: Adjustment) -> Image:
    """Apply each amount that is not zero, tone first, colour then, toning last."""
    done = image[..., :3]
    if wanted.brightness:
        done = brighten(done, wanted.brightness)
    if wanted.contrast:
        done = contrast(done, wanted.contrast)
    if wanted.temperature:
        done = warm(done, wanted.temperature)
    if wanted.hue:
        done = turn_hue(done, wanted.hue)
    if wanted.vibrance:
        done = vibrance(done, wanted.vibrance)
    if wanted.saturation:
        done = saturate(done, 1 + wanted.saturation)
    if wanted.grayscale:
        done = np.repeat(luma(done), 3, axis=-1)
    if wanted.sepia:
        done = sepia(done, wanted.sepia)
    return np.asarray(np.clip(done, 0, 1), np.float32)


def luma(image: Image) -> Image:
    """Perceived lightness, with one channel."""
    return (image @ _LUMA)[..., None]


def brighten(image: Image, amount: float) -> Image:
    """A power curve: black and white stay where they are, so that nothing is washed out or clipped."""
    return np.asarray(np.clip(image, 0, 1) ** np.float32(2.0 ** (-1.2 * amount)), np.float32)


def contrast(image: Image, amount: float) -> Image:
    """More is an S-curve that spares both ends, less pulls everything toward middle grey."""
    if amount < 0:
        return np.asarray(0.5 + (image - 0.5) * (1 + 0.9 * amount), np.float32)
    steepness = np.float32(1 + 6 * amount)
    curved = np.tanh((image - 0.5) * steepness) / np.tanh(0.5 * steepness) * 0.5 + 0.5
    return np.asarray(image + (curved - image) * min(1.0, 0.35 + amount), np.float32)


def warm(image: Image, amount: float) -> Image:
    """Shift between blue and amber at unchanged lightness."""
    gain = np.array([1 + 0.26 * amount, 1 + 0.04 * amount, 1 - 0.3 * amount], np.float32)
    shifted = image * gain
    return np.asarray(shifted * (luma(image) + 1e-4) / (luma(shifted) + 1e-4), np.float32)


def saturate(image: Image, factor: float) -> Image:
    """Move every colour away from (or to) its own grey by a factor."""
    grey = luma(image)
    return np.asarray(grey + (image - grey) * np.float32(factor), np.float32)


def vibrance(image: Image, amount: float) -> Image:
    """Saturation for dull colours: strong ones and skin are spared, so that faces stay faces."""
    high, low = image.max(axis=-1, keepdims=True), image.min(axis=-1, keepdims=True)
    strength = (high - low) / (high + 1e-4)
    room = (1 - strength) ** 1.2 if amount > 0 else 1 - 0.5 * strength
    factor = 1 + np.float32(1.6 * amount if amount > 0 else amount) * room * (
        1 - 0.6 * _skin(image, high, low)
    )
    grey = luma(image)
    return np.asarray(grey + (image - grey) * factor, np.float32)


def turn_hue(image: Image, degrees: float) -> Image:
    """Rotate colours about the grey axis of the YIQ space, which keeps lightness."""
    to_yiq = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    matrix = np.linalg.inv(to_yiq) @ turn @ to_yiq
    return np.asarray(image @ matrix.T.astype(np.float32), np.float32)


def sepia(image: Image, amount: float) -> Image:
    """Tone by lightness: dark brown, amber, cream."""
    toned = _three_tones(luma(image), _SEPIA_SHADOW, _SEPIA_MIDDLE, _SEPIA_LIGHT)
    return np.asarray(image + (toned - image) * np.float32(amount), np.float32)


def _three_tones(
    light: Image, dark: NDArray[np.float32], middle: NDArray[np.float32], bright: NDArray[np.float32]
) -> Image:
    lower = dark + (middle - dark) * np.clip(light * 2, 0, 1)
    return np.asarray(lower + (bright - middle) * np.clip(light * 2 - 1, 0, 1), np.float32)


def _skin(image: Image, high: Image, low: Image) -> Image:
    """How much a colour is like skin, 0..1: orange hue, red over green over blue, neither dull nor glaring."""
    red, green, blue = image[..., 0:1], image[..., 1:2], image[..., 2:3]
    spread = high - low + 1e-4
    hue = 60 * (green - blue) / spread
    orange = np.clip(1 - np.abs(hue - 22) / 18, 0, 1)
    return np.where((red >= green) & (green >= blue) & (spread > 0.08), orange, 0)
