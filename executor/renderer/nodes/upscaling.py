"""Upscaling "by model": a smooth enlargement that stands in where a renderer was given upscaler names."""

from __future__ import annotations

import re
from typing import Any

from ..config import Config
from ..filters import sharpen
from ..resize import resize
from ..values import Image, Result, UpscaleModel
from .registry import Node, Scene


def upscaling_nodes(config: Config) -> list[Node]:
    return [_loader(config), _upscale()] if config.upscalers else []


def load_upscaler(scene: Scene, model_name: str) -> Result:
    """The factor is read from the name (`x_4x.safetensors`), 2 when it tells none."""
    found = re.search(r"(\d)x|x(\d)", model_name)
    factor = int(found[1] or found[2]) if found else 2
    return Result((UpscaleModel(model_name, max(1, factor)),))


def upscale(scene: Scene, upscale_model: UpscaleModel, image: Image) -> Result:
    height, width = image.shape[1:3]
    large = resize(image, width * upscale_model.factor, height * upscale_model.factor, "bicubic")
    scene.step(1, 1)
    return Result((sharpen(large, 1, 0.6, 0.05),))


def _loader(config: Config) -> Node:
    required = {"model_name": ["COMBO", {"multiselect": False, "options": list(config.upscalers)}]}
    return Node(
        "UpscaleModelLoader", "Load Upscale Model", "loaders", required, ("UPSCALE_MODEL",), load_upscaler
    )


def _upscale() -> Node:
    required: dict[str, list[Any]] = {"upscale_model": ["UPSCALE_MODEL", {}], "image": ["IMAGE", {}]}
    title = "Upscale Image (using Model)"
    return Node("ImageUpscaleWithModel", title, "image/upscaling", required, ("IMAGE",), upscale)
