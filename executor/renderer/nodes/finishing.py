"""What is done to a whole picture last, as nodes: two of ComfyUI's, the others our own."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import finishing
from ..lettering import POSITIONS, Lettering, write
from ..resize import METHODS
from ..values import Image, Result
from .pictures import SIDE
from .registry import Input, Node, Scene

MOST = 9  # pictures of a collage
_PIXELS = {"default": 0, "min": 0, "max": 8192, "step": 1}
_SHARE = {"default": 0.5, "min": 0.0, "max": 1.0, "step": 0.01}
_COLOR: Input = ["STRING", {"default": "#ffffff"}]


def finishing_nodes() -> list[Node]:
    return [_pad(), _fit(), _vignette(), _grain(), _even(), _quantize(), _corners(), _grid(), _text()]


def pad(scene: Scene, image: Image, left: int, top: int, right: int, bottom: int, color: str) -> Result:
    return Result((finishing.pad(image, left, top, right, bottom, finishing.parse_color(color)),))


def fit(
    scene: Scene, image: Image, target_width: int, target_height: int, padding_color: str, interpolation: str
) -> Result:
    value = 1.0 if padding_color == "white" else 0.0
    return Result((finishing.fit_and_pad(image, target_width, target_height, value, interpolation),))


def vignette(scene: Scene, image: Image, strength: float) -> Result:
    return Result((finishing.vignette(image, strength),))


def grain(scene: Scene, image: Image, strength: float, seed: int) -> Result:
    return Result((finishing.grain(image, strength, seed),))


def even(scene: Scene, image: Image, strength: float) -> Result:
    return Result((finishing.even(image, strength),))


def quantize(scene: Scene, image: Image, colors: int, dither: str) -> Result:
    return Result((finishing.reduced(image, colors, dither == "floyd-steinberg"),))


def corners(scene: Scene, image: Image, shape: str, radius: int) -> Result:
    return Result((finishing.circle(image) if shape == "circle" else finishing.rounded(image, radius),))


def grid(
    scene: Scene, image1: Image, columns: int, cell_width: int, cell_height: int, gap: int, color: str, **more: Image
) -> Result:
    images = [image1, *(more[name] for name in sorted(more))]
    return Result((finishing.grid(images, columns, cell_width, cell_height, gap, finishing.parse_color(color)),))


def text(
    scene: Scene, image: Image, text: str, position: str, size: float, color: str, outline: bool, opacity: float
) -> Result:
    red, green, blue = (float(part) for part in finishing.parse_color(color))
    wanted = Lettering(text, position, size, (red, green, blue), outline, opacity)
    return Result((write(np.asarray(image, np.float32), wanted),))


def _own(name: str, title: str, run: Any, words: str, required: dict[str, Input], **more: Any) -> Node:
    return Node(f"StationThis{name}", f"StationThis {title}", "stationthis", required, ("IMAGE",), run, description=words, **more)


def _pad() -> Node:
    sides: dict[str, Input] = {side: ["INT", _PIXELS] for side in ("left", "top", "right", "bottom")}
    required: dict[str, Input] = {"image": ["IMAGE"], **sides, "color": _COLOR}
    return _own("Pad", "Border", pad, "A plain margin around the picture.", required)


def _fit() -> Node:
    required: dict[str, Input] = {
        "image": ["IMAGE", {}],
        "target_width": ["INT", SIDE],
        "target_height": ["INT", SIDE],
        "padding_color": ["COMBO", {"multiselect": False, "options": ["white", "black"]}],
        "interpolation": ["COMBO", {"multiselect": False, "options": [m for m in METHODS if m != "nearest-exact"]}],
    }
    return Node("ResizeAndPadImage", "Resize And Pad Image", "image/transform", required, ("IMAGE",), fit)


def _vignette() -> Node:
    required: dict[str, Input] = {"image": ["IMAGE"], "strength": ["FLOAT", _SHARE]}
    return _own("Vignette", "Vignette", vignette, "Darker towards the corners.", required)


def _grain() -> Node:
    seed = {"default": 0, "min": 0, "max": 0xFFFFFFFFFFFFFFFF}
    required: dict[str, Input] = {"image": ["IMAGE"], "strength": ["FLOAT", _SHARE], "seed": ["INT", seed]}
    return _own("Grain", "Film Grain", grain, "The noise of photographic film.", required)


def _even() -> Node:
    required: dict[str, Input] = {"image": ["IMAGE"], "strength": ["FLOAT", {**_SHARE, "default": 1.0}]}
    return _own("Levels", "Automatic Levels", even, "Stretches the tones from black to white and weakens a cast.", required)


def _quantize() -> Node:
    required: dict[str, Input] = {
        "image": ["IMAGE", {}],
        "colors": ["INT", {"default": 256, "min": 1, "max": 256, "step": 1}],
        "dither": ["COMBO", {"multiselect": False, "options": ["none", "floyd-steinberg"]}],
    }
    return Node("ImageQuantize", "ImageQuantize", "image/postprocessing", required, ("IMAGE",), quantize)


def _corners() -> Node:
    required: dict[str, Input] = {
        "image": ["IMAGE"],
        "shape": ["COMBO", {"multiselect": False, "options": ["rounded", "circle"]}],
        "radius": ["INT", _PIXELS],
    }
    return _own("Corners", "Round Corners", corners, "Transparent beyond round corners, or outside a circle.", required)


def _grid() -> Node:
    required: dict[str, Input] = {
        "image1": ["IMAGE"],
        "columns": ["INT", {"default": 2, "min": 1, "max": MOST}],
        "cell_width": ["INT", {"default": 512, "min": 16, "max": 4096}],
        "cell_height": ["INT", {"default": 512, "min": 16, "max": 4096}],
        "gap": ["INT", {"default": 0, "min": 0, "max": 512}],
        "color": _COLOR,
    }
    optional: dict[str, Input] = {f"image{number}": ["IMAGE"] for number in range(2, MOST + 1)}
    return _own("Grid", "Collage", grid, "Up to nine pictures in cells of one size.", required, optional=optional)


def _text() -> Node:
    required: dict[str, Input] = {
        "image": ["IMAGE"],
        "text": ["STRING", {"default": "", "multiline": True}],
        "position": ["COMBO", {"multiselect": False, "options": list(POSITIONS)}],
        "size": ["FLOAT", {"default": 8.0, "min": 0.5, "max": 50.0, "step": 0.5}],
        "color": _COLOR,
        "outline": ["BOOLEAN", {"default": True}],
        "opacity": ["FLOAT", {**_SHARE, "default": 1.0}],
    }
    return _own("Text", "Text", text, "Words on the picture, broken into lines and never larger than fits.", required)
