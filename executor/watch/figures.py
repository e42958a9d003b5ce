"""What can be said about the house at a moment: numbers, states and ids of ours, never anybody's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from executor.model import Lane, Tag, WorkerState


@dataclass(frozen=True)
class Group:
    """Jobs that are not over, of one lane, tag and status."""

    lane: Lane
    tag: Tag
    status: str
    jobs: int
    oldest_s: float | None = None
    """How long the oldest has waited whose time has come; None where none waits."""


@dataclass(frozen=True)
class Queue:
    """What waits and what is at work."""

    groups: tuple[Group, ...] = ()

    @property
    def oldest_s(self) -> float | None:
        """How long the oldest job has waited whose time has come; None where none waits."""
        return _longest(self.groups)

    def of(self, tag: Tag) -> Queue:
        """What wants a worker of that tag."""
        return Queue(tuple(group for group in self.groups if group.tag is tag))

    @property
    def waiting(self) -> int:
        return sum(group.jobs for group in self.groups if group.status == "queued")


@dataclass(frozen=True)
class InstanceState:
    """An instance as the process that answers knows it."""

    id: str
    where: str
    up: bool | None
    """None: no worker is there that could say."""
    since: datetime
    """Since when it is up or away, as far as this process knows."""
    sketch: bool
    slots: int
    comfyui: str | None = None
    vram_gb: float | None = None


@dataclass(frozen=True)
class Heartbeat:
    """When a worker was last heard, what is wanted of it, how many jobs it has in its hands, and what it serves."""

    heard_s: float
    wanted: WorkerState
    jobs: int = 0
    tags: tuple[Tag, ...] = tuple(Tag)
    full: bool = False
    """Its own disk has no room: it takes nothing."""


@dataclass(frozen=True)
class Figures:
    """All that the alerts are decided from."""

    queue: Queue = field(default_factory=Queue)
    dead: int = 0
    """Dead letters that lie there."""
    adrift: Mapping[Tag, int] = field(default_factory=dict)
    """Jobs whose worker is gone and that nobody took over in time."""
    heartbeats: Sequence[Heartbeat] = ()
    away: Sequence[tuple[str, bool, float]] = ()
    """Of each configured server: id, whether it is up, for how many seconds that has been so."""
    untrusted: Sequence[tuple[str, str, int]] = ()
    """Servers that fail whatever they are given: id, the code of the last fault, how many jobs in a row."""
    failing: Sequence[tuple[str, int]] = ()
    """Periodic tasks and how often in a row each failed."""
    redis_silent_s: float | None = None
    """For how long Redis has not answered; None where there is none."""


def _longest(groups: Sequence[Group]) -> float | None:
    return max((group.oldest_s for group in groups if group.oldest_s is not None), default=None)
