"""Numbers of a graph: where a value is written at last, what small sums make of it, and what comes out."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from tools.importer.wiring import Link, Place, Wiring

PASSES_ON = {"PreviewAny": "source", "ComfyNumberConvert": "value"}
"""Nodes that give out what they are given, whose input is not called `value`."""
_MOST = 2.0**64
"""The largest number that an input of ComfyUI takes, a seed."""
_LONGEST = 300
"""Characters of a sum that is worked out."""
_BATCH = 2
"""The output slot of GetImageSize that counts pictures."""
_OPERATIONS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "floor": math.floor, "ceil": math.ceil, "round": round, "abs": abs, "int": int,
    "float": float, "sqrt": math.sqrt,
}  # fmt: skip


def leaves(wiring: Wiring, place: Place) -> list[Place]:
    """The places whose literals decide a number: through primitives, sums and conversions. Empty where a picture or a
    model decides."""
    link = wiring.link(place)
    if link is None:
        return [place] if is_number(wiring.value(place)) else []
    inside = handed_on(wiring, link)
    return list(dict.fromkeys(leaf for given in inside for leaf in leaves(wiring, given)))


def number(wiring: Wiring, place: Place, known: Mapping[Place, float] | None = None) -> float | None:
    """What a place comes to, with `known` in place of some literals; None where that cannot be worked out."""
    if known is not None and place in known:
        return known[place]
    link = wiring.link(place)
    if link is None:
        value = wiring.value(place)
        return value if is_number(value) else None
    if wiring.class_of(link.node) == "ComfyMathExpression":
        return _computed(wiring, link, known)
    inside = handed_on(wiring, link)
    return number(wiring, inside[0], known) if len(inside) == 1 else None


def ways(wiring: Wiring) -> int:
    """In how many ways the sum that is nested most leads to what is written: each is walked when it is read. For a graph
    without circles that is not deep."""
    found: dict[str, int] = {}

    def of(node: str) -> int:
        if node not in found:
            below = [of(link.node) for _, link in wiring.linked(node)]
            joined = sum(below) if wiring.class_of(node) == "ComfyMathExpression" else max(below, default=0)
            found[node] = max(1, joined)
        return found[node]

    return max((of(node) for node in wiring.graph), default=1)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


def evaluated(expression: str, values: Mapping[str, float]) -> float | None:
    """A sum such as `floor(a * b) + 1`; None for anything that is not plain, finite arithmetic.

    Strangers write these: there are no powers, which could count for ever, and nothing long.
    """
    if len(expression) > _LONGEST:
        return None
    try:
        result = float(_evaluate(ast.parse(expression, mode="eval").body, values))
    except (SyntaxError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return result if math.isfinite(result) else None


def handed_on(wiring: Wiring, link: Link) -> list[Place]:
    """The inputs whose numbers a node gives out, changed or not; none where it makes its own."""
    name = wiring.class_of(link.node)
    if name == "ComfyMathExpression":
        return [place for place in wiring.inputs(link.node) if place.input.startswith("values.")]
    if name == "ComfySwitchNode":
        side = live_side(wiring, link.node)
        return [] if side is None else [Place(link.node, side)]
    given = PASSES_ON.get(name) or ("value" if name.startswith("Primitive") else _repeated(wiring, link))
    if name == "GetImageSize":
        return _batch(wiring, wiring.link(Place(link.node, "image"))) if link.slot == _BATCH else []
    return [Place(link.node, given)] if given else []


def _repeated(wiring: Wiring, link: Link) -> str | None:
    """An output that is called like an input of its node repeats it."""
    names = wiring.output_names(link.node)
    name = names[link.slot] if link.slot < len(names) else ""
    return name if name in wiring.graph[link.node]["inputs"] else None


def _batch(wiring: Wiring, pictures: Link | None) -> list[Place]:
    """Where it is written how many pictures there are, if one node repeats or cuts them to a number."""
    while pictures is not None:
        for name in ("amount", "length"):
            if name in wiring.graph[pictures.node]["inputs"]:
                return [Place(pictures.node, name)]
        pictures = next(
            (link for _, link in wiring.linked(pictures.node) if wiring.type_of(link) == "IMAGE"), None
        )
    return []


def live_side(wiring: Wiring, node: str) -> str | None:
    """`on_true` or `on_false`: which input a switch lets through as the graph stands; None where that is computed."""
    place = Place(node, "switch")
    while (link := wiring.link(place)) is not None:
        if not wiring.class_of(link.node).startswith("Primitive"):
            return None
        place = Place(link.node, "value")
    value = wiring.value(place)
    return ("on_true" if value else "on_false") if isinstance(value, bool) else None


def _computed(wiring: Wiring, link: Link, known: Mapping[Place, float] | None) -> float | None:
    values = {}
    for place in handed_on(wiring, link):
        value = number(wiring, place, known)
        if value is None:
            return None
        values[place.input.removeprefix("values.")] = value
    result = evaluated(str(wiring.value(Place(link.node, "expression"))), values)
    return None if result is None else (float(int(result)) if link.slot == 1 else result)


def _evaluate(node: ast.expr, values: Mapping[str, float]) -> Any:
    if isinstance(node, ast.Constant) and is_number(node.value):
        return node.value
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.BinOp):
        return _OPERATIONS[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return _OPERATIONS[type(node.op)](_evaluate(node.operand, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _FUNCTIONS[node.func.id](*(_evaluate(argument, values) for argument in node.args))
    raise ValueError
