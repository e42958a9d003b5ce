"""What a history entry says: how the job ended, what it made, how long it took. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from executor.comfy.attribution import attribute
from executor.comfy.faults import NODE_FAILED
from executor.comfy.http import FileRef
from executor.model import Fault, FaultKind

_VIEWED = re.compile(
    r"(?P<path>[^\[\]]+\.(?:glb|gltf|obj|ply|stl|fbx|usdz|spz|splat|ksplat))(?: \[(?P<type>output|temp|input)\])?"
)


class Ending(StrEnum):
    SUCCESS = "execution_success"
    ERROR = "execution_error"
    INTERRUPTED = "execution_interrupted"


@dataclass(frozen=True)
class Verdict:
    """How a prompt ended. `files` and `texts` by node id, in order, also of one that failed later; `seconds` between the first
    and the last message."""

    ending: Ending
    files: dict[str, list[FileRef]] = field(default_factory=dict)
    seconds: float = 0.0
    fault: Fault | None = None
    texts: dict[str, list[str]] = field(default_factory=dict, repr=False)


def read_verdict(entry: Mapping[str, Any]) -> Verdict:
    """The last message decides: an interrupted job calls itself an error too."""
    messages = _messages(entry)
    kind, data = messages[-1] if messages else ("", {})
    times = [d["timestamp"] for _, d in messages if isinstance(d.get("timestamp"), int | float)]
    seconds = max(0.0, (times[-1] - times[0]) / 1000) if times else 0.0
    if kind == Ending.INTERRUPTED:
        return replace(read_outputs(entry.get("outputs")), ending=Ending.INTERRUPTED, seconds=seconds)
    if kind == Ending.ERROR or _status(entry).get("status_str") == "error":
        fault = attribute(data) if kind == Ending.ERROR else Fault(FaultKind.JOB, NODE_FAILED)
        return replace(read_outputs(entry.get("outputs")), ending=Ending.ERROR, seconds=seconds, fault=fault)
    return replace(read_outputs(entry.get("outputs")), seconds=seconds)


def read_outputs(outputs: Any) -> Verdict:
    """What nodes gave, by node id: of a whole prompt, or so far."""
    return Verdict(Ending.SUCCESS, _files(outputs), texts=_texts(outputs))


def _status(entry: Mapping[str, Any]) -> dict[str, Any]:
    status = entry.get("status")
    return status if isinstance(status, dict) else {}


def _messages(entry: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for message in _status(entry).get("messages") or ():
        match message:
            case [str(kind), dict(data)]:
                found.append((kind, data))
    return found


def _files(outputs: Any) -> dict[str, list[FileRef]]:
    """Keys of a node's output are free (`images`, `gifs`, `audio`, `3d` ...): everything that names a file counts."""
    return {node_id: refs for node_id, output in _nodes(outputs) if (refs := _refs(output))}


def _texts(outputs: Any) -> dict[str, list[str]]:
    """What nodes show instead of saving it: `{"text": ["..."]}`."""
    found = {}
    for node_id, output in _nodes(outputs):
        lines = output.get("text")
        if isinstance(lines, list) and (texts := [line for line in lines if isinstance(line, str)]):
            found[node_id] = texts
    return found


def _nodes(outputs: Any) -> list[tuple[str, dict[str, Any]]]:
    items = outputs.items() if isinstance(outputs, dict) else ()
    return [(node_id, output) for node_id, output in items if isinstance(output, dict)]


def _refs(output: dict[str, Any]) -> list[FileRef]:
    items = [(key, item) for key, value in output.items() if isinstance(value, list) for item in value]
    return [ref for key, item in items if (ref := _file(item) or (_viewed(item) if key == "result" else None)) is not None]


def _file(item: Any) -> FileRef | None:
    match item:
        case {"filename": str(name), **rest}:
            return FileRef(name, str(rest.get("subfolder") or ""), str(rest.get("type") or "output"))
    return None


def _viewed(item: Any) -> FileRef | None:
    """A 3D viewer names its file by its path, with the folder behind it where that is not `output`: `3d/x.glb [temp]`."""
    match = _VIEWED.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        return None
    folder, _, name = match["path"].replace("\\", "/").rpartition("/")
    return FileRef(name, folder, match["type"] or "output")
