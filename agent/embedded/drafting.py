"""The draft of a message: steps so far, what may be used for them, plain picture operations. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.embedded import continuing
from agent.embedded.binding import find
from agent.embedded.operations import TRIMMED, Operation
from agent.embedded.reading import Reading
from agent.model import DraftStep, PlanningRequest, Shown
from tools.model import Tool

MOST_WORDS = 8000  # characters of a prompt, as many as a message has


@dataclass
class Drafting:
    """Steps so far. `last` is what "it" means to the next clause of the same message."""

    steps: list[DraftStep] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    last: str | None = None

    def add(
        self, tool: str, params: dict[str, Any], source: str | None = None, *, second: str | None = None,
        version_of: str | None = None,
    ) -> str:  # fmt: skip
        """One more step; `source` and `second` feed its ports image and image2. Its id."""
        given = {"image": source, "image2": second}
        inputs: dict[str, tuple[str, ...]] = {port: (name,) for port, name in given.items() if name is not None}
        step = DraftStep(f"s{len(self.steps) + 1}", tool, params, inputs, version_of=version_of)
        self.steps.append(step)
        self.last = step.id
        return step.id

    def feed(
        self, tool: str, params: dict[str, Any], inputs: Mapping[str, tuple[str, ...]], *, version_of: str | None = None
    ) -> str:
        """One more step with any ports. Its id."""
        step = DraftStep(f"s{len(self.steps) + 1}", tool, params, dict(inputs), version_of=version_of)
        self.steps.append(step)
        self.last = step.id
        return step.id

    def note(self, code: str, message: str) -> None:
        """What the person should know, once."""
        if (code, message) not in self.notes:
            self.notes.append((code, message))

    def leaves(self) -> tuple[str, ...]:
        """The steps that nothing works on yet."""
        used = {name for step in self.steps for names in step.inputs.values() for name in names}
        return tuple(step.id for step in self.steps if step.id not in used)


def available(request: PlanningRequest, tool: str) -> bool:
    """Whether a tool can run now."""
    return any(f.tool.name == tool and f.availability.available for f in request.found)


def tool_named(request: PlanningRequest, name: str | None) -> Tool | None:
    """A tool that can run now."""
    return next((f.tool for f in request.found if f.tool.name == name and f.availability.available), None)


def described(source: str, drafting: Drafting, request: PlanningRequest) -> Shown | None:
    """The words behind a source: of the picture, or of the step of this message that makes it."""
    step = next((s for s in drafting.steps if s.id == source), None)
    if step is None:
        return find(request, source)
    if "prompt" in step.params:
        return Shown(step.id, None, "image", "output", params=step.params, words=step.params["prompt"])
    return described(next(iter(step.inputs.values()))[0], drafting, request) if step.inputs else None


def operate(drafting: Drafting, reading: Reading, request: PlanningRequest, source: str) -> bool:
    """Plain picture operations, one after the other; colour adjustments next to each other become one step."""
    for operation in reading.operations:
        if operation.note is not None:
            drafting.note(*operation.note)
        if _refine(drafting, operation, reading, request, source):
            source = drafting.last or source
            continue
        tool, params = substituted(operation.tool, operation.params, request, drafting)
        params = _trimmed(params, source, request)
        last = drafting.steps[-1] if drafting.steps else None
        if last is not None and source == last.id and tool == last.tool == "adjust_color":
            drafting.steps[-1] = DraftStep(last.id, tool, last.params | params, last.inputs)
            continue
        source = drafting.add(tool, params, source)
    return True


def _refine(
    drafting: Drafting, operation: Operation, reading: Reading, request: PlanningRequest, source: str
) -> bool:
    """The last step of the picture again with another value, rather than a second one on top of it."""
    item = find(request, source)
    again = continuing.refined(item, operation, reading.clause) if item is not None else None
    if item is None or again is None:
        return False
    tool, params = substituted(again.tool, again.params, request, drafting)
    drafting.add(tool, params, item.parents[0], version_of=item.handle)
    return True


def _trimmed(params: dict[str, Any], source: str, request: PlanningRequest) -> dict[str, Any]:
    """The ratio of a part of the picture: so much of its width or of its height."""
    said = str(params.get("ratio", ""))
    if not said.startswith(TRIMMED):
        return params
    item, share = find(request, source), float(said.removeprefix(TRIMMED))
    width, height = (item.size.width, item.size.height) if item and item.size else (1, 1)
    across = params["position"] in ("left", "right")
    left = (width * share, height) if across else (width, height * share)
    return {**params, "ratio": f"{left[0]:g}:{left[1]:g}"}


def substituted(
    tool: str, params: dict[str, Any], request: PlanningRequest, drafting: Drafting
) -> tuple[str, dict[str, Any]]:
    """Without an upscale model the picture is resampled, and the person is told."""
    if tool != "upscale_image" or available(request, "upscale_image"):
        return tool, params
    drafting.note(
        "resampled",
        "No upscale model is connected: the picture is enlarged by resampling (Lanczos), which adds no detail.",
    )
    return "resize_image", {name: value for name, value in params.items() if name != "upscale_model"}
