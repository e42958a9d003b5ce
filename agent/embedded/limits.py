"""Say where a number that a person said is beyond what the tool takes, so that nothing is moved in silence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.model import DraftStep
from tools.model import Tool

_NAMES = {"cfg": "a guidance (cfg)", "strength": "a strength", "duration": "a length in seconds", "fps": "frames per second"}


def rounded(what: str, low: float, high: float, kept: float, asked: float) -> tuple[str, str]:
    """Code and sentence of the warning."""
    return "rounded", f"{what} from {low:g} to {high:g}: it is {kept:g}, not {asked:g}."


def moved(steps: Sequence[DraftStep], tools: Mapping[str, Tool], asked: Mapping[str, float]) -> list[tuple[str, str]]:
    """A warning for each asked number that its step does not have, since the tool's range ends before it."""
    found = []
    for step in steps:
        for name, value in asked.items():
            spec = tools[step.tool].params.get(name) if step.tool in tools else None
            kept = step.params.get(name)
            if spec is None or spec.minimum is None or spec.maximum is None or not isinstance(kept, int | float):
                continue
            if not spec.minimum <= value <= spec.maximum:
                what = f"{tools[step.tool].title} takes {_NAMES.get(name, name)}"
                found.append(rounded(what, spec.minimum, spec.maximum, kept, value))
    return found
