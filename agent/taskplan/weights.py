"""A file of trained weights: heads in eight bits, the linker, the bars, and whom it all belongs to.

No word of what it was trained on is in it: numbers, the fingerprint of the inventory and the name of the encoder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from agent.taskplan.decoding import Bars
from agent.taskplan.errors import WeightsBroken
from agent.taskplan.heads import State
from agent.taskplan.linking import Linker

FORMAT = 1


@dataclass(frozen=True)
class Trained:
    """What training leaves behind."""

    fingerprint: str
    encoder: str
    heads: tuple[State, ...]
    linker: Linker
    bars: Bars


def save(trained: Trained, path: Path) -> None:
    """Write the file; the same weights give the same bytes."""
    arrays: dict[str, NDArray[Any]] = {}
    for number, state in enumerate(trained.heads):
        for name, array in state.items():
            arrays |= _packed(f"{number}/{name}", np.asarray(array, dtype=np.float32))
    for name in ("weights", "mean", "spread", "fed"):
        if (array := getattr(trained.linker, name)) is not None:
            arrays[f"linker/{name}"] = np.asarray(array, dtype=np.float32)
    about = {
        "format": FORMAT, "fingerprint": trained.fingerprint, "encoder": trained.encoder,
        "heads": len(trained.heads), "bias": trained.linker.bias, "bars": asdict(trained.bars),
    }  # fmt: skip
    arrays["about"] = np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load(path: Path) -> Trained:
    """Raises WeightsBroken."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            arrays = {name: file[name] for name in file.files if name != "about"}
        if about["format"] != FORMAT:
            raise WeightsBroken("These weights were written by another version.")
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise WeightsBroken(f"{path.name} holds numbers that are none: it was damaged, or its training failed.")
        linker = Linker(
            arrays["linker/weights"].astype(float), about["bias"], arrays["linker/mean"].astype(float),
            arrays["linker/spread"].astype(float), arrays["linker/fed"].astype(float) if "linker/fed" in arrays else None,
        )  # fmt: skip
        heads = tuple(_unpacked(arrays, f"{number}/") for number in range(about["heads"]))
        return Trained(about["fingerprint"], about["encoder"], heads, linker, Bars(**about["bars"]))
    except (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError) as error:
        missing = isinstance(error, FileNotFoundError)
        what = f"There is no file {path.name}." if missing else f"{path.name} holds no trained weights."
        raise WeightsBroken(what) from error


def for_inventory(fingerprint: str, encoder: str) -> Trained | None:
    """The weights that came with the project for exactly these tools and this encoder, if any."""
    file = resources.files("agent.taskplan").joinpath("trained", f"{fingerprint[:16]}.npz")
    if not file.is_file():
        return None
    with resources.as_file(file) as path:
        trained = load(path)
    return trained if (trained.fingerprint, trained.encoder) == (fingerprint, encoder) else None


def _packed(name: str, array: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Matrices as eight bits with a scale a column, everything else as it is in half precision."""
    if array.ndim < 2:
        return {name: array.astype(np.float16)}
    scale = np.maximum(np.abs(array).max(0, keepdims=True), 1e-8) / 127
    return {name: np.round(array / scale).astype(np.int8), f"{name}:scale": scale.astype(np.float16)}


def _unpacked(arrays: Mapping[str, NDArray[Any]], prefix: str) -> State:
    state: dict[str, NDArray[Any]] = {}
    for name, array in arrays.items():
        if name.startswith(prefix) and not name.endswith(":scale"):
            scale = arrays.get(f"{name}:scale")
            wide = array.astype(np.float32)
            state[name.removeprefix(prefix)] = wide if scale is None else wide * scale.astype(np.float32)
    return state
