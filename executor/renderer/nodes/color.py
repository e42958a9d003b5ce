"""What colour pixels have: invert, blend, blur, sharpen, and our own colour adjustment."""

from __future__ import annotations

from typing import Any

from ..filters import BLENDS, blend, blur, sharpen
from ..grading import Adjustment, adjust
from ..resize import resize
from ..values import Image, Result
from .registry import Node, Scene

_RADIUS = {"default": 1, "min": 1, "max": 31, "step": 1}


def color_nodes() -> list[Node]:
    return [_invert(), _blend(), _blur(), _sharpen(), _adjust()]


def invert(scene: Scene, image: Image) -> Result:
    return Result((1 - image,))


def blend_images(scene: Scene, image1: Image, image2: Image, blend_factor: float, blend_mode: str) -> Result:
    """A second picture of another size is scaled and cropped to fit the first."""
    if image1.shape != image2.shape:
        image2 = resize(image2, image1.shape[2], image1.shape[1], "bicubic", "center")
    return Result((blend(image1, image2, blend_factor, blend_mode),))


def blur_image(scene: Scene, image: Image, blur_radius: int, sigma: float) -> Result:
    return Result((blur(image, blur_radius, sigma),))


def sharpen_image(scene: Scene, image: Image, sharpen_radius: int, sigma: float, alpha: float) -> Result:
    return Result((sharpen(image, sharpen_radius, sigma, alpha),))


def adjust_color(scene: Scene, image: Image, **amounts: Any) -> Result:
    return Result((adjust(image, Adjustment(**amounts)),))


def _invert() -> Node:
    return Node("ImageInvert", "Invert Image", "image", {"image": ["IMAGE"]}, ("IMAGE",), invert)


def _blend() -> Node:
    factor = {"default": 0.5, "min": 0.0, "max": 1.0, "step": 0.01}
    required = {
        "image1": ["IMAGE", {}],
        "image2": ["IMAGE", {}],
        "blend_factor": ["FLOAT", factor],
        "blend_mode": ["COMBO", {"multiselect": False, "options": list(BLENDS)}],
    }
    return Node("ImageBlend", "Image Blend", "image/postprocessing", required, ("IMAGE",), blend_images)


def _blur() -> Node:
    sigma = {"default": 1.0, "min": 0.1, "max": 10.0, "step": 0.1}
    required = {"image": ["IMAGE", {}], "blur_radius": ["INT", _RADIUS], "sigma": ["FLOAT", sigma]}
    return Node("ImageBlur", "Image Blur", "image/postprocessing", required, ("IMAGE",), blur_image)


def _sharpen() -> Node:
    required = {
        "image": ["IMAGE", {}],
        "sharpen_radius": ["INT", _RADIUS],
        "sigma": ["FLOAT", {"default": 1.0, "min": 0.1, "max": 10.0, "step": 0.01}],
        "alpha": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 5.0, "step": 0.01}],
    }
    return Node("ImageSharpen", "ImageSharpen", "image/postprocessing", required, ("IMAGE",), sharpen_image)


def _adjust() -> Node:
    amount = {"default": 0.0, "min": -1.0, "max": 1.0, "step": 0.01}
    names = ("vibrance", "saturation", "brightness", "contrast", "temperature")
    required: dict[str, list[Any]] = {"image": ["IMAGE"], **{name: ["FLOAT", amount] for name in names}}
    required["hue"] = ["FLOAT", {"default": 0.0, "min": -180.0, "max": 180.0, "step": 1.0}]
    required["grayscale"] = ["BOOLEAN", {"default": False}]
    required["sepia"] = ["FLOAT", {"default": 0.0, "min": 0.0, "max": 1.0, "step": 0.01}]
    words = "Vibrance, saturation, brightness, contrast, warmth, hue, black and white, sepia."
    title = "StationThis Colour Adjust"
    return Node(
        "StationThisColorAdjust", title, "stationthis", required, ("IMAGE",), adjust_color, description=words
    )
