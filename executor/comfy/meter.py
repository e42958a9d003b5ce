"""How far a job is: from ComfyUI's messages to a fraction that never goes back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_HEAVY = 20.0  # a sampler takes about as long as so many other nodes


@dataclass(frozen=True)
class Reading:
    """Fraction 0..1, the step inside the node that runs, and a few words."""

    fraction: float
    current_step: int | None
    total_steps: int | None
    message: str
    node: str | None = None
    """The one that runs."""

    def as_dict(self, step_id: str, status: str = "running") -> dict[str, Any]:
        """The data of `run.progress`."""
        return {
            "step_id": step_id, "status": status, "fraction": round(self.fraction, 4),
            "current_step": self.current_step, "total_steps": self.total_steps, "message": self.message,
        }  # fmt: skip


class Meter:
    """Feed it messages of one job, with the moments at which they came, in seconds from any."""

    def __init__(self, graph: Mapping[str, Mapping[str, Any]]) -> None:
        self._weights = {node_id: _weight(str(node.get("class_type"))) for node_id, node in graph.items()}
        self._classes = {node_id: str(node.get("class_type")) for node_id, node in graph.items()}
        self._total = sum(self._weights.values()) or 1.0
        self._done: set[str] = set()
        self._node: str | None = None
        self._within = 0.0
        self._steps: tuple[int, int] | None = None
        self._highest = 0.0
        self._spent: dict[str, float] = {}
        self._since = 0.0

    def hear(self, kind: str, data: Mapping[str, Any], at: float = 0.0) -> Reading | None:
        """A new reading, or None when the message tells nothing about progress."""
        self._clock(at)
        if kind == "execution_cached":
            self._done.update(n for n in data.get("nodes") or () if isinstance(n, str))
        elif kind == "executing" and isinstance(data.get("node"), str):
            self._enter(data["node"])
        elif kind == "progress":
            self._step(data)
        elif kind != "execution_start":
            return None
        return self.reading()

    def reading(self) -> Reading:
        spent = sum(self._weights.get(n, 0.0) for n in self._done)
        spent += self._weights.get(self._node or "", 0.0) * self._within
        self._highest = max(self._highest, min(1.0, spent / self._total))
        current, total = self._steps or (None, None)
        return Reading(self._highest, current, total, self._words(), self._node)

    def shares(self, whose: Callable[[str], str]) -> dict[str, float]:
        """How the time of the job falls to those that its nodes belong to, 1 in all: as it was heard, else by weight."""
        parts: dict[str, float] = {}
        heard = any(self._spent.get(node) for node in self._weights)
        spent = self._spent if heard else self._weights
        for node in self._weights:
            parts[whose(node)] = parts.get(whose(node), 0.0) + spent.get(node, 0.0)
        total = sum(parts.values()) or 1.0
        return {name: part / total for name, part in parts.items()}

    def _clock(self, at: float) -> None:
        if self._node is not None:
            self._spent[self._node] = self._spent.get(self._node, 0.0) + max(0.0, at - self._since)
        self._since = at

    def _enter(self, node: str) -> None:
        if self._node is not None and self._node != node:
            self._done.add(self._node)
        self._node, self._within, self._steps = node, 0.0, None

    def _step(self, data: Mapping[str, Any]) -> None:
        value, total = data.get("value"), data.get("max")
        if isinstance(value, int | float) and isinstance(total, int | float) and total > 0:
            self._steps = (int(value), int(total))
            self._within = min(1.0, value / total)

    def _words(self) -> str:
        if self._steps is not None:
            return f"Step {self._steps[0]} of {self._steps[1]}"
        name = self._classes.get(self._node or "", "")
        if "Loader" in name:
            return "Loading the model"
        return "Saving" if name.startswith("Save") else "Rendering"


def _weight(class_type: str) -> float:
    return _HEAVY if "Sampler" in class_type or class_type == "ImageUpscaleWithModel" else 1.0
