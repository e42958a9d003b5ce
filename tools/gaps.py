"""What an instance lacks for a tool, weighed and in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.model import Capabilities, Gap, ModelFile, Tool

GPUS = (4, 6, 8, 10, 11, 12, 16, 20, 24, 32, 40, 48, 80, 96, 141, 192)
"""Sizes in which GPUs are sold; what a driver tells lies a little below."""
BOOT_S = (60.0, 180.0)
BYTES_PER_S = (50e6, 150e6)
"""Of a machine in a data centre that downloads models."""
NAMED = 3
"""As many nodes or files are named; the others are counted."""


def gpu(vram_gb: float | None) -> float | None:
    """The size of GPU that has so much."""
    return None if vram_gb is None else float(next((size for size in GPUS if size >= vram_gb), vram_gb))


def too_small(tool: Tool, instance: Capabilities) -> bool:
    """Whether its GPU is known to be smaller than what the tool is known to need."""
    needed, has = gpu(tool.vram_gb), gpu(instance.vram_gb)
    return needed is not None and has is not None and has < needed


def older(version: str | None, wanted: str | None) -> bool:
    """Whether it is, or may be, older than wanted."""
    return wanted is not None and (version is None or _numbers(version) < _numbers(wanted))


def made(
    nodes: tuple[str, ...], files: tuple[ModelFile, ...], vram_gb: float | None, min_comfyui: str | None
) -> Gap:
    """A gap with how long closing it takes on a fresh instance, where more than nodes is missing."""
    size = sum(file.bytes or 0 for file in files)
    fresh = size or vram_gb is not None
    seconds = (round(BOOT_S[0] + size / BYTES_PER_S[1]), round(BOOT_S[1] + size / BYTES_PER_S[0]))
    return Gap(nodes, files, vram_gb, min_comfyui, seconds if fresh else None)


def weight(gap: Gap) -> float:
    """How far off it is: nodes are the farthest, then another GPU, then files."""
    return len(gap.nodes) * 1000 + 500 * (gap.min_comfyui is not None) + 100 * (gap.vram_gb is not None) + len(gap.files)


def without_server(tool: Tool, gap: Gap) -> str:
    """No instance is there that could be compared."""
    kind = "that can generate" if tool.generative else ""
    nobody = f"no render server is connected {kind}".rstrip()
    needs = _needs(gap)
    return f"{needs} ({nobody})" if needs else nobody


def in_words(gap: Gap, instance: Capabilities) -> str:
    """`needs a 24 GB GPU and 18 GB of models, about 6 minutes to prepare`, and what its owner can do about it."""
    parts = [_needs(gap)] if _needs(gap) else []
    if gap.nodes and gap.min_comfyui is None:
        parts.append(f"the render server lacks the nodes {_listed(gap.nodes)}")
    if gap.vram_gb is not None and instance.vram_gb is not None:
        parts.append(f"the render server has {gpu(instance.vram_gb):g} GB")
    if gap.files and not gap.nodes and gap.vram_gb is None and instance.kind is None:
        parts.append(f"put {_listed([_placed(file) for file in gap.files])} on the render server")
    return "; ".join(parts) or "it cannot run as it is"


def _needs(gap: Gap) -> str:
    if gap.min_comfyui is not None:
        return f"needs ComfyUI {gap.min_comfyui} or newer" if gap.min_comfyui else "needs a newer ComfyUI"
    article = "an" if f"{gap.vram_gb or 0:g}".startswith(("8", "11")) else "a"
    wanted = [f"{article} {gap.vram_gb:g} GB GPU"] if gap.vram_gb is not None else []
    if gap.bytes:
        wanted.append(f"{_size(gap.bytes)} of models")
    if not wanted:
        return ""
    return f"needs {' and '.join(wanted)}, about {in_minutes(gap.prepare_s)} to prepare"


def in_minutes(seconds: tuple[float, float] | None) -> str:
    """The middle of a range, as one says it."""
    middle = round(sum(seconds or (60.0, 60.0)) / 120)
    return f"{middle} minutes" if middle > 1 else "a minute"


def _size(size: int) -> str:
    return f"{size / 1e9:.0f} GB" if size >= 9.5e9 else f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more} more"


def _placed(file: ModelFile) -> str:
    what = "any model file" if file.file == "*" else file.file
    return f"{what} into models/{file.folder}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
