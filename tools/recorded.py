"""`/object_info` of real servers, as it was written down: the reference that graphs are made for and held against."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from tools.nodes import ObjectInfo


def reference() -> dict[str, ObjectInfo]:
    """ComfyUI version -> its `/object_info`, recorded from real servers."""
    files = _recorded()
    return {version: json.loads(files[version].read_text(encoding="utf-8")) for version in files}


def newest() -> ObjectInfo:
    """The `/object_info` of the newest version that was recorded."""
    info: ObjectInfo = json.loads(newest_bytes()[1])
    return info


def newest_bytes() -> tuple[str, bytes]:
    """The newest version that was recorded, and its `/object_info` as it was written down."""
    version, file = list(_recorded().items())[-1]
    return version, file.read_bytes()


def _recorded() -> dict[str, Any]:
    """Version -> file, the oldest first."""
    folder = resources.files("tools") / "reference"
    files = {
        file.name.removeprefix("object_info-").removesuffix(".json"): file
        for file in folder.iterdir()
        if file.name.startswith("object_info-")
    }
    return {version: files[version] for version in sorted(files, key=_numbers)}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
