"""The last strokes: bloom, haze, tone curve, vignette, grain."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, soften
from .craft import Craft
from .noise import grain
from .palette import mix


def bloom(craft: Craft, canvas: Canvas) -> None:
    """Let bright places shine into their surroundings."""
    limit = np.float32(0.62 if craft.dark else 0.82)
    bright = np.clip(canvas.pixels - limit, 0, 1.5)
    canvas.pixels += soften(bright, canvas.height * 0.022) * np.float32(0.55 if craft.dark else 0.35)


def grade(craft: Craft, canvas: Canvas) -> None:
    """A soft shoulder for highlights, cool shadows, warm lights, a vignette and a breath of grain."""
    pixels = canvas.pixels
    np.maximum(pixels, 0, out=pixels)
    high = np.maximum(pixels - np.float32(0.75), 0)
    pixels += high / (1 + high * 4) - high
    light = pixels.mean(axis=-1, keepdims=True)
    pixels += (light - np.float32(0.5)) * np.array([0.035, 0.008, -0.035], np.float32)
    pixels += (pixels - light) * np.float32(0.10)
    corner = ((canvas.x / craft.aspect - 0.5) ** 2 + (canvas.y - 0.5) ** 2) * np.float32(0.52)
    pixels *= (1.02 - corner)[..., None]
    pixels += (grain(craft.chance.of("grain"), canvas) * np.float32(0.008))[..., None]
    np.clip(pixels, 0, 1, out=pixels)


def haze(craft: Craft, canvas: Canvas) -> None:
    """A thin veil of light along the horizon."""
    p = craft.palette
    band = np.exp(-(((canvas.y - craft.horizon) / 0.07) ** 2)) * np.float32(0.26)
    canvas.cover(np.broadcast_to(band, (canvas.height, canvas.width)), mix(p.horizon, p.sun, 0.25))
