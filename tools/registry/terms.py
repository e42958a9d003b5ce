"""Which tools may be used for what their pictures are made for: licences of the models, and the operator's gate. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from tools.model import ModelFile, Tool
from tools.registry.entries import by_place, registered
from tools.registry.licences import commercial
from tools.registry.model import Commercial, RegisteredModel

_ORDER = (Commercial.NO, Commercial.LIMITED, Commercial.UNKNOWN, Commercial.YES)


def of_file(file: ModelFile) -> Commercial:
    """What the registry knows of the file, whichever tool asks; only where it knows nothing what the tool itself says."""
    known = _known(file)
    told = Commercial.UNKNOWN if known is None else known.commercial
    return told if told is not Commercial.UNKNOWN else commercial(file.licence)


def licence_of(file: ModelFile) -> str | None:
    """Name of the licence that `of_file` goes by; None where nobody says."""
    known = _known(file)
    return file.licence if known is None or known.licence is None else known.licence


def non_commercial(files: Iterable[ModelFile]) -> list[str]:
    """Names of those whose pictures may not be sold."""
    return list(dict.fromkeys(file.file for file in files if of_file(file) is Commercial.NO))


def unknown(files: Iterable[ModelFile]) -> list[str]:
    """Names of those of which nobody says whether their pictures may be sold."""
    return list(dict.fromkeys(file.file for file in files if of_file(file) is Commercial.UNKNOWN))


def of_tool(tool: Tool) -> Commercial:
    """What the strictest licence of its first way says; YES where it needs no model."""
    files = tool.implementations[0].models if tool.implementations else ()
    said = {of_file(file) for file in files}
    return next((terms for terms in _ORDER if terms in said), Commercial.YES)


def withheld(tools: Iterable[Tool], rule: Literal["allow", "refuse"]) -> tuple[Tool, ...]:
    """The tools as this installation offers them: where it refuses, no way whose pictures may not be sold.

    Files whose terms are unknown pass: the plan says so.
    """
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


def _known(file: ModelFile) -> RegisteredModel | None:
    """By its place, else by its name alone: the same weights in another folder have the same terms, the strictest counts."""
    places, by_name = _registered()
    return places.get(f"{file.folder}/{file.file}") or by_name.get(file.file)


@cache
def _registered() -> tuple[dict[str, RegisteredModel], dict[str, RegisteredModel]]:
    models = registered()
    strictest_last = sorted(models, key=lambda model: _ORDER.index(model.commercial), reverse=True)
    return by_place(models), {model.file: model for model in strictest_last}
