"""What `/object_info` says of a node's inputs, as typed values: the one reader of its many forms. Pure.

An input is written `[TYPE]` or `[TYPE, OPTIONS]`. Choices stand as a list in the place of the type or as `COMBO` with
`options`; a dynamic combo brings further inputs with each of its choices, an autogrow input any number of sockets.
Inputs of inputs are named with dots (`resize_type.width`, `images.image0`), here as in a graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ObjectInfo = Mapping[str, Any]
CHOICE, DYNAMIC, AUTOGROW, MATCH = "COMBO", "COMFY_DYNAMICCOMBO_V3", "COMFY_AUTOGROW_V3", "COMFY_MATCHTYPE_V3"
COMPARE = "IMAGECOMPARE"
_WIDGETS = frozenset(
    {"INT", "FLOAT", "STRING", "BOOLEAN", CHOICE, DYNAMIC, COMPARE, "COLOR", "COLORS", "BOUNDING_BOX", "BOUNDING_BOXES",
     "CURVE", "COMPOSITOR", "LOAD_3D", "AUDIO_RECORD", "WEBCAM"}
)  # fmt: skip
_SEEDS = ("seed", "noise_seed")
_PLAIN_DEFAULTS: Mapping[str, Any] = {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False}
_MOST_MEMBERS = 100


@dataclass(frozen=True)
class Input:
    """One input of a node. `name` is its full name, `type` its type with every choice written as `COMBO`."""

    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False

    @property
    def is_widget(self) -> bool:
        """Whether the editor draws it and stores its value; everything else can only be linked."""
        if self.options.get("forceInput"):
            return False
        return self.type in _WIDGETS or ("," in self.type and bool(self.options.get("widgetType")))

    @property
    def has_control(self) -> bool:
        """Whether the editor stores what happens to the value after a run (`fixed`, `randomize`) behind it."""
        return bool(self.options.get("control_after_generate")) or (self.type == "INT" and self.name in _SEEDS)

    @property
    def choices(self) -> tuple[Any, ...]:
        """What may be chosen; () when that is not known, or when it is no choice."""
        if self.type == DYNAMIC:
            return tuple(option["key"] for option in _options(self))
        found = self.options.get("options")
        return tuple(found) if self.type == CHOICE and isinstance(found, list) else ()

    @property
    def has_default(self) -> bool:
        return "default" in self.options or bool(self.choices) or self.type in _PLAIN_DEFAULTS

    @property
    def default(self) -> Any:
        """What the editor starts with; None where it has nothing to start with (see has_default)."""
        if "default" in self.options:
            return self.options["default"]
        return self.choices[0] if self.choices else _PLAIN_DEFAULTS.get(self.type)


def inputs_of(entry: Any) -> tuple[Input, ...]:
    """The inputs of a class, required ones first, each in the order in which the editor draws them."""
    entry = _mapping(entry)
    groups, order = _mapping(entry.get("input")), _mapping(entry.get("input_order"))
    return tuple(_group(groups, "", order))


def chosen(dynamic: Input, key: Any) -> tuple[Input, ...] | None:
    """The inputs that a choice of a dynamic combo brings; None when it has no such choice."""
    option = next((option for option in _options(dynamic) if option["key"] == key), None)
    return None if option is None else tuple(_group(_mapping(option.get("inputs")), f"{dynamic.name}.", {}))


def members(autogrow: Input) -> tuple[Input, ...]:
    """All sockets that an autogrow input may have; the ones it must have come first and are `required`."""
    template = _mapping(autogrow.options.get("template"))
    found = next(iter(_group(_mapping(template.get("input")), "", {})), None)
    if found is None:
        return ()
    names = template.get("names")
    if not isinstance(names, list):
        names = [f"{template.get('prefix', '')}{number}" for number in range(_count(template.get("max"), _MOST_MEMBERS))]
    least = _count(template.get("min"), 0)
    return tuple(
        Input(f"{autogrow.name}.{name}", found.type, found.options, autogrow.required and place < least)
        for place, name in enumerate(names[:_MOST_MEMBERS])
    )


def unfolded(entry: Any, given: Mapping[str, Any]) -> tuple[Input, ...]:
    """All inputs that a node of this class has once these are given: with what its choices bring, and with every socket
    of what grows in the place of the group."""
    found: list[Input] = []
    waiting = list(reversed(inputs_of(entry)))
    while waiting:
        one = waiting.pop()
        if one.type == AUTOGROW:
            waiting.extend(reversed(members(one)))
            continue
        found.append(one)
        if one.type == DYNAMIC:
            waiting.extend(reversed(chosen(one, given.get(one.name)) or ()))
    return tuple(found)


def outputs_of(entry: Any) -> tuple[str, ...]:
    """Types of the output slots of a class, a choice as `COMBO`."""
    return tuple(CHOICE if isinstance(kind, list) else str(kind) for kind in _list(_mapping(entry).get("output")))


def _group(groups: Mapping[str, Any], prefix: str, order: Mapping[str, Any]) -> Iterable[Input]:
    for group in ("required", "optional"):
        specs = _mapping(groups.get(group))
        first = [name for name in _list(order.get(group)) if isinstance(name, str) and name in specs]
        for name in dict.fromkeys([*first, *specs]):
            yield _input(f"{prefix}{name}", specs[name], group == "required")


def _input(name: str, spec: Any, required: bool) -> Input:
    """Of a spec that cannot be read only this much is taken: something may be linked there."""
    kind, options = (*_list(spec), None, None)[:2]
    if isinstance(kind, list):
        return Input(name, CHOICE, {**_mapping(options), "options": kind}, required)
    return Input(name, kind if isinstance(kind, str) else "*", _mapping(options), required)


def _options(dynamic: Input) -> list[Mapping[str, Any]]:
    return [option for option in _list(dynamic.options.get("options")) if isinstance(option, dict) and "key" in option]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any, otherwise: int) -> int:
    return min(value, _MOST_MEMBERS) if isinstance(value, int) and value >= 0 else otherwise
