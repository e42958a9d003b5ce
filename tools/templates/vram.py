"""How much graphics memory a template needs at its largest moment, from the sizes of its weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.model import MediaKind, ModelFile

GIB = 2**30
_CHECKPOINT_SHARE = 0.75  # of a checkpoint is the diffusion model; the rest is its text encoder and VAE
_WITH_THE_SAMPLER = ("controlnet", "model_patches", "style_models")
_ROOM = {MediaKind.VIDEO: (6.0, 0.15), MediaKind.AUDIO: (1.5, 0.05), MediaKind.TEXT: (1.5, 0.05)}
_ROOM_OF_A_PICTURE = (2.5, 0.1)


def needed_gb(models: Sequence[ModelFile], kind: MediaKind) -> float | None:
    """Whole units of 2**30 bytes for making something of this kind; None when nothing is loaded or no size is known.

    ComfyUI loads in turn: first what encodes the words, then the diffusion model, then the VAE, moving the former out.
    So the largest moment decides: the largest single text encoder, or the largest single diffusion model (of two experts
    only one is there at a time) with the control networks beside it. Room for what is computed is added: a fixed part
    and a share of the weights, more for video, whose latents hold all frames. A LoRA is merged into the weights.
    ComfyUI can do with less by moving weights piece by piece, at a price in time: this is what runs well.
    """
    if not any(model.bytes for model in models):
        return None
    encoding = _largest(models, "text_encoders") + 1.0
    diffusion = max(
        _largest(models, "diffusion_models"), _largest(models, "checkpoints") * _CHECKPOINT_SHARE
    )
    beside = sum(_gib(model) for model in models if model.folder in _WITH_THE_SAMPLER)
    working = diffusion + beside or max(_gib(model) for model in models)
    fixed, share = _ROOM.get(kind, _ROOM_OF_A_PICTURE)
    if not diffusion:
        fixed = 1.0  # a small network without a sampler
    return float(math.ceil(max(encoding, working * (1 + share) + fixed) - 0.25))


def _largest(models: Sequence[ModelFile], folder: str) -> float:
    return max((_gib(model) for model in models if model.folder == folder), default=0.0)


def _gib(model: ModelFile) -> float:
    return (model.bytes or 0) / GIB
