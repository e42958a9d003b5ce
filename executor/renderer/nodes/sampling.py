"""Latents and the sampler. The sampler paints a sketch, step by step; there are no weights here."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..painter.painting import Brief, Painting
from ..resize import resize
from ..values import Conditioning, Image, Latent, Model, Result
from .registry import Node, Scene

_SAMPLER_NAMES = """
euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 dpm_2 dpm_2_ancestral lms dpm_fast
dpm_adaptive dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu dpmpp_2m dpmpp_2m_cfg_pp
dpmpp_2m_sde dpmpp_2m_sde_gpu dpmpp_2m_sde_heun dpmpp_2m_sde_heun_gpu dpmpp_3m_sde dpmpp_3m_sde_gpu ddpm lcm
ipndm ipndm_v deis res_multistep res_multistep_cfg_pp res_multistep_ancestral res_multistep_ancestral_cfg_pp
gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 seeds_3 sa_solver sa_solver_pece ddim uni_pc
uni_pc_bh2
"""
_SCHEDULER_NAMES = (
    "simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal"
)
SAMPLERS = _SAMPLER_NAMES.split()
SCHEDULERS = _SCHEDULER_NAMES.split()
#: Long side of a preview, in pixels.
PREVIEW_SIDE = 512
#: A latent covers this many pixels each way.
CELL = 8
_SIDE = {"default": 512, "min": 16, "max": 16384, "step": 8}


def sampling_nodes() -> list[Node]:
    return [_empty(), _upscale(), _encode(), _decode(), _sampler()]


def empty_latent(scene: Scene, width: int, height: int, batch_size: int) -> Result:
    return Result((Latent(batch_size, width // CELL * CELL, height // CELL * CELL),))


def upscale_latent(
    scene: Scene, samples: Latent, upscale_method: str, width: int, height: int, crop: str
) -> Result:
    """A side of 0 follows the other one; both 0 leaves the latent alone."""
    if width == 0 and height == 0:
        return Result((samples,))
    width = max(64, width or round(samples.width * height / samples.height)) // CELL * CELL
    height = max(64, height or round(samples.height * width / samples.width)) // CELL * CELL
    pixels = samples.pixels
    if pixels is not None:
        pixels = np.clip(resize(pixels, width, height, upscale_method, crop), 0, 1)
    return Result((Latent(samples.batch, width, height, pixels),))


def encode(scene: Scene, pixels: Image, vae: Model) -> Result:
    """Sides are cut to whole latent cells, as a real encoder does."""
    height, width = (side // CELL * CELL for side in pixels.shape[1:3])
    top, left = (pixels.shape[1] % CELL) // 2, (pixels.shape[2] % CELL) // 2
    cut = pixels[:, top : top + height, left : left + width, :3]
    return Result((Latent(len(cut), width, height, cut),))


def decode(scene: Scene, samples: Latent, vae: Model) -> Result:
    """An unsampled latent is plain grey."""
    if samples.pixels is not None:
        return Result((samples.pixels,))
    return Result((np.full((samples.batch, samples.height, samples.width, 3), 0.5, np.float32),))


def sample(
    scene: Scene,
    model: Model,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: float,
) -> Result:
    """Paint every picture of the batch, a share at each step."""
    latent, paintings = latent_image, []
    for index in range(latent.batch):
        scene.check()
        brief = Brief(positive.text, negative.text, model.name, seed, index, latent.width, latent.height)
        source = latent.pixels[index] if latent.pixels is not None else None
        paintings.append(Painting(brief, source, denoise))
    for step in range(1, steps + 1):
        _paint_step(scene, paintings, step, steps)
    pictures = np.stack([painting.result() for painting in paintings])
    return Result((Latent(latent.batch, latent.width, latent.height, pictures),))


def _paint_step(scene: Scene, paintings: list[Painting], step: int, steps: int) -> None:
    scene.pause(scene.config.step_delay)
    for painting in paintings:
        painting.advance(step / steps)
        scene.check()
    jpeg = paintings[0].preview(step / steps, PREVIEW_SIDE) if scene.config.preview else None
    scene.step(step, steps, jpeg)


def _empty() -> Node:
    required = {
        "width": ["INT", _SIDE],
        "height": ["INT", _SIDE],
        "batch_size": ["INT", {"default": 1, "min": 1, "max": 4096}],
    }
    return Node("EmptyLatentImage", "Empty Latent Image", "latent", required, ("LATENT",), empty_latent)


def _upscale() -> Node:
    side = {**_SIDE, "min": 0}
    required: dict[str, list[Any]] = {
        "samples": ["LATENT"],
        "upscale_method": [["nearest-exact", "bilinear", "area", "bicubic"]],
        "width": ["INT", side],
        "height": ["INT", side],
        "crop": [["disabled", "center"]],
    }
    return Node("LatentUpscale", "Upscale Latent", "latent", required, ("LATENT",), upscale_latent)


def _encode() -> Node:
    required = {"pixels": ["IMAGE"], "vae": ["VAE"]}
    return Node("VAEEncode", "VAE Encode", "latent", required, ("LATENT",), encode)


def _decode() -> Node:
    required: dict[str, list[Any]] = {"samples": ["LATENT", {}], "vae": ["VAE", {}]}
    return Node("VAEDecode", "VAE Decode", "latent", required, ("IMAGE",), decode)


def _sampler() -> Node:
    seed = {"default": 0, "min": 0, "max": 0xFFFFFFFFFFFFFFFF, "control_after_generate": True}
    required: dict[str, list[Any]] = {
        "model": ["MODEL", {}],
        "seed": ["INT", seed],
        "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
        "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01}],
        "sampler_name": [SAMPLERS, {}],
        "scheduler": [SCHEDULERS, {}],
        "positive": ["CONDITIONING", {}],
        "negative": ["CONDITIONING", {}],
        "latent_image": ["LATENT", {}],
        "denoise": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}],
    }
    words = "Paints a procedural sketch from the words and the seed; it has no weights to render with."
    return Node("KSampler", "KSampler", "sampling", required, ("LATENT",), sample, description=words)
