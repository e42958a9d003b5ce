"""From `/object_info` to what an instance can run. Pure; reads both ways in which choices are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from executor.model import Gpu
from executor.rules import needs_weights
from tools.model import Capabilities

#: Where ComfyUI's loaders say which files a folder of `models` has.
SOURCES = (
    ("CheckpointLoaderSimple", "ckpt_name", "checkpoints"),
    ("CheckpointLoader", "ckpt_name", "checkpoints"),
    ("ImageOnlyCheckpointLoader", "ckpt_name", "checkpoints"),
    ("LTXVAudioVAELoader", "ckpt_name", "checkpoints"),
    ("LTXAVTextEncoderLoader", "text_encoder", "text_encoders"),
    ("LTXAVTextEncoderLoader", "ckpt_name", "checkpoints"),
    ("LoraLoader", "lora_name", "loras"),
    ("LoraLoaderModelOnly", "lora_name", "loras"),
    ("VAELoader", "vae_name", "vae"),
    ("UNETLoader", "unet_name", "diffusion_models"),
    ("CLIPLoader", "clip_name", "text_encoders"),
    ("DualCLIPLoader", "clip_name1", "text_encoders"),
    ("CLIPVisionLoader", "clip_name", "clip_vision"),
    ("ControlNetLoader", "control_net_name", "controlnet"),
    ("UpscaleModelLoader", "model_name", "upscale_models"),
    ("StyleModelLoader", "style_model_name", "style_models"),
    ("ModelPatchLoader", "name", "model_patches"),
    ("AudioEncoderLoader", "audio_encoder_name", "audio_encoders"),
    ("LatentUpscaleModelLoader", "model_name", "latent_upscale_models"),
    ("FrameInterpolationModelLoader", "model_name", "frame_interpolation"),
    ("LoadBackgroundRemovalModel", "bg_removal_name", "background_removal"),
    ("LoadDA3Model", "model_name", "geometry_estimation"),
    ("LoadMoGeModel", "model_name", "geometry_estimation"),
    ("LoadMediaPipeFaceLandmarker", "model_name", "detection"),
    ("OpticalFlowLoader", "model_name", "optical_flow"),
    ("PhotoMakerLoader", "photomaker_model_name", "photomaker"),
    ("GLIGENLoader", "gligen_name", "gligen"),
    ("HypernetworkLoader", "hypernetwork_name", "hypernetworks"),
)


_STARTED_BYTES = 1 << 30  # a driver's context and an empty ComfyUI


def read_capabilities(
    info: Mapping[str, Any], *, sketch: bool, samplers: bool, stats: Mapping[str, Any] | None = None
) -> Capabilities:
    """Node names, model files by folder, and from `/system_stats` the version and the memory of the largest GPU.

    Without `samplers`, nodes that need weights are left out altogether.
    """
    nodes = frozenset(name for name in info if samplers or not needs_weights([name]))
    models: dict[str, frozenset[str]] = {}
    for node, field, folder in SOURCES:
        if node in nodes:
            models[folder] = models.get(folder, frozenset()) | frozenset(choices(info[node], field))
    return Capabilities(
        nodes=nodes, models=models, sketch=sketch, samplers=samplers, comfyui=_version(stats), vram_gb=_vram_gb(stats),
        device="sketch" if sketch else _device(stats),
    )  # fmt: skip


def _version(stats: Mapping[str, Any] | None) -> str | None:
    match stats:
        case {"system": {"comfyui_version": str(version)}} if version:
            return version[:40]
    return None


def _vram_gb(stats: Mapping[str, Any] | None) -> float | None:
    """A CPU tells the machine's memory, which says nothing of what fits a GPU."""
    devices = stats.get("devices") if stats else None
    sizes = [
        float(device["vram_total"]) / 2**30
        for device in (devices if isinstance(devices, list) else ())
        if isinstance(device, dict) and device.get("type") != "cpu" and isinstance(device.get("vram_total"), int)
    ]
    return round(max(sizes), 2) if sizes and max(sizes) > 0 else None


def nothing_loaded(stats: Mapping[str, Any] | None) -> bool:
    """Whether its GPUs hold no model: each is known, and in use by less than what starting takes."""
    devices = stats.get("devices") if stats else None
    used = [
        device["vram_total"] - device["vram_free"]
        for device in (devices if isinstance(devices, list) else ())
        if isinstance(device, dict) and device.get("type") != "cpu"
        and isinstance(device.get("vram_total"), int) and isinstance(device.get("vram_free"), int)
    ]  # fmt: skip
    return bool(used) and max(used) < _STARTED_BYTES


def read_gpu(stats: Mapping[str, Any]) -> Gpu:
    """The GPU with the most memory and how much of that is in use; nothing for a CPU."""
    devices = stats.get("devices")
    known = [one for one in (devices if isinstance(devices, list) else ()) if isinstance(one, dict) and one.get("type") != "cpu"]
    sizes = [(float(one["vram_total"]), one) for one in known if isinstance(one.get("vram_total"), int)]
    if not sizes or (largest := max(sizes, key=lambda size: size[0]))[0] <= 0:
        return Gpu()
    total, device = largest
    free = device.get("vram_free")
    used = round((total - free) / 2**30, 2) if isinstance(free, int) and 0 <= free <= total else None
    return Gpu(str(device.get("name") or "")[:80] or None, round(total / 2**30, 2), used)


def _device(stats: Mapping[str, Any] | None) -> str | None:
    """The name of the first device: `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync` without what is not the card."""
    match stats:
        case {"devices": [{"type": "cpu"}, *_]}:
            return "cpu"
        case {"devices": [{"name": str(name)}, *_]} if name.strip():
            words = re.sub(r"^\w+:\d+\s+|\s+:\s+\w+$", "", name.strip())
            return "".join(c for c in words if c.isprintable())[:80] or None
    return None


def choices(node: Any, field: str) -> list[str]:
    """The values of a choice input: `[[a, b], ...]` or `["COMBO", {"options": [a, b]}]`; empty for anything else."""
    inputs = node.get("input") if isinstance(node, dict) else None
    for group in ("required", "optional"):
        fields = inputs.get(group) if isinstance(inputs, dict) else None
        match fields.get(field) if isinstance(fields, dict) else None:
            case [list(values), *_] | ["COMBO", {"options": list(values)}, *_]:
                return [value for value in values if isinstance(value, str)]
    return []
