"""What each ComfyUI had when it was last seen: a small file per instance in the data folder.

So a restart while the server is away does not forget what it can do: work for it is planned and waits. Node names and file
names only; whoever deletes the folder loses nothing but that.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from base.clock import rfc3339
from base.files import write_whole
from tools.model import Capabilities


class Memory:
    """Reads and writes are blocking; call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, instance_id: str, known: Capabilities, seen_at: datetime) -> None:
        """Whole or not at all. A disk that is full loses this and nothing else."""
        record = {**closed(known), "seen_at": rfc3339(seen_at)}
        file = self._folder / f"{instance_id}.json"
        try:
            write_whole(file, json.dumps(record).encode())
        except OSError:
            return

    def read(self, instance_id: str) -> tuple[Capabilities, datetime] | None:
        """What was kept, and when that was seen; None where there is nothing, or nothing that can be read."""
        try:
            return _read(json.loads((self._folder / f"{instance_id}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None


def closed(known: Capabilities) -> dict[str, Any]:
    """What an instance has, as JSON."""
    return {
        "nodes": sorted(known.nodes), "models": {folder: sorted(files) for folder, files in known.models.items()},
        "comfyui": known.comfyui, "vram_gb": known.vram_gb, "device": known.device,
        "sketch": known.sketch, "samplers": known.samplers, "max_upload_bytes": known.max_upload_bytes,
    }  # fmt: skip


def opened(record: Any) -> Capabilities:
    """The same back. Raises KeyError, TypeError, ValueError and AttributeError for what is no such record."""
    vram_gb = record["vram_gb"]
    return Capabilities(
        frozenset(map(str, record["nodes"])),
        {str(folder): frozenset(map(str, files)) for folder, files in record["models"].items()},
        comfyui=record["comfyui"], vram_gb=None if vram_gb is None else float(vram_gb), device=record.get("device"),
        sketch=bool(record.get("sketch", False)), samplers=bool(record.get("samplers", True)),
        max_upload_bytes=record.get("max_upload_bytes"),
    )  # fmt: skip


def _read(record: Any) -> tuple[Capabilities, datetime]:
    return opened(record), datetime.fromisoformat(record["seen_at"])
