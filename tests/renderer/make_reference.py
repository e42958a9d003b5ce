"""Writes reference.json: what torch and Pillow compute for the picture operations, as ComfyUI calls them.

Run by hand where torch is installed (`python -m tests.renderer.make_reference`); the tests themselves need no torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
from torch.nn import functional

from tests.renderer.client import noise

SIZES = ((7, 5), (18, 14), (11, 9), (22, 3))


def main() -> None:
    first, second = _tensor(noise(9, 11, seed=1)), _tensor(noise(9, 11, seed=2))
    cases: list[dict[str, Any]] = []
    for method in ("nearest-exact", "bilinear", "area", "bicubic", "lanczos"):
        for width, height in SIZES:
            done = _resize(first, width, height, method)
            cases.append({"do": "resize", "with": [width, height, method], "gives": _plain(done)})
    for radius, sigma in ((1, 1.0), (3, 0.5), (8, 2.0)):
        cases.append(
            {"do": "blur", "with": [radius, sigma], "gives": _plain(_blur(first, _kernel(radius, sigma)))}
        )
    for radius, sigma, alpha in ((1, 1.0, 1.0), (2, 0.5, 0.1), (1, 0.5, 0.0)):
        cases.append(
            {
                "do": "sharpen",
                "with": [radius, sigma, alpha],
                "gives": _plain(_sharp(first, radius, sigma, alpha)),
            }
        )
    for mode in ("normal", "multiply", "screen", "overlay", "soft_light", "difference"):
        cases.append({"do": "blend", "with": [0.7, mode], "gives": _plain(_blend(first, second, 0.7, mode))})
    Path(__file__).with_name("reference.json").write_text(json.dumps(cases, separators=(",", ":")))


def _tensor(pixels: Any) -> torch.Tensor:
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]


def _plain(picture: torch.Tensor) -> list[Any]:
    return np.clip(picture[0].permute(1, 2, 0).numpy() * 255, 0, 255).astype(np.uint8).tolist()  # type: ignore[no-any-return]


def _resize(picture: torch.Tensor, width: int, height: int, method: str) -> torch.Tensor:
    if method != "lanczos":
        return functional.interpolate(picture, size=(height, width), mode=method)
    image = PIL.Image.fromarray((picture[0].permute(1, 2, 0).numpy() * 255).clip(0, 255).astype(np.uint8))
    return _tensor(np.asarray(image.resize((width, height), PIL.Image.Resampling.LANCZOS)))


def _kernel(radius: int, sigma: float) -> torch.Tensor:
    line = torch.linspace(-1, 1, 2 * radius + 1)
    weights = torch.exp(-(line[:, None] ** 2 + line[None, :] ** 2) / (2 * sigma * sigma))
    return weights / weights.sum()


def _blur(picture: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    radius = len(kernel) // 2
    padded = functional.pad(picture, (radius,) * 4, mode="reflect")
    return functional.conv2d(padded, kernel.repeat(3, 1, 1)[:, None], groups=3)


def _sharp(picture: torch.Tensor, radius: int, sigma: float, alpha: float) -> torch.Tensor:
    kernel = _kernel(radius, sigma) * -(alpha * 10)
    kernel[radius, radius] = kernel[radius, radius] - kernel.sum() + 1
    return _blur(picture, kernel).clamp(0, 1)


def _blend(a: torch.Tensor, b: torch.Tensor, factor: float, mode: str) -> torch.Tensor:
    bright = torch.where(a <= 0.25, ((16 * a - 12) * a + 4) * a, torch.sqrt(a))
    modes = {
        "normal": b,
        "multiply": a * b,
        "screen": 1 - (1 - a) * (1 - b),
        "overlay": torch.where(a <= 0.5, 2 * a * b, 1 - 2 * (1 - a) * (1 - b)),
        "soft_light": torch.where(b <= 0.5, a - (1 - 2 * b) * a * (1 - a), a + (2 * b - 1) * (bright - a)),
        "difference": a - b,
    }
    return (a * (1 - factor) + modes[mode] * factor).clamp(0, 1)


if __name__ == "__main__":
    main()
