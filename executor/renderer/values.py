"""The values that travel along a graph's links. Images are float32 arrays (batch, height, width, channels) in 0..1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """A checkpoint or what a LoRA made of it: only its name matters to the painter."""

    name: str


@dataclass(frozen=True)
class Conditioning:
    text: str
    model: str


@dataclass(frozen=True)
class Latent:
    """A picture still to be decoded: its size in pixels, and the pixels once there are any."""

    batch: int
    width: int
    height: int
    pixels: Image | None = None


@dataclass(frozen=True)
class UpscaleModel:
    name: str
    factor: int


@dataclass(frozen=True)
class Result:
    """What a node returns: one value per output, and what to show of it."""

    outputs: tuple[Any, ...] = ()
    ui: dict[str, Any] = field(default_factory=dict)


def describe(value: Any) -> str:
    """A short text for error reports: arrays by shape, everything else by its own words."""
    if isinstance(value, np.ndarray):
        return f"image{list(value.shape)}"
    return str(value)
