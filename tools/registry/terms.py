"""Which tools may be used for what their pictures are made for: licences of the models, and the operator's gate. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from tools.model import ModelFile, Tool
from tools.registry.entries import by_place, registered
from tools.registry.licences import commercial
from tools.registry.model import Commercial

_ORDER = (Commercial.NO, Commercial.LIMITED, Commercial.UNKNOWN, Commercial.YES)


def of_file(file: ModelFile) -> Commercial:
    """What the registry knows of the file, else what its own licence says, which may be that of its whole repository."""
    known = _registered().get(f"{file.folder}/{file.file}", Commercial.UNKNOWN)
    return known if known is not Commercial.UNKNOWN else commercial(file.licence)


def non_commercial(files: Iterable[ModelFile]) -> list[str]:
    """Names of those whose pictures may not be sold."""
    return list(dict.fromkeys(file.file for file in files if of_file(file) is Commercial.NO))


def of_tool(tool: Tool) -> Commercial:
    """What the strictest licence of its first way says; YES where it needs no model."""
    files = tool.implementations[0].models if tool.implementations else ()
    said = {of_file(file) for file in files}
    return next((terms for terms in _ORDER if terms in said), Commercial.YES)


def withheld(tools: Iterable[Tool], rule: Literal["allow", "refuse"]) -> tuple[Tool, ...]:
    """The tools as this installation offers them: where it refuses, only ways whose pictures may be sold."""
    return tuple(tool if rule == "allow" else _gated(tool) for tool in tools)


def _gated(tool: Tool) -> Tool:
    free = tuple(way for way in tool.implementations if not non_commercial(way.models))
    if len(free) == len(tool.implementations):
        return tool
    if free:
        return tool.model_copy(update={"implementations": free})
    names = ", ".join(non_commercial(file for way in tool.implementations for file in way.models))
    reason = f"pictures of {names} may not be sold, and this installation refuses such models"
    return tool.model_copy(update={"withheld": reason})


@cache
def _registered() -> dict[str, Commercial]:
    return {place: model.commercial for place, model in by_place(registered()).items()}
