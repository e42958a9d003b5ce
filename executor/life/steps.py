"""The steps of a job, to and from what its row keeps sealed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from executor.model import JobStep, Link
from tools.model import Plan, Step


class Unreadable(Exception):
    """Written by a newer version, or spoilt: not for this process to do, and no fault of what it is about."""


def closed(steps: Sequence[JobStep]) -> dict[str, Any]:
    """As JSON."""
    return {"steps": [{"step": one.step.model_dump(mode="json"), "inputs": _plain(one.inputs)} for one in steps]}


def opened(content: Mapping[str, Any], done: Collection[str] = ()) -> tuple[JobStep, ...]:
    """The steps in order; `done` names those that need not be done again. Raises Unreadable."""
    records = content.get("steps", [content])  # a job from before jobs held several is its own step
    try:
        return tuple(_opened(record, done) for record in records)
    except (ValidationError, KeyError, TypeError):
        raise Unreadable from None  # without the error, which shows what was written


def planned(content: Any) -> Plan:
    """The plan that a run's row keeps sealed. Raises Unreadable."""
    try:
        return Plan.model_validate(content)
    except ValidationError:
        raise Unreadable from None


def _opened(record: Mapping[str, Any], done: Collection[str]) -> JobStep:
    step = Step.model_validate(record["step"])
    inputs = {port: [_given(one) for one in many] for port, many in record["inputs"].items()}
    return JobStep(step, inputs, step.id in done)


def _given(one: Any) -> str | Link:
    return one if isinstance(one, str) else Link(one["step_id"], one["port"], one["index"])


def _plain(inputs: Mapping[str, list[str | Link]]) -> dict[str, list[Any]]:
    return {port: [one if isinstance(one, str) else vars(one) for one in many] for port, many in inputs.items()}
