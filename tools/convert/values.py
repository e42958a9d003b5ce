"""The values that a node stores itself: read from the list the editor keeps, then laid out as the server wants them. Pure.

The list has one place for each widget in the order of the schema; a widget that is linked keeps its place. Where the
list does not fit the schema, because the file was saved on another version, the names that newer pages store beside
it are read instead; without them nothing is guessed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from tools.convert.workflow import Node
from tools.errors import LayoutUnknown
from tools.nodes import AUTOGROW, COMPARE, DYNAMIC, Input, chosen

_COMBO_WITH_OWN_CHOICES = "CustomCombo"
"""Its choices are typed in by a person: the list holds the choice, its place and every option, the schema the choice only."""
_NUMBERS = ("INT", "FLOAT")


def stored(node: Node, inputs: Sequence[Input]) -> Mapping[str, Any]:
    """Full input name -> value, as far as the file has it. Raises LayoutUnknown."""
    if not node.values:
        return node.named
    if node.type == _COMBO_WITH_OWN_CHOICES:
        return dict(zip(("choice", "index", *_option_names(len(node.values))), node.values, strict=False))
    found, fits = _by_place(node.values, inputs)
    if fits:
        return found
    if node.named:
        return node.named
    if _has_unknown_key(found, inputs):
        raise LayoutUnknown(node=node.id, node_type=node.type)
    return found


def laid_out(
    node: Node, inputs: Sequence[Input], values: Mapping[str, Any], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    """What is sent for every widget: an override, else the stored value, else the schema's default; lists wrapped."""
    given = {**values, **overrides}
    filled = given if node.type == _COMBO_WITH_OWN_CHOICES else dict(_filled(inputs, given))
    return {name: sent(value) for name, value in filled.items()}


def sent(value: Any) -> Any:
    """A value as the server wants it, and nobody else's: a bare list would be taken for a link."""
    return {"__value__": deepcopy(value)} if isinstance(value, list) else deepcopy(value)


def value_of(name: str, inputs: Sequence[Input], values: Mapping[str, Any]) -> tuple[Any, ...]:
    """(value,) of one widget, stored or by default; () when there is none."""
    if name in values:
        return (values[name],)
    return tuple(value for known, value in _filled(inputs, values) if known == name)


def _by_place(values: Sequence[Any], inputs: Sequence[Input]) -> tuple[dict[str, Any], bool]:
    """The values by name, and whether each was of a kind that its widget can hold."""
    found: dict[str, Any] = {}
    fits, place, waiting = True, 0, deque(inputs)
    while waiting and place < len(values):
        widget = waiting.popleft()
        if not widget.is_widget or widget.type == COMPARE:  # a comparison keeps nothing in the list
            continue
        value = found[widget.name] = values[place]
        place += 2 if widget.has_control else 1
        fits = fits and _holds(widget, value)
        if widget.type == DYNAMIC:
            waiting.extendleft(reversed(chosen(widget, value) or ()))
    return found, fits


def _holds(widget: Input, value: Any) -> bool:
    if widget.type == DYNAMIC:
        return chosen(widget, value) is not None
    if widget.type in _NUMBERS:
        return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return widget.type != "BOOLEAN" or value is None or isinstance(value, bool)


def _has_unknown_key(found: Mapping[str, Any], inputs: Iterable[Input]) -> bool:
    dynamic = [widget for widget in inputs if widget.type == DYNAMIC and widget.name in found]
    return any(
        (brought := chosen(widget, found[widget.name])) is None or _has_unknown_key(found, brought) for widget in dynamic
    )


def _filled(inputs: Iterable[Input], values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for widget in inputs:
        if not widget.is_widget or widget.type == AUTOGROW:
            continue
        if widget.type == COMPARE:
            yield widget.name, ["", ""]  # required by the server, drawn by the page
            continue
        if widget.name not in values and not widget.has_default:
            continue
        value = values.get(widget.name, widget.default)
        yield widget.name, value
        if widget.type == DYNAMIC:
            yield from _brought(widget, value, values)


def _brought(dynamic: Input, key: Any, values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """What a choice brings; for a choice that the schema lacks, what the file itself names under it."""
    inputs = chosen(dynamic, key)
    if inputs is not None:
        return _filled(inputs, values)
    return ((name, value) for name, value in values.items() if name.startswith(f"{dynamic.name}."))


def _option_names(count: int) -> Iterable[str]:
    return (f"option{number}" for number in range(1, max(count - 1, 1)))
