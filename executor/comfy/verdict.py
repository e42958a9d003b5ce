"""What a history entry says: how the job ended, what it made, how long it took. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from executor.comfy.http import FileRef
from executor.model import Fault, FaultKind
from executor.rules import attribute


class Ending(StrEnum):
    SUCCESS = "execution_success"
    ERROR = "execution_error"
    INTERRUPTED = "execution_interrupted"


@dataclass(frozen=True)
class Verdict:
    """How a prompt ended. `files` by node id, in order; `seconds` between the first and the last message."""

    ending: Ending
    files: dict[str, list[FileRef]] = field(default_factory=dict)
    seconds: float = 0.0
    fault: Fault | None = None


def read_verdict(entry: Mapping[str, Any]) -> Verdict:
    """The last message decides: an interrupted job calls itself an error too."""
    messages = _messages(entry)
    kind, data = messages[-1] if messages else ("", {})
    times = [d["timestamp"] for _, d in messages if isinstance(d.get("timestamp"), int | float)]
    seconds = max(0.0, (times[-1] - times[0]) / 1000) if times else 0.0
    if kind == Ending.INTERRUPTED:
        return Verdict(Ending.INTERRUPTED, seconds=seconds)
    if kind == Ending.ERROR or _status(entry).get("status_str") == "error":
        fault = attribute(data) if kind == Ending.ERROR else Fault(FaultKind.JOB, "node_failed")
        return Verdict(Ending.ERROR, seconds=seconds, fault=fault)
    return Verdict(Ending.SUCCESS, _files(entry.get("outputs")), seconds)


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
    """Keys of a node's output are free (`images`, `audio`, ...): everything that names a file counts."""
    files: dict[str, list[FileRef]] = {}
    for node_id, output in outputs.items() if isinstance(outputs, dict) else ():
        lists = output.values() if isinstance(output, dict) else ()
        items = [item for value in lists if isinstance(value, list) for item in value]
        refs = [ref for item in items if (ref := _file(item)) is not None]
        if refs:
            files[node_id] = refs
    return files


def _file(item: Any) -> FileRef | None:
    match item:
        case {"filename": str(name), **rest}:
            return FileRef(name, str(rest.get("subfolder") or ""), str(rest.get("type") or "output"))
    return None
