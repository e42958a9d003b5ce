"""Builds kept in the data folder: written whole or not at all, believed only when their hash is right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from base.files import write_whole
from tools.templates.building import Build

REFERENCE = "reference"
_PREFIX, _INFO, _SUFFIX = "templates-", "object_info-", ".json"


def read(folder: Path, name: str = REFERENCE) -> Build | None:
    """The build of that name; None when there is none or it is not whole. It may be old: compare its key."""
    try:
        head, body = _file(folder, name).read_bytes().split(b"\n", 1)
        if json.loads(head)["digest"] != hashlib.sha256(body).hexdigest():
            return None
        return Build.model_validate_json(body)
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None


def key(folder: Path, name: str = REFERENCE) -> str | None:
    """Key of the build of that name, without reading the build."""
    try:
        with _file(folder, name).open("rb") as file:
            return str(json.loads(file.readline())["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(folder: Path, build: Build, name: str = REFERENCE) -> None:
    """Replace the build of that name."""
    body = build.model_dump_json(exclude_defaults=True).encode()
    head = json.dumps({"key": build.key, "digest": hashlib.sha256(body).hexdigest()}).encode()
    write_whole(_file(folder, name), head + b"\n" + body)


def names(folder: Path) -> Iterator[str]:
    """All builds that are kept, the reference first."""
    found = sorted(path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"))
    yield from sorted(found, key=lambda name: name != REFERENCE)


def read_info(folder: Path, name: str) -> bytes | None:
    """The `/object_info` that the build of that name was made for; None for the reference, which comes with the code."""
    try:
        return (folder / f"{_INFO}{name}{_SUFFIX}").read_bytes()
    except OSError:
        return None


def write_info(folder: Path, name: str, info: bytes) -> None:
    """Keep it, so that the build can be made again when the package or the code changes."""
    write_whole(folder / f"{_INFO}{name}{_SUFFIX}", info)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{_PREFIX}{name}{_SUFFIX}"
