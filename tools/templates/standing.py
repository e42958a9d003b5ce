"""Curated tools that stand on a template: the data of such a tool completed from the template's own.

In the YAML of a curated tool an implementation may say `template: NAME` in place of `graph` and `outputs`:

    implementations:
      - name: core
        template: utility_birefnet_remove_background
        ports: {image: image_2}     # this tool's input: the template's, where they differ
        outputs: {image: image_2}   # this tool's outputs: the template's; all of them when left out
        params: {strength: cfg}     # this tool's parameter: the template's, where they differ
        set: {negative: ""}         # template's parameters (or derived values) that a person does not set here, with their value

What the tool itself leaves out (`inputs`, `outputs`, `params`, `derive`, `cost`, `generative`, `base`, `vram_gb`,
`min_comfyui`, `popularity`, `group`) is the first such template's; a parameter that it names adds to the template's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tools.errors import BadStanding
from tools.graph import names
from tools.model import Tool

Lookup = Callable[[str], Tool | None]
_INHERITED = ("cost", "generative", "base", "vram_gb", "min_comfyui", "popularity", "group", "derive")


def templates_of(data: Mapping[str, Any]) -> list[str]:
    """The names of the templates that this tool stands on."""
    return [entry["template"] for entry in data.get("implementations", ()) if "template" in entry]


def complete(data: Mapping[str, Any], lookup: Lookup) -> dict[str, Any]:
    """The tool's data with everything filled in. A template without a graph gives no implementation.

    Raises BadStanding when a template, port or parameter that it names does not exist.
    """
    if not templates_of(data):
        return dict(data)
    first = next(entry for entry in data["implementations"] if "template" in entry)
    below = _template(first["template"], lookup, data)
    whole = dict(data)
    inherited = below.model_dump(mode="json", include={*_INHERITED})
    for field in _INHERITED:
        whole.setdefault(field, inherited[field])
    ports = below.model_dump(mode="json", include={"inputs", "outputs"})
    whole["inputs"] = _renamed(ports["inputs"], first.get("ports", {})) | dict(data.get("inputs") or {})
    whole["outputs"] = _given(ports["outputs"], first) | dict(data.get("outputs") or {})
    whole["params"] = _params(data, first, below)
    implementations = [_implementation(entry, lookup, data) for entry in data["implementations"]]
    whole["implementations"] = [entry for entry in implementations if entry is not None]
    whole.setdefault("source", {"kind": "curated", **_source(below)})
    return whole


def _template(name: str, lookup: Lookup, data: Mapping[str, Any]) -> Tool:
    found = lookup(name)
    if found is None:
        raise BadStanding(f"{data.get('name')} stands on {name}, which is no open template.")
    return found


def _params(data: Mapping[str, Any], entry: Mapping[str, Any], below: Tool) -> dict[str, Any]:
    fixed = set(entry.get("set", {}))
    mapped = _renamed(
        {name: spec.model_dump(mode="json") for name, spec in below.params.items() if name not in fixed},
        entry.get("params", {}),
    )
    own = data.get("params") or {}
    return mapped | {name: {**mapped.get(name, {}), **spec} for name, spec in own.items()}


def _implementation(entry: Mapping[str, Any], lookup: Lookup, data: Mapping[str, Any]) -> dict[str, Any] | None:
    if "template" not in entry:
        return dict(entry)
    below = _template(entry["template"], lookup, data)
    _check(entry, below, data)
    if not below.implementations:
        return None
    whole = below.implementations[0].model_dump(mode="json")
    known = {theirs: f"${ours}" for ours, theirs in {**entry.get("ports", {}), **entry.get("params", {})}.items()}
    known |= {name: _literal(value) for name, value in entry.get("set", {}).items()}
    whole["graph"] = {
        node_id: {**node, "inputs": {name: _bound(value, known) for name, value in node["inputs"].items()}}
        for node_id, node in whole["graph"].items()
    }
    whole["outputs"] = _given(whole["outputs"], entry)
    return {**whole, "name": entry.get("name", whole["name"])}


def _check(entry: Mapping[str, Any], below: Tool, data: Mapping[str, Any]) -> None:
    lost = [name for name in entry.get("ports", {}).values() if name not in below.inputs]
    lost += [name for name in entry.get("outputs", {}).values() if name not in below.outputs]
    lost += [name for name in entry.get("params", {}).values() if name not in below.params]
    lost += [name for name in entry.get("set", {}) if name not in below.params and name not in _derived(below)]
    if lost:
        raise BadStanding(f"{data.get('name')}: {entry['template']} has no {', '.join(lost)}.")


def _derived(below: Tool) -> frozenset[str]:
    """What the template's graph takes from its rule: a tool that fixes what the rule reads fixes this too."""
    return frozenset().union(*(names(implementation) for implementation in below.implementations)) - {*below.inputs}


def _renamed(named: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    ours = {theirs: name for name, theirs in mapping.items()}
    return {ours.get(name, name): value for name, value in named.items()}


def _given(outputs: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """All of the template's outputs, or those that the tool names, by its own names."""
    wanted = entry.get("outputs")
    return dict(outputs) if wanted is None else {ours: outputs[theirs] for ours, theirs in wanted.items() if theirs in outputs}


def _bound(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        return known.get(value[1:], value)
    return value


def _literal(value: Any) -> Any:
    return f"${value}" if isinstance(value, str) and value.startswith("$") else value


def _source(below: Tool) -> dict[str, Any]:
    return below.source.model_dump(mode="json", include={"name", "package", "version", "digest"})
