"""The family of the base model, which decides whose LoRAs fit: read from the names of the weight files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.model import ModelFile

#: The first that matches the main diffusion model's file, in lower case with every `_` and `.` as `-`.
_BASES = tuple((re.compile(pattern), base) for pattern, base in (
    ("qwen-image-2-1", "qwen-image-2.1"), ("qwen-image-layered", "qwen-image-layered"),
    ("qwen-image-edit|firered", "qwen-image-edit"), ("qwen-image", "qwen-image"),
    ("z-image", "z-image"), ("krea2", "krea2"), ("flux3", "flux3"),
    ("flux-?2-klein(-base)?-4b", "flux2-klein-4b"), ("flux-?2-klein", "flux2-klein-9b"), ("flux-?2", "flux2"),
    ("flux-?1", "flux1"), ("sd-xl", "sdxl"), ("sd3-5|sd3-", "sd3"), ("svd", "svd"), ("lotus|^v1-5|sd-?1-?5", "sd15"),
    ("^anima-", "anima"), ("newbie", "newbie"), ("netayume|lumina", "lumina2"),
    ("hidream-o1", "hidream-o1"), ("hidream", "hidream"), ("chroma-radiance", "chroma-radiance"), ("chroma", "chroma"),
    ("kandinsky5lite-t2i", "kandinsky5-image"), ("kandinsky5", "kandinsky5"), ("capybara", "capybara"),
    ("ernie", "ernie-image"), ("longcat", "longcat-image"), ("ovis", "ovis-image"), ("omnigen2", "omnigen2"),
    ("mage-flow", "mage-flow"), ("boogu", "boogu"), ("lens", "lens"), ("pixeldit", "pixeldit"), ("ming-image", "ming-image"),
    ("joyai", "joyai-image"), ("moss-image", "moss-image"), ("ideogram4", "ideogram4"), ("fibo", "fibo2"),
    ("wan-animate", "wan-animate"), ("wan2-2-.*5b", "wan2.2-5b"), ("wan2-2", "wan2.2-14b"),
    ("wan-?2-?1.*1-3b|causal-forcing", "wan2.1-1.3b"), ("wan-?2-?1|chrono-edit", "wan2.1"), ("humo", "humo"),
    ("ltx-2-5", "ltx2.5"), ("ltx-2-3", "ltx2.3"), ("ltx-2", "ltx2"), ("ltx-video", "ltxv"),
    ("hunyuanvideo1-5", "hunyuan-video-1.5"), ("hunyuan-video", "hunyuan-video"), ("hunyuan-?3d", "hunyuan3d"),
    ("minimax-h3|fasth3", "minimax-h3"), ("minimax-music", "minimax-music"), ("yue2", "yue2"),
    ("stable-audio-3", "stable-audio-3"), ("stable-audio", "stable-audio-1"),
    ("ace-?step-v?1-5", "ace-step-1.5"), ("ace-step", "ace-step-1"),
    ("seedvr2", "seedvr2"), ("trellis", "trellis2"), ("pixal3d", "pixal3d"), ("triposplat", "triposplat"), ("void", "void"),
))  # fmt: skip
_HELPERS = re.compile(r"sam3|rt_detr|sdpose|lotus")
_MAIN = ("diffusion_models", "checkpoints")


def main_model(models: Sequence[ModelFile]) -> ModelFile | None:
    """The diffusion model that makes the result: the largest, helpers such as detectors aside where there is another."""
    candidates = [model for model in models if model.folder in _MAIN]
    makers = [model for model in candidates if not _HELPERS.match(model.file)] or candidates
    return max(makers, key=lambda model: model.bytes or 0, default=None)


def base_of(models: Sequence[ModelFile]) -> str | None:
    """Such as `sdxl` or `flux1`; None where nothing samples, or nobody knows the model."""
    main = main_model(models)
    if main is None:
        return None
    plain = re.sub(r"[_.\s]", "-", main.file.rpartition("/")[2].lower())
    return next((base for pattern, base in _BASES if pattern.search(plain)), None)
