"""What the keys of steps need to know of the world: which nodes are ComfyUI's own, and which bytes a weight file has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from tools.registry.entries import registered
from tools.registry.model import RegisteredModel
from tools.service import core_nodes


@dataclass(frozen=True)
class Facts:
    """`core` are node classes; `files` tells of each weight file that the registry knows its hash, else its size."""

    core: frozenset[str] = field(repr=False)
    files: dict[str, str] = field(repr=False)


@cache
def facts() -> Facts:
    """Reads files of the program, a tenth of a second: ask in a thread first."""
    return Facts(core_nodes(), known_files(registered()))


def known_files(models: Iterable[RegisteredModel]) -> dict[str, str]:
    """File name -> what is known of its bytes, wherever it lies: a file of the same name in two folders is told as both."""
    told: dict[str, list[str]] = {}
    for model in models:
        told.setdefault(model.file, []).append(f"{model.folder}:{model.sha256 or model.bytes or 'unknown'}")
    return {name: " ".join(sorted(each)) for name, each in told.items()}
