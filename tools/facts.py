"""Hold graph templates against what ComfyUI itself says of its nodes: classes, inputs, types, ranges, choices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from tools.derive import derive
from tools.errors import FactsUnavailable
from tools.model import Implementation, Size, Tool
from tools.rules import checked_params

ObjectInfo = Mapping[str, Any]
_PICTURE = Size(1024, 768)
_STAND_IN = {"string": "words", "integer": 1, "number": 1.0, "boolean": False, "model": "model.safetensors"}


def reference() -> dict[str, ObjectInfo]:
    """ComfyUI version -> its `/object_info`, recorded from real servers."""
    folder = resources.files("tools") / "reference"
    files = {
        file.name.removeprefix("object_info-").removesuffix(".json"): file
        for file in folder.iterdir()
        if file.name.startswith("object_info-")
    }
    return {version: json.loads(files[version].read_text(encoding="utf-8")) for version in sorted(files, key=_numbers)}


def newest() -> ObjectInfo:
    """The `/object_info` of the newest version that was recorded."""
    return list(reference().values())[-1]


def from_server(url: str) -> ObjectInfo:
    """`/object_info` of a running server. Raises FactsUnavailable when none answers, or something else does."""
    import httpx

    try:
        answer = httpx.get(f"{url.rstrip('/')}/object_info", timeout=30, trust_env=False)
        info = answer.raise_for_status().json()
    except httpx.InvalidURL:
        raise FactsUnavailable("That is no address of a server.") from None
    except httpx.HTTPError:
        raise FactsUnavailable from None
    except ValueError:
        info = None
    if not isinstance(info, dict) or not all(
        isinstance(node, dict) and "input" in node for node in info.values()
    ):
        raise FactsUnavailable("What answers there is no ComfyUI.")
    return info


def check(tool: Tool, info: ObjectInfo, server: str) -> list[dict[str, Any]]:
    """A row per implementation: `{server, tool, implementation, verdict, faults}`. Absent nodes are no fault."""
    rows = []
    for implementation in tool.implementations:
        absent = sorted({n["class_type"] for n in implementation.graph.values()} - set(info))
        faults = [] if absent else graph_faults(tool, implementation, info)
        verdict = f"absent: {', '.join(absent)}" if absent else ("; ".join(faults) or "fits")
        row = {"server": server, "tool": tool.name, "implementation": implementation.name}
        rows.append({**row, "verdict": verdict, "faults": faults})
    return rows


def graph_faults(tool: Tool, implementation: Implementation, info: ObjectInfo) -> list[str]:
    """Everything that a server with these nodes would refuse, model names aside, for every value a parameter may have."""
    faults = [fault for values in _samples(tool) for fault in _faults(implementation, info, values)]
    faults += [
        f"output {port}: node {node} saves nothing"
        for port, node in implementation.outputs.items()
        if not info[implementation.graph[node]["class_type"]]["output_node"]
    ]
    return list(dict.fromkeys(faults))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _faults(implementation: Implementation, info: ObjectInfo, values: Mapping[str, Any]) -> list[str]:
    faults = []
    for node_id, node in implementation.graph.items():
        needed, specs = _inputs(info[node["class_type"]])
        faults += [f"{node_id}: {name} is missing" for name in sorted(needed - set(node["inputs"]))]
        for name, value in node["inputs"].items():
            if name not in specs:
                faults.append(f"{node_id}: {node['class_type']} has no input {name}")
                continue
            found = _input_faults(value, specs[name], implementation, info, values)
            faults += [f"{node_id}.{name}: {fault}" for fault in found]
    return faults


def _inputs(entry: Mapping[str, Any]) -> tuple[set[str], dict[str, Any]]:
    """The names a node must be given, and the specification of all that it may be given."""
    required, optional = entry["input"].get("required", {}), entry["input"].get("optional", {})
    return set(required), {**required, **optional}


def _input_faults(
    value: Any, spec: list[Any], implementation: Implementation, info: ObjectInfo, values: Mapping[str, Any]
) -> list[str]:
    wanted, options = spec[0], (spec[1] if len(spec) > 1 else {})
    if isinstance(value, list):
        return _link_faults(value, wanted, implementation, info)
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        if value[1:] not in values:
            return [f"nothing gives {value}"]
        value = values[value[1:]]
    choices = wanted if isinstance(wanted, list) else (options.get("options") if wanted == "COMBO" else None)
    if choices is not None:
        is_file = isinstance(value, str) and (value.endswith((".safetensors", ".png")) or not choices)
        return [] if is_file or value in choices else [f"{value!r} is no choice"]
    return _value_faults(value, wanted, options)


def _link_faults(link: list[Any], wanted: Any, implementation: Implementation, info: ObjectInfo) -> list[str]:
    source, slot = link
    if source not in implementation.graph:
        return [f"links to {source}, which is not there"]
    outputs = info[implementation.graph[source]["class_type"]]["output"]
    given = outputs[slot] if slot < len(outputs) else None
    return [] if given is not None and given in str(wanted).split(",") else [f"gets {given}, wants {wanted}"]


def _value_faults(value: Any, wanted: str, options: Mapping[str, Any]) -> list[str]:
    types: dict[str, tuple[type, ...]] = {
        "INT": (int,),
        "FLOAT": (int, float),
        "STRING": (str,),
        "BOOLEAN": (bool,),
    }
    if wanted not in types:
        return [f"needs a link of type {wanted}"]
    is_number = wanted in ("INT", "FLOAT")
    if not isinstance(value, types[wanted]) or (is_number and isinstance(value, bool)):
        return [f"{value!r} is no {wanted}"]
    if is_number and not options.get("min", value) <= value <= options.get("max", value):
        return [f"{value} is out of {options.get('min')}..{options.get('max')}"]
    return []


def _samples(tool: Tool) -> Iterator[dict[str, Any]]:
    """Values for every name that a template may use: all defaults, then each parameter at each of its ends."""
    required = {name: _STAND_IN[spec.type] for name, spec in tool.params.items() if spec.required}
    yield _values(tool, required)
    for name, spec in tool.params.items():
        ends = [end for end in (spec.minimum, spec.maximum) if end is not None]
        for value in (*spec.choices, *(int(end) if spec.type == "integer" else end for end in ends)):
            yield _values(tool, {**required, name: value})


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
