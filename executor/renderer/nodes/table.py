"""All nodes that a renderer with this configuration offers."""

from __future__ import annotations

from ..config import Config
from .color import color_nodes
from .finishing import finishing_nodes
from .geometry import geometry_nodes
from .joining import joining_nodes
from .loaders import loader_nodes
from .pictures import picture_nodes
from .registry import Node
from .sampling import sampling_nodes
from .upscaling import upscaling_nodes


def all_nodes(config: Config) -> list[Node]:
    """Nodes that need a model file are there only when such a file is."""
    return [
        *picture_nodes(),
        *geometry_nodes(),
        *color_nodes(),
        *joining_nodes(),
        *finishing_nodes(),
        *loader_nodes(config),
        *sampling_nodes(),
        *upscaling_nodes(config),
    ]
