"""A drafted tool as its owner wants it: other names, parameters hidden, other defaults and ranges. Pure.

Always made from the tool as it was found, so that what was hidden can come back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tools.errors import BadChange, BadParameter
from tools.graph import name_in
from tools.model import Example, Parameter, Port, Tool
from tools.rules import checked_params
from tools.workflows.model import Changes, ParameterChange, PortChange

_READ_BY_RULES = frozenset({"width", "height", "duration", "fps", "scale", "steps", "left", "top", "right", "bottom"})
"""Parameters that rules work with by their name."""
_SHAPES = "image"
"""The port whose picture's size rules work with."""


def shaped(found: Tool, changes: Changes, samples: Mapping[str, str] | None = None) -> Tool:
    """The tool with the person's changes. `samples` are texts that stand for hidden words. Raises BadChange."""
    _known("parameter", changes.params, found.params)
    _known("input", changes.inputs, found.inputs)
    _known("output", changes.outputs, found.outputs)
    _keeps_names(changes)
    params = _params(found, changes, samples or {})
    hidden = {name: spec.default for name, spec in params.items() if _goes(found, changes, name)}
    renamed = {name: change.name or name for name, change in changes.params.items()}
    ports = {name: change.name or name for name, change in changes.inputs.items()}
    names = {name: f"${new}" for name, new in {**renamed, **ports}.items()} | {
        name: f"${value}" if isinstance(value, str) and value.startswith("$") else value for name, value in hidden.items()
    }
    shown = {name: spec for name, spec in params.items() if name not in hidden}
    tool = found.model_copy(
        update={
            "title": changes.title or found.title,
            "description": found.description if changes.description is None else changes.description,
            "examples": tuple(Example(text=text[:300]) for text in changes.examples or ()) or found.examples,
            "params": _called(shown, renamed), "inputs": _ported(found.inputs, changes.inputs),
            "outputs": _ported(found.outputs, changes.outputs),
            "implementations": tuple(
                one.model_copy(update={"graph": _graph(one.graph, names), "outputs": _renamed(one.outputs, changes.outputs)})
                for one in found.implementations
            ),
        }
    )  # fmt: skip
    _hold(tool)
    return tool


def merged(before: Changes, given: Mapping[str, Any]) -> Changes:
    """Changes with further ones: what is left out stays; of parameters and ports each that is named is replaced, and with
    None taken back. Raises BadChange for what has not their form."""
    whole = before.model_dump(exclude_unset=True)
    for field, value in given.items():
        if field in ("params", "inputs", "outputs"):
            both = {**whole.get(field, {}), **value}
            whole[field] = {name: change for name, change in both.items() if change is not None}
        else:
            whole[field] = value
    try:
        return Changes.model_validate(whole)
    except ValidationError as error:
        where = ".".join(str(part)[:40] for part in error.errors(include_url=False, include_input=False)[0]["loc"][:4])
        raise BadChange(f"{where or 'A change'} has not the form of a change.") from None


def applicable(changes: Changes, found: Tool | None) -> Changes:
    """The changes whose parameters and ports another workflow has too."""
    if found is None:
        return changes
    return changes.model_copy(
        update={
            "params": {name: change for name, change in changes.params.items() if name in found.params},
            "inputs": {name: change for name, change in changes.inputs.items() if name in found.inputs},
            "outputs": {name: change for name, change in changes.outputs.items() if name in found.outputs},
        }
    )


def _params(found: Tool, changes: Changes, samples: Mapping[str, str]) -> dict[str, Parameter]:
    return {
        name: _param(name, spec, changes.params[name], found, samples) if name in changes.params else spec
        for name, spec in found.params.items()
    }


def _param(name: str, spec: Parameter, change: ParameterChange, found: Tool, samples: Mapping[str, str]) -> Parameter:
    update: dict[str, Any] = {}
    for field in ("description", "default", "minimum", "maximum", "required", "advanced"):
        value = getattr(change, field)
        if value is not None:
            update[field] = value
    _within(name, spec, update)
    if change.hidden and update.get("default", spec.default) is None:
        if name not in samples:
            raise BadChange(f"{name} can be hidden only with a default.", parameter=name)
        update["default"] = samples[name]
    if update.get("default", spec.default) is not None and "default" in update:
        update.setdefault("required", False)
    changed = spec.model_copy(update=update)
    if change.hidden and spec.type in ("integer", "number") and not _is_bound(found, name):
        # A rule reads it: it stays, and can be nothing else.
        only = {"required": False, "advanced": True, "minimum": changed.default, "maximum": changed.default}
        changed = changed.model_copy(update=only)
    _fits(name, changed)
    return changed


