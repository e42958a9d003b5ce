"""The installed template package: which workflows it holds, and what it says of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata, resources
from typing import Any

from tools.errors import TemplatesUnavailable

PACKAGE = "comfyui-workflow-templates-json"
_MODULE = "comfyui_workflow_templates_json"


@dataclass(frozen=True)
class Template:
    """One workflow of the package. `entry` is its line of the package's index, `task` that of its index for agents."""

    name: str
    entry: Mapping[str, Any] = field(repr=False)
    task: Mapping[str, Any] = field(repr=False)
    ui: Mapping[str, Any] = field(repr=False)

    @property
    def digest(self) -> str:
        """sha256 of the canonical workflow: what a pin holds."""
        canonical = json.dumps(self.ui, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def version() -> str:
    """Version of the installed package. Raises TemplatesUnavailable when there is none."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise TemplatesUnavailable from None


def fingerprint() -> str:
    """Changes whenever a file of the installed package does: a hash of the installer's own list of file hashes."""
    record = metadata.distribution(PACKAGE).read_text("RECORD") or ""
    return hashlib.sha256(f"{version()}\n{record}".encode()).hexdigest()[:16]


def open_templates() -> Iterator[Template]:
    """The templates that need no paid service, in the package's order."""
    tasks = {task["name"]: task for group in _read("index.mcp.json") for task in group["templates"]}
    for group in _read("index.json"):
        for entry in group["templates"]:
            name = entry["name"]
            if entry.get("openSource") is not False:
                yield Template(name, entry, tasks.get(name, {}), _read(f"{name}.json"))


def _read(name: str) -> Any:
    try:
        return json.loads((resources.files(_MODULE) / "templates" / name).read_text(encoding="utf-8"))
    except (ModuleNotFoundError, FileNotFoundError, ValueError):
        raise TemplatesUnavailable from None
