"""What the graphics card of this machine has room for, as nvidia-smi tells it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from tools.registry.model import RegisteredModel


@dataclass(frozen=True)
class Gpu:
    """One card with its memory in 2**30 bytes."""

    name: str
    vram_gb: float


def gpus(command: str = "nvidia-smi") -> tuple[Gpu, ...]:
    """The cards of this machine; none where the command is missing or fails."""
    question = [command, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(question, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return parsed(told)


def parsed(told: str) -> tuple[Gpu, ...]:
    """`NVIDIA GeForce RTX 4090, 24564` a line: name and mebibytes. Lines of another form are left out."""
    found = (line.rpartition(",") for line in told.splitlines())
    return tuple(Gpu(name.strip(), int(mib) / 1024) for name, _, mib in found if name and mib.strip().isdigit())


def verdict(model: RegisteredModel, cards: tuple[Gpu, ...]) -> tuple[bool | None, str]:
    """Whether the model fits the largest card, None where that cannot be told, and why in words."""
    if not cards:
        return None, "no graphics card answers here (nvidia-smi is missing or fails), so its memory cannot be compared"
    best = max(cards, key=lambda card: card.vram_gb)
    if model.vram_gb is None:
        return None, f"how much memory it needs is not known; {best.name} has {best.vram_gb:.0f} GB"
    needs = f"it needs {model.vram_gb:g} GB and {best.name} has {best.vram_gb:.0f} GB"
    return (True, needs) if model.vram_gb <= best.vram_gb + 0.5 else (False, f"{needs}: ComfyUI would have to swap")
