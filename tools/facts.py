"""Hold graph templates against what ComfyUI itself says of its nodes: classes, inputs, types, ranges, choices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from tools.derive import derive
from tools.model import Implementation, Size, Tool
from tools.rules import checked_params

ObjectInfo = Mapping[str, Any]
OWN = "StationThis"  # nodes of the embedded renderer, which no ComfyUI has
_STAND_IN = {"string": "words", "integer": 1, "number": 1.0, "boolean": False, "model": "model.safetensors"}


def reference() -> dict[str, ObjectInfo]:
    """ComfyUI version -> its `/object_info`, recorded from real servers."""
    folder = resources.files("tools") / "reference"
    files = sorted((f for f in folder.iterdir() if f.name.startswith("object_info-")), key=lambda f: f.name)
    return {
        file.name.removeprefix("object_info-").removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
        for file in files
    }


def from_server(url: str) -> ObjectInfo:
    """`/object_info` of a running server."""
    import httpx

    answer = httpx.get(f"{url.rstrip('/')}/object_info", timeout=30, trust_env=False)
    answer.raise_for_status()
    info: ObjectInfo = answer.json()
    return info


def check(tool: Tool, info: ObjectInfo, server: str) -> list[dict[str, Any]]:
    """A row per implementation: `{server, tool, implementation, verdict, faults}`. Absent nodes are no fault."""
    rows = []
    for implementation in tool.implementations:
        absent = sorted({n["class_type"] for n in implementation.graph.values()} - set(info))
        faults = [] if absent else graph_faults(tool, implementation, info)
        verdict = f"absent: {', '.join(absent)}" if absent else ("; ".join(faults) or "fits")
        rows.append({"server": server, "tool": tool.name, "implementation": implementation.name, "verdict": verdict, "faults": faults})
    return rows


def graph_faults(tool: Tool, implementation: Implementation, info: ObjectInfo) -> list[str]:
    """Everything that a server with these nodes would refuse, model names aside."""
    values = _values(tool)
    faults = []
    for node_id, node in implementation.graph.items():
        entry = info[node["class_type"]]
        specs = {**entry["input"].get("required", {}), **entry["input"].get("optional", {})}
        missing = set(entry["input"].get("required", {})) - set(node["inputs"])
        faults += [f"{node_id}: {name} is missing" for name in sorted(missing)]
        for name, value in node["inputs"].items():
            if name not in specs:
                faults.append(f"{node_id}: {node['class_type']} has no input {name}")
            else:
                faults += [f"{node_id}.{name}: {fault}" for fault in _input_faults(value, specs[name], implementation, info, values)]
    faults += [f"output {p}: node {n} saves nothing" for p, n in implementation.outputs.items()
               if not info[implementation.graph[n]["class_type"]]["output_node"]]  # fmt: skip
    return faults


def _input_faults(value: Any, spec: list[Any], implementation: Implementation, info: ObjectInfo, values: Mapping[str, Any]) -> list[str]:
    wanted, options = spec[0], (spec[1] if len(spec) > 1 else {})
    if isinstance(value, list):
        return _link_faults(value, wanted, implementation, info)
    if isinstance(value, str) and value.startswith("$"):
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
    types: dict[str, tuple[type, ...]] = {"INT": (int,), "FLOAT": (int, float), "STRING": (str,), "BOOLEAN": (bool,)}
    if wanted not in types:
        return [f"needs a link of type {wanted}"]
    if not isinstance(value, types[wanted]):
        return [f"{value!r} is no {wanted}"]
    if wanted in ("INT", "FLOAT") and not options.get("min", value) <= value <= options.get("max", value):
        return [f"{value} is out of {options.get('min')}..{options.get('max')}"]
    return []


def _values(tool: Tool) -> dict[str, Any]:
    """A value for every name that a template may use: defaults where there are, stand-ins elsewhere."""
    given = {n: _STAND_IN[p.type] for n, p in tool.params.items() if p.required}
    params = checked_params(tool, given)
    filled = {n: (_STAND_IN[tool.params[n].type] if v is None and tool.params[n].type != "choice" else v) for n, v in params.items()}
    sizes = {port: Size(1024, 768) for port in tool.inputs}
    derived = derive(tool.derive, params, sizes).values
    return {**filled, **derived, **{port: "input.png" for port in tool.inputs}, "filename_prefix": "prefix"}
