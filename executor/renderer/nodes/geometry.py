"""Where pixels are: scale, crop, flip, rotate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..resize import METHODS, resize
from ..values import Image, Result
from .pictures import SIDE
from .registry import Node, Scene

_CROPS = ["disabled", "center"]
_FREE_SIDE = {"default": 512, "min": 0, "max": 16384, "step": 1}
_OFFSET = {"default": 0, "min": 0, "max": 16384, "step": 1}
_METHODS = list(METHODS)


def geometry_nodes() -> list[Node]:
    return [_scale(), _scale_by(), _scale_to_pixels(), _scale_to_side(), _crop(), _flip(), _rotate()]


def scale(scene: Scene, image: Image, upscale_method: str, width: int, height: int, crop: str) -> Result:
    """A side of 0 follows the other one; both 0 leaves the picture alone."""
    if width == 0 and height == 0:
        return Result((image,))
    old_height, old_width = image.shape[1:3]
    width = width or max(1, round(old_width * height / old_height))
    height = height or max(1, round(old_height * width / old_width))
    return Result((resize(image, width, height, upscale_method, crop),))


def scale_by(scene: Scene, image: Image, upscale_method: str, scale_by: float) -> Result:
    height, width = image.shape[1:3]
    return Result((resize(image, round(width * scale_by), round(height * scale_by), upscale_method),))


def scale_to_pixels(scene: Scene, image: Image, upscale_method: str, megapixels: float) -> Result:
    height, width = image.shape[1:3]
    factor = math.sqrt(int(megapixels * 1024 * 1024) / (width * height))
    return Result((resize(image, round(width * factor), round(height * factor), upscale_method),))


def scale_to_side(scene: Scene, image: Image, upscale_method: str, largest_size: int) -> Result:
    height, width = image.shape[1:3]
    longest = max(height, width)
    new_width = largest_size if width == longest else round((width / height) * largest_size)
    new_height = largest_size if height == longest else round((height / width) * largest_size)
    return Result((resize(image, new_width, new_height, upscale_method),))


def crop(scene: Scene, image: Image, width: int, height: int, x: int, y: int) -> Result:
    """What lies outside the picture is left out, so the result may be smaller than asked for."""
    x, y = min(x, image.shape[2] - 1), min(y, image.shape[1] - 1)
    return Result((image[:, y : y + height, x : x + width],))


def flip(scene: Scene, image: Image, flip_method: str) -> Result:
    axis = 1 if flip_method.startswith("x") else 2
    return Result((np.ascontiguousarray(np.flip(image, axis)),))


def rotate(scene: Scene, image: Image, rotation: str) -> Result:
    """Clockwise by quarters."""
    quarters = {"none": 0, "90 degrees": 1, "180 degrees": 2, "270 degrees": 3}[rotation]
    return Result((np.ascontiguousarray(np.rot90(image, quarters, (2, 1))),))


def _node(name: str, title: str, category: str, required: dict[str, Any], run: Any) -> Node:
    return Node(name, title, category, {"image": ["IMAGE"], **required}, ("IMAGE",), run)


def _scale() -> Node:
    required = {
        "upscale_method": [_METHODS],
        "width": ["INT", _FREE_SIDE],
        "height": ["INT", _FREE_SIDE],
        "crop": [_CROPS],
    }
    return _node("ImageScale", "Upscale Image", "image/upscaling", required, scale)


def _scale_by() -> Node:
    factor = {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01}
    required = {"upscale_method": [_METHODS], "scale_by": ["FLOAT", factor]}
    return _node("ImageScaleBy", "Upscale Image By", "image/upscaling", required, scale_by)


def _scale_to_pixels() -> Node:
    size = {"default": 1.0, "min": 0.01, "max": 16.0, "step": 0.01}
    required = {
        "image": ["IMAGE", {}],
        "upscale_method": ["COMBO", {"multiselect": False, "options": _METHODS}],
        "megapixels": ["FLOAT", size],
    }
    title = "Scale Image to Total Pixels"
    return _node("ImageScaleToTotalPixels", title, "image/upscaling", required, scale_to_pixels)


def _scale_to_side() -> Node:
    methods = ["area", "lanczos", "bilinear", "nearest-exact", "bilinear", "bicubic"]
    required = {"upscale_method": [methods], "largest_size": ["INT", _FREE_SIDE]}
    title = "Scale Image to Max Dimension"
    return _node("ImageScaleToMaxDimension", title, "image/upscaling", required, scale_to_side)


def _crop() -> Node:
    required = {"width": ["INT", SIDE], "height": ["INT", SIDE], "x": ["INT", _OFFSET], "y": ["INT", _OFFSET]}
    return _node("ImageCrop", "Image Crop", "image/transform", required, crop)


def _flip() -> Node:
    required = {"flip_method": [["x-axis: vertically", "y-axis: horizontally"]]}
    return _node("ImageFlip", "ImageFlip", "image/transform", required, flip)


def _rotate() -> Node:
    required = {"rotation": [["none", "90 degrees", "180 degrees", "270 degrees"]]}
    return _node("ImageRotate", "ImageRotate", "image/transform", required, rotate)
