"""What a graph says about the picture that it makes: models, seeds, samplers, and a keyed name for the whole. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from executor.comfy.capabilities import SOURCES

Graph = Mapping[str, Mapping[str, Any]]
_FOLDERS = {(node, field): folder for node, field, folder in SOURCES}
_SEEDS = ("seed", "noise_seed")
_SAMPLING = ("steps", "cfg", "guidance", "sampler_name", "scheduler", "denoise")
_NAMES = ("filename_prefix",)
"""Inputs that say where a result goes, and nothing about it."""


def graph_hash(secret: bytes, graph: Graph) -> str:
    """Equal for graphs that make the same, whatever their files are called; it says nothing to who lacks the key."""
    plain = {name: {**node, "inputs": _without_names(node)} for name, node in graph.items()}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    own = hmac.digest(secret, b"graph hash", "sha256")  # a key of its own, never the one that seals
    return hmac.new(own, text.encode(), hashlib.sha256).hexdigest()


def graph_facts(graph: Graph, sha256_of: Callable[[str, str], str | None]) -> dict[str, Any]:
    """`{models: [{folder, file, sha256}], seeds: [...], sampling: [{steps, cfg, ...}]}`; `sha256_of(folder, file)` is what
    the registry knows. Names of private models are among them: content."""
    models, seeds, sampling = [], [], []
    for _, node in sorted(graph.items()):
        inputs = node.get("inputs") or {}
        models += [_model(folder, inputs[field], sha256_of) for field, folder in _loaded(node, inputs)]
        seeds += [inputs[name] for name in _SEEDS if isinstance(inputs.get(name), int)]
        if told := {name: inputs[name] for name in _SAMPLING if isinstance(inputs.get(name), int | float | str)}:
            sampling.append({"node": node.get("class_type"), **told})
    return {"models": _once(models), "seeds": _once(seeds), "sampling": sampling}


def _without_names(node: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (node.get("inputs") or {}).items() if name not in _NAMES}


def _loaded(node: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(input, folder) of each weight file that the node loads."""
    kind = str(node.get("class_type"))
    known = {name: _FOLDERS.get((kind, name)) or _FOLDERS.get((kind, f"{name.rstrip('0123456789')}1")) for name in inputs}
    return [(name, folder) for name, folder in known.items() if folder and isinstance(inputs[name], str)]


def _model(folder: str, file: str, sha256_of: Callable[[str, str], str | None]) -> dict[str, str | None]:
    return {"folder": folder, "file": file, "sha256": sha256_of(folder, file)}


def _once(values: list[Any]) -> list[Any]:
    return [value for number, value in enumerate(values) if value not in values[:number]]
