"""The templates as tools, from the builds that are kept; what is missing or outdated is built first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools import recorded
from tools.model import Tool
from tools.templates import cache
from tools.templates.building import Build, build, key_of, merged


def fresh(folder: Path) -> tuple[Tool, ...] | None:
    """What is kept, in a fraction of a second; None when something of it must be built first."""
    _version, info = recorded.newest_bytes()
    builds = [_kept(folder, cache.REFERENCE, info)]
    for name in cache.names(folder):
        if name != cache.REFERENCE:
            builds.append(_kept(folder, name, cache.read_info(folder, name)))
    found = [each for each in builds if each is not None]
    return merged(found) if len(found) == len(builds) else None


def load(folder: Path) -> tuple[Tool, ...]:
    """What is kept, else a new build (seconds). Raises TemplatesUnavailable."""
    kept = fresh(folder)
    if kept is not None:
        return kept
    version, info = recorded.newest_bytes()
    builds = [_rebuilt(folder, cache.REFERENCE, version, info)]
    for name in cache.names(folder):
        of_server = cache.read_info(folder, name)
        if of_server is not None:
            builds.append(_rebuilt(folder, name, name, of_server))
    return merged(builds)


def _kept(folder: Path, name: str, info: bytes | None) -> Build | None:
    if info is None or cache.key(folder, name) != key_of(info):
        return None
    return cache.read(folder, name)


def _rebuilt(folder: Path, name: str, server: str, info: bytes) -> Build:
    kept = _kept(folder, name, info)
    if kept is not None:
        return kept
    made = build(server, info)
    cache.write(folder, made, name)
    return made


def made_now(names: frozenset[str]) -> Callable[[str], Tool | None]:
    """These templates as tools without any build: for programs that have no data folder."""
    version, info = recorded.newest_bytes()
    made = {tool.source.name: tool for tool in build(version, info, only=names).tools}
    return made.get
