"""The committed pin: which package version and which templates were looked at. An upgrade is a difference to this file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from tools.templates import package
from tools.templates.package import Template


@dataclass(frozen=True)
class Pin:
    """A package version and the digest of each of its open templates."""

    version: str
    digests: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {"package": package.PACKAGE, "version": self.version, "templates": dict(sorted(self.digests.items()))}


def pinned() -> Pin:
    """What the file says."""
    entry = json.loads(pin_file().read_text(encoding="utf-8"))
    return Pin(entry["version"], entry["templates"])


def installed(templates: Iterable[Template]) -> Pin:
    """What is installed."""
    return Pin(package.version(), {template.name: template.digest for template in templates})


def write(pin: Pin) -> None:
    """Make it the pin: a change of the source tree, to be looked at and committed."""
    pin_file().write_text(json.dumps(pin.as_dict(), indent=1) + "\n", encoding="utf-8")


def apart(pin: Pin, now: Pin) -> list[str]:
    """What differs, a line each; [] when the installed package is the pinned one."""
    lines = [] if pin.version == now.version else [f"version {pin.version} -> {now.version}"]
    lines += [f"{name} new" for name in sorted(now.digests.keys() - pin.digests.keys())]
    lines += [f"{name} gone" for name in sorted(pin.digests.keys() - now.digests.keys())]
    both = pin.digests.keys() & now.digests.keys()
    return lines + [f"{name} changed" for name in sorted(both) if pin.digests[name] != now.digests[name]]


def pin_file() -> Path:
    return Path(str(resources.files("tools") / "templates" / "pin.json"))
