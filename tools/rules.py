"""Pure rules about tools: what fits an instance, which values are allowed, what a step costs, whether a plan holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tools import graph as graphs
from tools.errors import BadInput, BadParameter
from tools.model import Availability, Capabilities, Estimate, Implementation, Parameter, Size, Tool

OWN_NODES = "StationThis"  # begins the names of the embedded renderer's nodes, which no ComfyUI has
MODEL_FOLDERS = {"checkpoint": "checkpoints", "upscale_model": "upscale_models"}


def availability(tool: Tool, instances: Sequence[Capabilities]) -> Availability:
    """Whether some instance has the nodes and files of some implementation; else what is missing, in words."""
    for instance in instances:
        chosen = choose_implementation(tool, instance, {})
        if chosen is not None:
            return Availability(True, implementation=chosen.name, sketch=instance.sketch and tool.generative)
    return Availability(False, reason=_missing(tool, instances))


def choose_implementation(
    tool: Tool, instance: Capabilities, params: Mapping[str, Any]
) -> Implementation | None:
    """The first implementation that this instance can run with these parameters, or None.

    Core nodes are listed before our own in every tool, so that they are preferred where the instance has them.
    """
    if tool.generative and not instance.samplers:
        return None
    changed = {
        name for name, value in params.items() if name in tool.params and value != tool.params[name].default
    }
    for implementation in tool.implementations:
        if implementation.only_params is not None and not (
            changed and changed <= set(implementation.only_params)
        ):
            continue
        if _fits(tool, implementation, instance, params):
            return implementation
    return None


def checked_params(tool: Tool, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with defaults filled in. Raises BadParameter naming the first that does not fit."""
    unknown = sorted(set(params) - set(tool.params))
    if unknown:
        raise BadParameter(
            f"{tool.title} has no parameter {unknown[0]}.", parameter=unknown[0], tool=tool.name
        )
    return {
        name: _checked(tool, name, spec, params.get(name, spec.default)) for name, spec in tool.params.items()
    }


def check_inputs(tool: Tool, kinds: Mapping[str, Sequence[str]]) -> None:
    """Raise BadInput unless every port gets as many media of its kind as it asks for."""
    for name in kinds:
        if name not in tool.inputs:
            raise BadInput(f"{tool.title} has no input {name}.", port=name, tool=tool.name)
    for name, port in tool.inputs.items():
        given = kinds.get(name, ())
        low, high = port.count
        if not low <= len(given) <= high:
            raise BadInput(
                f"{tool.title} needs {low} {port.kind.value} as its input {name}.", port=name, tool=tool.name
            )
        wrong = [kind for kind in given if kind != port.kind]
        if wrong:
            raise BadInput(
                f"{tool.title} takes {port.kind.value}, not {wrong[0]}.", port=name, tool=tool.name
            )


def estimate(
    tool: Tool, params: Mapping[str, Any], size: Size | None, instance: Capabilities | None
) -> Estimate:
    """Seconds and credits of one step as a range. Embedded work is free."""
    cost = tool.cost
    if instance is not None and (instance.sketch or not instance.samplers):
        pixels = 1.0 if size is None else size.width * size.height / 1_048_576
        seconds = cost.cpu_s * max(0.5, pixels) * params.get("count", 1)
        return Estimate(credits=(0.0, 0.0), seconds=(round(seconds * 0.6, 1), round(seconds * 2, 1)))
    megapixels = 1.0 if size is None else size.width * size.height / 1_048_576
    work = megapixels * params.get("steps", 1) * params.get("count", 1)
    seconds = cost.fixed_s + work * (
        cost.per_megapixel_step_s + cost.per_length_step_s * (params.get("duration") or 0)
    )
    low, high = seconds * 0.7, seconds * 2.0
    credits = (round(low * cost.credits_per_s, 2), round(high * cost.credits_per_s, 2))
    return Estimate(credits=credits, seconds=(round(low, 1), round(high, 1)))


