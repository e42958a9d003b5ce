"""Colours that go together, by time of day."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import numpy as np

from .canvas import Array, Color
from .noise import Rng
from .words import Theme


@dataclass(frozen=True)
class Palette:
    """Sky from `zenith` down to `horizon`, the `sun`'s (or moon's) light, land from `far` to `near`, two accents."""

    zenith: Array
    upper: Array
    horizon: Array
    sun: Array
    far: Array
    near: Array
    accent: Array
    accent2: Array
    dark: bool = False


Row = tuple[str, str, str, str, str, str, str, str]
_NIGHT: list[Row] = [
    ("#040816", "#0c1a3c", "#2b4272", "#dfe8ff", "#1d2c52", "#04060f", "#ffc46b", "#6fb7ff"),
    ("#0a0420", "#24104a", "#6b3a7e", "#ffe6f2", "#3b2258", "#07030f", "#ffb27a", "#b58cff"),
    ("#020b18", "#06283a", "#2f6a72", "#e2fff6", "#143f48", "#020a0d", "#ffd27d", "#5fe0c0"),
]
_NEON: list[Row] = [
    ("#07031a", "#230a4a", "#c22f86", "#ff8fd0", "#4a1668", "#06030f", "#ff2d95", "#22e6ff"),
    ("#050a20", "#1a1f66", "#c94bb0", "#ffb3f0", "#2a2f7d", "#03040f", "#ff3d7f", "#3df5e0"),
    ("#10031f", "#3a0b45", "#ff6a5a", "#ffd08a", "#6b1a5c", "#0a0312", "#ff4f6d", "#8f5bff"),
]
_SUNSET: list[Row] = [
    ("#27305f", "#b0566f", "#ffb066", "#fff0c4", "#8d4f6a", "#1a0d1c", "#ff8a3c", "#ffd27a"),
    ("#3c4a86", "#d98295", "#ffd0a0", "#fff3d8", "#a4748f", "#241a30", "#ff9a76", "#ffe1a6"),
    ("#1a1238", "#a5323a", "#ff9238", "#ffe9a8", "#7c2f3c", "#150710", "#ff6a2b", "#ffc14f"),
    ("#35276b", "#a34b9a", "#ff9d86", "#ffe7c8", "#7a4383", "#180d28", "#ff7a8a", "#ffc98a"),
]
_DAWN: list[Row] = [
    ("#6d8fc4", "#d3b4c6", "#ffe0be", "#fffaf0", "#a5a0bd", "#2c3548", "#ff9f86", "#ffe0a3"),
    ("#5fa3b5", "#b9d8cf", "#ffe6c9", "#fffbf0", "#8fb4b4", "#22403f", "#ffb08a", "#ffe7ad"),
    ("#8288c9", "#d9a9cc", "#ffd9c7", "#fff6ec", "#a891bb", "#322b4a", "#ff90a2", "#ffd9a0"),
]
_DAY: list[Row] = [
    ("#1f66b8", "#69aee4", "#d9eef8", "#fffdf2", "#86abc8", "#1f4232", "#f2a33a", "#ffd966"),
    ("#2a7fae", "#84c6dc", "#eef6ea", "#fffdf0", "#8fb9bd", "#254a34", "#ef8a4a", "#ffe08a"),
    ("#3673bf", "#92bdea", "#fbeedb", "#fffaf0", "#9cb0cb", "#2f4436", "#e8734a", "#f7cf6b"),
]
_TIMES = {"night": _NIGHT, "neon": _NEON, "sunset": _SUNSET, "dawn": _DAWN, "day": _DAY}


def choose(theme: Theme, rng: Rng) -> Palette:
    """The palette of the time that was said, else of one that suits the place; each seed shifts it a little."""
    time = _time(theme, rng)
    rows = _TIMES[time]
    palette = _from_row(rows[int(rng.integers(len(rows)))], time in ("night", "neon"))
    palette = _turned(palette, float(rng.normal(0, 0.012)))
    tint = theme.colors.get("")
    return _tinted(palette, np.array(tint, np.float32)) if tint else palette


def mix(a: Color, b: Color, share: float) -> Array:
    return np.asarray(np.asarray(a, np.float32) * (1 - share) + np.asarray(b, np.float32) * share, np.float32)


def hsv(hue: float, saturation: float, value: float) -> Array:
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value), np.float32)


def _time(theme: Theme, rng: Rng) -> str:
    if theme.has("neon"):
        return "neon"
    for time in theme.tags:
        if time in _TIMES:
            return time
    if theme.has("aurora", "stars", "moon"):
        return "night"
    if theme.has("garden", "house", "dog", "snow"):
        return str(rng.choice(["day", "dawn", "day"]))
    return str(rng.choice(["sunset", "dawn", "day", "sunset"]))


def _from_row(row: Row, dark: bool) -> Palette:
    zenith, upper, horizon, sun, far, near, accent, accent2 = (_hex(text) for text in row)
    return Palette(zenith, upper, horizon, sun, far, near, accent, accent2, dark)


def _hex(text: str) -> Array:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)


def _turned(palette: Palette, hue: float) -> Palette:
    """All colours shifted by the same small part of the colour circle."""
    return replace(
        palette,
        zenith=_turn(palette.zenith, hue),
        upper=_turn(palette.upper, hue),
        horizon=_turn(palette.horizon, hue),
        far=_turn(palette.far, hue),
        near=_turn(palette.near, hue),
        accent=_turn(palette.accent, hue),
        accent2=_turn(palette.accent2, hue),
    )


def _turn(color: Array, hue: float) -> Array:
    h, s, v = colorsys.rgb_to_hsv(*(float(part) for part in color))
    return hsv(h + hue, s, v)


def _tinted(palette: Palette, tint: Array) -> Palette:
    """Lean the whole picture toward a colour, lightness kept."""

    def lean(color: Array, share: float) -> Array:
        light = float(color @ np.array([0.3, 0.6, 0.1], np.float32))
        own = float(tint @ np.array([0.3, 0.6, 0.1], np.float32))
        return np.clip(mix(color, tint * (light / max(own, 0.08)), share), 0, 1)

    return replace(
        palette,
        zenith=lean(palette.zenith, 0.3),
        upper=lean(palette.upper, 0.36),
        horizon=lean(palette.horizon, 0.2),
        far=lean(palette.far, 0.3),
        accent=mix(palette.accent, tint, 0.8),
    )