def _within(name: str, spec: Parameter, update: Mapping[str, Any]) -> None:
    """A range becomes narrower, never wider: the graph's own inputs would refuse the rest."""
    low, high = update.get("minimum", spec.minimum), update.get("maximum", spec.maximum)
    if {"minimum", "maximum"} & set(update) and spec.type not in ("integer", "number"):
        raise BadChange(f"{name} is no number, so it has no range.", parameter=name)
    if spec.minimum is not None and low is not None and low < spec.minimum:
        raise BadChange(f"{name} is at least {spec.minimum:g}.", parameter=name, minimum=spec.minimum)
    if spec.maximum is not None and high is not None and high > spec.maximum:
        raise BadChange(f"{name} is at most {spec.maximum:g}.", parameter=name, maximum=spec.maximum)
    if low is not None and high is not None and low > high:
        raise BadChange(f"The range of {name} is empty.", parameter=name)


def _fits(name: str, spec: Parameter) -> None:
    """The default must be a value that the parameter itself takes."""
    if spec.default is None:
        return
    alone = Tool(
        name="draft", title="The workflow", description="", family="", outputs={}, implementations=(), params={name: spec}
    )
    try:
        checked_params(alone, {name: spec.default})
    except BadParameter as problem:
        raise BadChange(f"The default does not fit: {problem.detail}", parameter=name) from None


def _goes(found: Tool, changes: Changes, name: str) -> bool:
    """Whether a hidden parameter is written into the graph for good, because nothing else reads it."""
    return name in changes.params and changes.params[name].hidden and _is_bound(found, name)


def _is_bound(found: Tool, name: str) -> bool:
    return name not in _READ_BY_RULES and any(
        name_in(value) == name
        for one in found.implementations
        for node in one.graph.values()
        for value in node["inputs"].values()
    )


def _called(params: Mapping[str, Parameter], names: Mapping[str, str]) -> dict[str, Parameter]:
    return _distinct("parameter", ((names.get(name, name), spec) for name, spec in params.items()))


def _ported(ports: Mapping[str, Port], changes: Mapping[str, PortChange]) -> dict[str, Port]:
    def changed(name: str, port: Port) -> Port:
        said = changes[name].description if name in changes else None
        return port if said is None else port.model_copy(update={"description": said})

    named = {name: change.name or name for name, change in changes.items()}
    return _distinct("port", ((named.get(name, name), changed(name, port)) for name, port in ports.items()))


def _renamed(outputs: Mapping[str, str], changes: Mapping[str, PortChange]) -> dict[str, str]:
    return {(changes[name].name or name) if name in changes else name: node for name, node in outputs.items()}


def _distinct(what: str, pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadChange(f"Two {what}s would be called {name}.", name=name)
        found[name] = value
    return found


def _graph(graph: Mapping[str, Mapping[str, Any]], names: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        key: {
            "class_type": node["class_type"],
            "inputs": {name: names.get(name_in(value) or "", value) for name, value in node["inputs"].items()},
        }
        for key, node in graph.items()
    }


def _known(what: str, named: Collection[str], there: Collection[str]) -> None:
    unknown = sorted(set(named) - set(there))
    if unknown:
        raise BadChange(f"The workflow has no {what} {unknown[0]}.", name=unknown[0])


def _keeps_names(changes: Changes) -> None:
    for name, new in [(name, change.name) for name, change in changes.params.items() if change.name not in (None, name)]:
        if name in _READ_BY_RULES or new in _READ_BY_RULES:
            raise BadChange(f"{name} cannot be called {new}: other values are worked out from that name.", name=name)
    shape = changes.inputs.get(_SHAPES)
    if shape is not None and shape.name not in (None, _SHAPES):
        raise BadChange("The first picture keeps its name: sizes go by it.", name=_SHAPES)


def _hold(tool: Tool) -> None:
    """Inputs and parameters share the graph's names, so none may be called like another or like a derived value."""
    both = set(tool.params) & set(tool.inputs)
    if both:
        raise BadChange(f"A parameter and an input would both be called {min(both)}.", name=min(both))
    taken = _DERIVED & (set(tool.params) | set(tool.inputs))
    if taken:
        raise BadChange(f"{min(taken)} is a name that the workflow uses itself.", name=min(taken))


_DERIVED = frozenset({"canvas_width", "canvas_height", "frames", "split_step", "filename_prefix", "loras"})
