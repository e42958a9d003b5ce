"""How long a template takes, guessed from the size of its weights until runs have been measured.

Fitted by hand to a few published timings on an RTX 4090: SDXL, FLUX.1-dev fp8 and Z-Image-Turbo need about 0.055 s a
step for each thousand million parameters and megapixel; Wan 14B about ten times that for each second of video, whose
latents hold some four frames a second and attend to one another; LTX, whose latents are far smaller, a fifth of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.model import CostModel, MediaKind, ModelFile, Parameter
from tools.templates.bases import main_model
from tools.templates.sizes import bytes_per_parameter

_STEP_S = {MediaKind.IMAGE: 0.055, MediaKind.MASK: 0.055, MediaKind.VIDEO: 0.5, MediaKind.AUDIO: 0.004, MediaKind.MODEL3D: 0.2}
_LOADED_S_PER_GB = 0.3
_SMALL_LATENTS = (re.compile(r"ltx", re.I), 0.2)
_FEW_STEPS = re.compile(r"turbo|distill|lightning|lightx2v|schnell|\d_?steps?", re.I)
_UNSEEN_STEPS, _UNSEEN_FEW, _UNSEEN_LENGTH = 20, 8, 5.0
_DEAR = ((48.0, 0.2), (24.0, 0.1))  # graphics memory above this -> credits a second
_CREDITS_PER_S = 0.05


def cost_of(
    models: Sequence[ModelFile], kind: MediaKind, params: Mapping[str, Parameter], vram_gb: float | None, samples: bool
) -> CostModel:
    """Where steps or length are not the person's to set, their usual values are part of the factors."""
    per_step = _per_step(models, kind) * (1 if "steps" in params or not samples else _usual_steps(models))
    has_length = kind in (MediaKind.VIDEO, MediaKind.AUDIO)
    if has_length and "duration" not in params:
        per_step, has_length = per_step * _UNSEEN_LENGTH, False
    gigabytes = sum(model.bytes or 0 for model in models) / 1e9
    return CostModel(
        fixed_s=round(2.0 + gigabytes * _LOADED_S_PER_GB, 1),
        per_megapixel_step_s=0.0 if has_length else round(per_step, 4),
        per_length_step_s=round(per_step, 4) if has_length else 0.0,
        credits_per_s=next((price for limit, price in _DEAR if (vram_gb or 0) > limit), _CREDITS_PER_S),
    )


def _per_step(models: Sequence[ModelFile], kind: MediaKind) -> float:
    main = main_model(models)
    if main is None:
        return 0.0
    slim, share = _SMALL_LATENTS
    return _parameters(main) * _STEP_S.get(kind, 0.0) * (share if slim.search(main.file) else 1.0)


def _usual_steps(models: Sequence[ModelFile]) -> int:
    return _UNSEEN_FEW if any(_FEW_STEPS.search(model.file) for model in models) else _UNSEEN_STEPS


def _parameters(main: ModelFile) -> float:
    """Thousand millions."""
    return (main.bytes or 0) / bytes_per_parameter(main.file) / 1e9
