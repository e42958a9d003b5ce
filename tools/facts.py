"""Hold graph templates against what ComfyUI itself says of its nodes: classes, inputs, types, ranges, choices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tools import graph as graphs
from tools.derive import derive
from tools.errors import BadParameter, FactsUnavailable
from tools.model import Implementation, Size, Tool
from tools.nodes import ObjectInfo
from tools.recorded import newest as newest
from tools.recorded import reference as reference
from tools.rules import checked_params
from tools.validation.strictness import careless
from tools.validation.validating import validate

ABSENT = "absent"
"""How the verdict begins where a server lacks nodes."""
_EVERY_SERVER_HAS = "SaveImage"
_PICTURE = Size(1024, 768)
_STAND_IN = {"string": "words", "integer": 1, "number": 1.0, "boolean": False, "model": "model.safetensors"}


def from_server(url: str, most_bytes: int = 64 * 2**20, most_s: float = 30.0) -> ObjectInfo:
    """`/object_info` of a running server, within so many bytes and seconds in all. For programs without an event loop.

    Raises FactsUnavailable when none answers, or something else does.
    """
    import httpx

    try:
        info = json.loads(asyncio.run(_fetched(url, most_bytes, most_s)))
    except httpx.InvalidURL:
        raise FactsUnavailable("That is no address of a server.") from None
    except TimeoutError:
        raise FactsUnavailable("What answers there does not come to an end.") from None
    except httpx.HTTPError:
        raise FactsUnavailable from None
    except (ValueError, RecursionError):
        info = None
    known = isinstance(info, dict) and all(isinstance(node, dict) and "input" in node for node in info.values())
    if not known or _EVERY_SERVER_HAS not in info:
        raise FactsUnavailable("What answers there is no ComfyUI.")
    return dict(info)


async def _fetched(url: str, most_bytes: int, most_s: float) -> bytes:
    from base.http import client

    found = bytearray()
    address = f"{url.rstrip('/')}/object_info"
    async with asyncio.timeout(most_s), client(read_s=most_s) as asking, asking.stream("GET", address) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            found += part
            if len(found) > most_bytes:
                raise FactsUnavailable("What answers there tells more than any ComfyUI.")
    return bytes(found)


def check(tool: Tool, info: ObjectInfo, server: str) -> list[dict[str, Any]]:
    """A row per implementation: `{server, tool, implementation, verdict, faults}`. Absent nodes are no fault."""
    rows = []
    for implementation in tool.implementations:
        absent = sorted({n["class_type"] for n in implementation.graph.values()} - set(info))
        faults = [] if absent else graph_faults(tool, implementation, info)
        verdict = f"{ABSENT}: {', '.join(absent)}" if absent else ("; ".join(faults) or "fits")
        row = {"server": server, "tool": tool.name, "implementation": implementation.name}
        rows.append({**row, "verdict": verdict, "faults": faults})
    return rows


def graph_faults(tool: Tool, implementation: Implementation, info: ObjectInfo) -> list[str]:
    """Everything that a server with these nodes would refuse, model names aside, for every value a parameter may have."""
    faults = [fault for values in _samples(tool) for fault in _faults(implementation, info, values)]
    faults += [
        f"output {port}: node {node} saves nothing"
        for port, node in implementation.outputs.items()
        if not info[implementation.graph[node]["class_type"]].get("output_node")
    ]
    return list(dict.fromkeys(faults))


def _faults(implementation: Implementation, info: ObjectInfo, values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the graph once it is bound with these values, and with what an author wrote without meaning it."""
    unbound = [
        f"{key}.{name}: nothing gives {value}"
        for key, node in implementation.graph.items()
        for name, value in node["inputs"].items()
        if (wanted := graphs.name_in(value)) is not None and wanted not in values
    ]
    if unbound:
        return unbound
    bound = graphs.bind(implementation, values).graph
    return [str(fault) for fault in (*validate(bound, info), *careless(bound, info))]


def _samples(tool: Tool) -> Iterator[dict[str, Any]]:
    """Values for every name that a template may use: all defaults, then each parameter at each of its ends."""
    required = {name: _STAND_IN[spec.type] for name, spec in tool.params.items() if spec.required}
    yield _values(tool, required)
    for name, spec in tool.params.items():
        ends = [end for end in (spec.minimum, spec.maximum) if end is not None]
        for value in (*spec.choices, *(int(end) if spec.type == "integer" else end for end in ends)):
            if (values := _possible(tool, {**required, name: value})) is not None:
                yield values


def _possible(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """None where the derive rule refuses, as a frame that is larger than the picture: that is told before anything is sent."""
    try:
        return _values(tool, given)
    except BadParameter:
        return None


def _values(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a graph is bound with: defaults where there are, stand-ins for open models and words, derived values, files."""
    params = checked_params(tool, given)
    filled = {
        name: _STAND_IN[tool.params[name].type]
        if value is None and tool.params[name].type != "choice"
        else value
        for name, value in params.items()
    }
    derived = derive(tool.derive, params, dict.fromkeys(tool.inputs, _PICTURE)).values
    return {**filled, **derived, **dict.fromkeys(tool.inputs, "input.png"), "filename_prefix": "prefix"}
