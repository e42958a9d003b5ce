"""Numbers that a person gives against the picture they are for: used, or said aloud why not. Pure.

The size of a picture is known before anything runs, also when it is made by an earlier step of the same message.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.embedded.binding import find
from agent.embedded.creating import defaults
from agent.embedded.drafting import Drafting, tool_named
from agent.embedded.operations import MOST_PIXELS, Operation
from agent.model import DraftStep, PlanningRequest
from base.errors import Problem
from tools.derive import derive
from tools.model import Size


def size_of(source: str, drafting: Drafting, request: PlanningRequest) -> Size | None:
    """The pixels of a picture that is there or that a step makes; None where nobody knows."""
    step = next((step for step in drafting.steps if step.id == source), None)
    if step is None:
        item = find(request, source)
        return item.size if item is not None else None
    return _made(step, drafting, request)


def _made(step: DraftStep, drafting: Drafting, request: PlanningRequest) -> Size | None:
    tool = tool_named(request, step.tool)
    if tool is None:
        return None
    sizes = {port: size for port, names in step.inputs.items() if (size := size_of(names[0], drafting, request))}
    try:
        return derive(tool.derive, {**defaults(tool), **step.params}, sizes).size
    except Problem:  # what cannot be made has no size, and is refused where the plan is checked
        return None


def fitted(operation: Operation, size: Size | None) -> Operation:
    """The operation with numbers that this picture allows, and a note with the real ones where they are others."""
    if size is None or operation.tool not in _RULES:
        return operation
    return _RULES[operation.tool](operation, size)


def _enlarged(operation: Operation, size: Size) -> Operation:
    factor = operation.params.get("factor")
    longest = max(size.width, size.height)
    if not isinstance(factor, int | float) or factor <= 1 or round(longest * factor) <= MOST_PIXELS:
        return operation
    most = max(1.0, int(MOST_PIXELS / longest * 1000) / 1000)
    told = (
        f"{factor:g} times would be {_pixels(size, factor)} pixels, and {MOST_PIXELS} is the longest side that I make: "
        f"this is {most:g} times, {_pixels(size, most)}."
    )
    return _changed(operation, {"factor": most}, f"enlarging it {most:g} times", told)


def _cut(operation: Operation, size: Size) -> Operation:
    width, height = operation.params.get("width"), operation.params.get("height")
    if not width or not height or (width <= size.width and height <= size.height):
        return operation
    wide, high = min(width, size.width), min(height, size.height)
    told = f"The picture has only {size.width} x {size.height} pixels, so {width} x {height} became {wide} x {high}."
    return _changed(operation, {"width": wide, "height": high}, f"cropping it to {wide} x {high} pixels", told)


def _changed(operation: Operation, params: dict[str, Any], saying: str, told: str) -> Operation:
    return replace(operation, params={**operation.params, **params}, saying=saying, note=("largest", told))


def _pixels(size: Size, factor: float) -> str:
    return f"{round(size.width * factor)} x {round(size.height * factor)}"


_RULES = {"upscale_image": _enlarged, "resize_image": _enlarged, "crop_image": _cut}
