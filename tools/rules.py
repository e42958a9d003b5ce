"""Pure rules about tools: what fits an instance, which values are allowed, what a step costs, whether a plan holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from tools.availability import (
    MODEL_FOLDERS,
    OWN_NODES,
    anything_known,
    availability,
    choose_implementation,
    missing_files,
    preparation,
)
from tools.derive import Derived, derive
from tools.errors import BadInput, BadParameter
from tools.gaps import in_minutes
from tools.loras.insertion import takes
from tools.loras.model import PARAM, uses
from tools.model import Capabilities, Estimate, MediaKind, Parameter, Size, Tool
from tools.saying import check_said, nothing_to_do, overruled, said_nothing, unused

__all__ = [
    "MODEL_FOLDERS", "OWN_NODES", "anything_known", "as_made", "availability", "check_inputs", "check_said",
    "checked_params", "choose_implementation", "deadline_s", "estimate", "in_minutes", "missing_files", "nothing_to_do",
    "overruled", "preparation", "said_nothing", "silence_s", "size_class", "too_large", "unused",
]  # fmt: skip


K = MediaKind
#: What a tool makes -> seconds that a job of it may be rendered, and seconds without a sign of progress. Loading weights
#: from a slow disk is silent too, so silence is counted in minutes.
PATIENCE_S: Mapping[MediaKind, tuple[float, float]] = {
    K.TEXT: (600, 300), K.MASK: (600, 300), K.IMAGE: (600, 300), K.AUDIO: (1_800, 600),
    K.MODEL3D: (1_800, 900), K.VIDEO: (3_600, 900),
}  # fmt: skip


def deadline_s(tool: Tool) -> float:
    """The longest that one job may be rendered, in seconds: what the tool says, else what its slowest output allows."""
    return _patience(tool)[0] if tool.deadline_s is None else tool.deadline_s


def silence_s(tool: Tool) -> float:
    """The longest that a render may show no sign of progress, in seconds; never more than its deadline."""
    return min(deadline_s(tool), _patience(tool)[1] if tool.silence_s is None else tool.silence_s)


def _patience(tool: Tool) -> tuple[float, float]:
    return max((PATIENCE_S[port.kind] for port in tool.outputs.values()), default=PATIENCE_S[K.IMAGE])


def checked_params(tool: Tool, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with defaults filled in. Raises BadParameter naming the first that does not fit."""
    unknown = sorted(set(params) - set(tool.params) - {PARAM})
    if unknown:
        raise _no_such_parameter(tool, unknown[0])
    checked = {
        name: _checked(tool, name, spec, params.get(name, spec.default)) for name, spec in tool.params.items()
    }
    return checked | _checked_loras(tool, params)


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


def as_made(
    tool: Tool, params: Mapping[str, Any], derived: Derived, sizes: Mapping[str, Size]
) -> tuple[dict[str, Any], list[str]]:
    """The parameters with the sides that will be made, where a model takes only multiples of something, and the names of
    those that were asked for and come out otherwise. With them the same picture comes out again."""
    sides: tuple[str, ...] = ("width", "height")
    real: dict[str, Any] = {
        side: derived.values[f"canvas_{side}"]
        for side in sides
        if side in tool.params and f"canvas_{side}" in derived.values
    }
    moved = [side for side, value in real.items() if params.get(side) not in (None, tool.params[side].default, value)]
    known = {**params, **real}
    if not moved or derive(tool.derive, known, sizes).size != derived.size:
        return dict(params), moved
    return known, moved


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


def size_class(params: Mapping[str, Any], size: Size | None) -> int:
    """How much work a step is, in half octaves of megapixels, steps, pictures and seconds: two more are twice as much."""
    megapixels = 1.0 if size is None else size.width * size.height / 1_048_576
    work = max(1 / 64, megapixels)
    for name in ("steps", "count", "duration"):
        value = params.get(name)
        work *= max(1.0, float(value)) if isinstance(value, int | float) else 1.0
    return round(2 * math.log2(work))


def _no_such_parameter(tool: Tool, name: str) -> BadParameter:
    near = get_close_matches(name, tool.params, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return BadParameter(f"{tool.title} has no parameter {name}.{meant}", parameter=name, tool=tool.name)


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
    if spec.required and spec.type == "string" and not value.strip():
        raise BadParameter(f"{tool.title} needs {name}, and it is empty.", parameter=name, tool=tool.name)
    return value


def _checked_loras(tool: Tool, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the tags of the prompt load: no parameter of the tool's own, but any graph with a model has a place for it."""
    try:
        called = uses(params)
    except ValueError:
        raise BadParameter("This is no list of LoRAs.", parameter=PARAM, tool=tool.name) from None
    if called and not takes(tool):
        raise BadParameter(f"{tool.title} takes no LoRA.", parameter=PARAM, tool=tool.name)
    return {PARAM: [lora.model_dump() for lora in called]} if called else {}


def _checked_number(tool: Tool, name: str, spec: Parameter, value: Any) -> int | float:
    whole = spec.type == "integer"
    if not _is_number(value) or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise BadParameter(f"{name} of {tool.title} is {kind}.", parameter=name, tool=tool.name)
    low, high = spec.minimum, spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        range_in_words = (
            "is out of range" if low is None or high is None else f"lies between {_told(low)} and {_told(high)}"
        )
        detail = f"{name} of {tool.title} {range_in_words}."
        raise BadParameter(detail, parameter=name, tool=tool.name, minimum=low, maximum=high)
    return int(value) if whole else float(value)


def too_large(server: str, size: int, limit: int | None) -> str:
    """Why a file of so many bytes is not sent there; `limit` is None where it did not say what it takes."""
    has = in_mb(size)
    if limit is None:
        return f"{server} takes no file of {has}."
    takes = in_mb(limit)
    return f"{server} takes files to {takes}; this one {'is a little larger' if takes == has else f'has {has}'}."


def in_mb(size: int) -> str:
    """Bytes in words: `312 MB`, `20 KB`."""
    return f"{size / 2**20:.0f} MB" if size >= 2**20 else f"{size / 2**10:.0f} KB"


def _told(bound: float) -> str:
    """A bound as it can be sent again: a seed's is 9007199254740991, and no 9.0072e+15."""
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _is_number(value: Any) -> bool:
    """A finite one; yes and no are none, though Python counts with them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)
