"""What a node must be given, and whether the values that are given are ones that it takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from tools.nodes import CHOICE, DYNAMIC, MATCH, Input
from tools.validation.model import Fault

_VALUES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "*"})
_CONVERT: Mapping[str, type] = {"INT": int, "FLOAT": float}
_UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload", "remote")
_FILES = (
    ".safetensors", ".sft", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".gguf", ".onnx", ".pkl", ".task", ".yaml",
    ".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".exr", ".hdr", ".svg",
    ".mp4", ".webm", ".mov", ".mkv", ".avi", ".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a",
    ".glb", ".gltf", ".obj", ".fbx", ".stl", ".ply", ".usdz", ".splat", ".spz", ".ksplat",
)  # fmt: skip
_OF_THE_MACHINE = frozenset({("ModelAttentionBackend", "attention")})
"""Choices that list what a machine has installed, not what the class can do: a server takes others too."""
_FOLDERS = (" [input]", " [output]", " [temp]")
_SHOWN = 60


def absent(key: str, inputs: Iterable[Input], given: Mapping[str, Any]) -> Iterator[Fault]:
    """Required inputs that are not given."""
    for one in inputs:
        if not one.required or one.name in given:
            continue
        code = "dynamic_key_missing" if one.type == DYNAMIC else "required_input_missing"
        yield Fault(code, f"{one.name} is missing", key)


def literals(key: str, kind: str, inputs: Iterable[Input], given: Mapping[str, Any]) -> Iterator[Fault]:
    """Values, links aside, that do not fit their inputs."""
    for one in inputs:
        if one.name not in given or isinstance(given[one.name], list) or (kind, one.name) in _OF_THE_MACHINE:
            continue
        found = _literal(one, given[one.name])
        if found is not None:
            yield Fault(found[0], found[1], key, one.name)


def _literal(one: Input, value: Any) -> tuple[str, str] | None:
    if isinstance(value, dict) and "__value__" in value:
        value = value["__value__"]
    if one.type == DYNAMIC:
        return None if value in one.choices else ("dynamic_key_unknown", f"{_told(value)} is no choice")
    if one.type == CHOICE:
        return _choice(one, value)
    if one.type in _CONVERT:
        return _number(one, value)
    return None if _takes_values(one) else ("link_expected", f"needs a link of type {one.type}")


def _choice(one: Input, value: Any) -> tuple[str, str] | None:
    is_open = not one.choices or any(one.options.get(name) for name in _UPLOADS)
    if is_open or value in one.choices or is_file(value):
        return None
    return ("value_not_in_list", f"{_told(value)} is no choice")


def is_file(value: Any) -> bool:
    """Whether a choice is the name of a file, which another server may have or be given."""
    if not isinstance(value, str):
        return False
    name = value.lower()
    return name.removesuffix(next((f for f in _FOLDERS if name.endswith(f)), "")).endswith(_FILES)


def _number(one: Input, value: Any) -> tuple[str, str] | None:
    """The server converts as Python does (`"16"` is 16, 16.9 is 16), then looks at the range."""
    try:
        number = _CONVERT[one.type](value)
        if not isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        return ("invalid_input_type", f"{_told(value)} is no {one.type}")
    least, most = one.options.get("min"), one.options.get("max")
    if isinstance(least, int | float) and number < least:
        return ("value_smaller_than_min", f"{_told(number)} is out of {least}..{most}")
    if isinstance(most, int | float) and number > most:
        return ("value_bigger_than_max", f"{_told(number)} is out of {least}..{most}")
    return None


def _takes_values(one: Input) -> bool:
    if one.is_widget:
        return True
    kinds = set(one.type.split(","))
    if one.type == MATCH:
        template = one.options.get("template")
        kinds = set(str(template.get("allowed_types", "*")).split(",")) if isinstance(template, dict) else {"*"}
    return bool(kinds & _VALUES)


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
