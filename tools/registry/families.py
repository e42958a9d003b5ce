"""Base families: which base model a file belongs to, and which LoRAs fit which. Pure.

A family is what weights of one shape share: a LoRA of `flux1` loads into every FLUX.1, and into nothing else.
"""

from __future__ import annotations

import re

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("qwen-image-2.1", r"qwen[_-]?image[_-]?2\.1|qwen3?\.5_9b_qwen_image"),
    ("qwen-image-layered", r"qwen_image_layered"),
    ("qwen-image-edit", r"qwen[_-]?(image[_-]?)?edit|firered"),
    ("qwen-image", r"qwen[_-]?image|gummycandy_qwen|qwen-360"),
    ("z-image", r"z[_-]image|zimage"),
    ("flux3", r"flux[._-]?3"),
    ("flux2-klein-9b", r"flux[._-]?2[._-]klein.*9b"),
    ("flux2-klein-4b", r"flux[._-]?2[._-]klein"),
    ("flux2", r"flux[._-]?2"),
    ("chroma-radiance", r"chroma-radiance"),
    ("chroma", r"chroma"),
    ("flux1", r"flux[._-]?1|uso[_-]flux|objectremovalfluxfill|krea-dev|kontext"),
    ("krea2", r"krea[_-]?2"),
    ("wan2.1", r"chrono_?edit"),
    ("wan2.2-5b", r"wan[_-]?2\.?2.*5b"),
    ("wan2.2-14b", r"wan[_-]?2\.?2|bernini"),
    ("wan2.1-1.3b", r"causal_forcing|(wan[_-]?2\.?1|wan21).*1[._]3b"),
    ("wan2.1", r"wan[_-]?2\.?1|wan21|lightx2v_(t2v|i2v)_14b|wanvideo"),
    ("ltx2.5", r"ltx[_-]?2\.5"),
    ("ltx2.3", r"ltx[_-]?2\.3"),
    ("ltx2", r"ltx[_-]?2(?![b\d])"),
    ("ltxv", r"ltx-video|ltxv"),
    ("minimax-h3", r"minimax[_-]h3|fasth3"),
    ("capybara", r"capybara"),
    ("hunyuan-video-1.5", r"hunyuan_?video_?1\.?5"),
    ("hunyuan-video", r"hunyuan[_-]?video"),
    ("hunyuan3d", r"hunyuan_?3d"),
    ("hidream-o1", r"hidream_o1"),
    ("hidream", r"hidream"),
    ("sd3", r"sd3\.?5|stable-diffusion-3\.5"),
    ("sdxl", r"sd[_-]?xl|stable-diffusion-xl"),
    ("sd15", r"sd[_-]?1[._-]?5|v1-5-pruned|lotus-depth|stable-diffusion-v1-5"),
    ("anima", r"anima(?!te)"),
    ("ace-step-1.5", r"ace_?step.*1\.5|ace15|ace_1\.5"),
    ("ace-step-1", r"ace[_-]?step"),
    ("moss-image", r"moss[_-]image"),
    ("seedvr2", r"seedvr2"),
    ("wan-animate", r"wan[_-]?animate"),
    ("stable-audio-3", r"stable[_-]audio[_-]3"),
    ("stable-audio-1", r"stable[_-]audio"),
    ("ernie-image", r"ernie"),
    ("longcat-image", r"longcat"),
    ("ovis-image", r"ovis"),
    ("omnigen2", r"omnigen2"),
    ("ideogram4", r"ideogram4"),
    ("joyai-image", r"joyai"),
    ("ming-image", r"ming_image"),
    ("kandinsky5-image", r"kandinsky5lite_t2i"),
    ("kandinsky5", r"kandinsky5"),
    ("boogu", r"boogu"),
    ("fibo2", r"fibo2"),
    ("pixeldit", r"pixeldit"),
    ("lumina2", r"netayume|lumina"),
    ("newbie", r"newbie"),
    ("humo", r"humo_"),
    ("svd", r"svd_"),
    ("mage-flow", r"mage[_-]flow"),
    ("trellis2", r"trellis[_.]?2"),
    ("pixal3d", r"pixal3d"),
    ("triposplat", r"triposplat"),
    ("void", r"void_pass"),
    ("lens", r"^lens_"),
    ("minimax-music", r"minimax_music"),
    ("yue2", r"yue2"),
)  # fmt: skip
_RULES = tuple((family, re.compile(pattern, re.IGNORECASE)) for family, pattern in _FAMILIES)

_ALSO_FIT: dict[str, frozenset[str]] = {
    "sdxl": frozenset({"pony", "illustrious"}),
    "pony": frozenset({"sdxl", "illustrious"}),
    "illustrious": frozenset({"sdxl", "pony"}),
    "qwen-image": frozenset({"qwen-image-edit"}),
    "wan2.1": frozenset({"wan2.2-14b"}),
}
"""LoRA's family -> further families whose weights have the same shape and take it well."""

FAMILIES: frozenset[str] = frozenset(name for name, _ in _FAMILIES) | {"pony", "illustrious"}


def family_of(*hints: str) -> str | None:
    """The family that the first telling hint names: a file name, then perhaps its repository. None when none does."""
    for hint in hints:
        for family, rule in _RULES:
            if rule.search(hint):
                return family
    return None


def fits(lora: str, base: str | None) -> bool:
    """Whether a LoRA of one family works in a tool of another."""
    return base is not None and (lora == base or base in _ALSO_FIT.get(lora, frozenset()))