def _fits(
    tool: Tool, implementation: Implementation, instance: Capabilities, params: Mapping[str, Any]
) -> bool:
    classes = graphs.node_classes(implementation)
    if (
        instance.unknown
    ):  # nothing is known, so nothing special is promised: no named weights, no nodes of our own
        return not implementation.models and not any(name.startswith(OWN_NODES) for name in classes)
    return classes <= instance.nodes and not missing_files(tool, implementation, instance, params)


def missing_files(
    tool: Tool, implementation: Implementation, instance: Capabilities, params: Mapping[str, Any]
) -> list[str]:
    """`folder/file` for each model file that the instance does not list; `folder/*` where any file would do."""
    missing = [
        f"{model.folder}/{model.file}"
        for model in implementation.models
        if model.file not in instance.models.get(model.folder, frozenset())
    ]
    for name in graphs.names(implementation) & set(tool.params):
        if tool.params[name].type != "model":
            continue
        listed = instance.models.get(MODEL_FOLDERS[name], frozenset())
        wanted = params.get(name)
        if not listed or (wanted and wanted not in listed):
            missing.append(f"{MODEL_FOLDERS[name]}/{wanted or '*'}")
    return missing


def _missing(tool: Tool, instances: Sequence[Capabilities]) -> str:
    """What would have to be added, to the instance that lacks the least."""
    if not tool.implementations:
        return f"needs ComfyUI {tool.min_comfyui} or newer" if tool.min_comfyui else "needs a newer ComfyUI"
    candidates = [i for i in instances if i.samplers] if tool.generative else list(instances)
    if not candidates:
        return "no render server is connected that can generate pictures"
    lacks: list[tuple[int, str]] = []
    for instance in candidates:
        for implementation in (i for i in tool.implementations if i.only_params is None):
            nodes = sorted(graphs.node_classes(implementation) - instance.nodes)
            files = missing_files(tool, implementation, instance, {})
            lacks.append((len(nodes) * 100 + len(files), _lack_in_words(nodes, files)))
    return min(lacks)[1]


def _lack_in_words(nodes: Sequence[str], files: Sequence[str]) -> str:
    parts = []
    if nodes:
        parts.append(f"the render server lacks the nodes {', '.join(nodes)}")
    if files:
        named = ", ".join(_file_in_words(path) for path in files)
        parts.append(f"put {named} on the render server")
    return "; ".join(parts)


def _file_in_words(path: str) -> str:
    folder, _, file = path.partition("/")
    return f"any model file into models/{folder}" if file == "*" else f"{file} into models/{folder}"


def _checked(tool: Tool, name: str, spec: Parameter, value: Any) -> Any:
    if value is None:
        if spec.required:
            raise BadParameter(f"{tool.title} needs {name}.", parameter=name, tool=tool.name)
        return None
    if spec.type in ("integer", "number"):
        return _checked_number(tool, name, spec, value)
    if spec.type == "boolean" and not isinstance(value, bool):
        raise BadParameter(f"{name} of {tool.title} is yes or no.", parameter=name, tool=tool.name)
    if spec.type == "choice" and value not in spec.choices:
        raise BadParameter(
            f"{name} of {tool.title} is one of {', '.join(spec.choices)}.", parameter=name, tool=tool.name
        )
    if spec.type in ("string", "model") and not isinstance(value, str):
        raise BadParameter(f"{name} of {tool.title} is a text.", parameter=name, tool=tool.name)
    return value


def _checked_number(tool: Tool, name: str, spec: Parameter, value: Any) -> int | float:
    whole = spec.type == "integer"
    if not _is_number(value) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise BadParameter(f"{name} of {tool.title} is {kind}.", parameter=name, tool=tool.name)
    low, high = spec.minimum, spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        range_in_words = (
            f"lies between {low:g} and {high:g}" if None not in (low, high) else "is out of range"
        )
        detail = f"{name} of {tool.title} {range_in_words}."
        raise BadParameter(detail, parameter=name, tool=tool.name, minimum=low, maximum=high)
    return int(value) if whole else float(value)


def _is_number(value: Any) -> bool:
    """A finite one; yes and no are none, though Python counts with them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)
