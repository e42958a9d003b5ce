"""Checkpoints, LoRAs and texts: for the painter only names and words."""

from __future__ import annotations

from typing import Any

from ..config import Config
from ..values import Conditioning, Model, Result
from .registry import Node, Scene

_STRENGTH = {"default": 1.0, "min": -100.0, "max": 100.0, "step": 0.01}


def loader_nodes(config: Config) -> list[Node]:
    nodes = [_checkpoint(config), _encode()]
    return [*nodes, _lora(config)] if config.loras else nodes


def load_checkpoint(scene: Scene, ckpt_name: str) -> Result:
    model = Model(ckpt_name)
    return Result((model, model, model))


def load_lora(
    scene: Scene, model: Model, clip: Model, lora_name: str, strength_model: float, strength_clip: float
) -> Result:
    """A model whose name carries the LoRA and its strength, so that it paints something else."""
    if strength_model == 0 and strength_clip == 0:
        return Result((model, clip))
    return Result(
        (
            Model(f"{model.name}+{lora_name}:{strength_model}"),
            Model(f"{clip.name}+{lora_name}:{strength_clip}"),
        )
    )


def encode_text(scene: Scene, text: str, clip: Model) -> Result:
    return Result((Conditioning(text, clip.name),))


def _checkpoint(config: Config) -> Node:
    required: dict[str, list[Any]] = {"ckpt_name": [list(config.checkpoints), {}]}
    outputs = ("MODEL", "CLIP", "VAE")
    return Node("CheckpointLoaderSimple", "Load Checkpoint", "loaders", required, outputs, load_checkpoint)


def _encode() -> Node:
    required: dict[str, list[Any]] = {
        "text": ["STRING", {"multiline": True, "dynamicPrompts": True}],
        "clip": ["CLIP", {}],
    }
    title = "CLIP Text Encode (Prompt)"
    return Node("CLIPTextEncode", title, "conditioning", required, ("CONDITIONING",), encode_text)


def _lora(config: Config) -> Node:
    required: dict[str, list[Any]] = {
        "model": ["MODEL", {}],
        "clip": ["CLIP", {}],
        "lora_name": [list(config.loras), {}],
        "strength_model": ["FLOAT", _STRENGTH],
        "strength_clip": ["FLOAT", _STRENGTH],
    }
    return Node("LoraLoader", "Load LoRA", "loaders", required, ("MODEL", "CLIP"), load_lora)
