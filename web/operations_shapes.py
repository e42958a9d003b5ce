"""The shapes of the admin API about workers, queue, instances, periodic tasks and alerts."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from web.shapes import Shape


class Verb(StrEnum):
    """What a worker can be told."""

    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"


class WorkerShape(Shape):
    """A worker that was heard of lately; `jobs` are in its hands. One that was not heard of for a lease is `silent`, whatever
    is wanted of it."""

    id: str
    host: str
    pid: int
    tags: list[str]
    wanted: Literal["active", "paused", "draining"]
    state: Literal["active", "paused", "draining", "silent", "full"]
    jobs: int
    started_at: str
    seen_at: str


class Told(Shape):
    """How many living workers were told; each hears it within seconds."""

    told: int


class QueueGroup(Shape):
    """Jobs that are not over, of one lane, tag and status."""

    lane: Literal["high", "normal", "low"]
    tag: str
    status: str
    jobs: int


class QueueShape(Shape):
    """What waits and what is at work; `oldest_s` is null where nothing waits that could start."""

    waiting: int
    at_work: int
    oldest_s: float | None
    groups: list[QueueGroup]


class InstanceShape(Shape):
    """A server as workers say it is, or the process that answers; `jobs` are those of all processes. `failing` says why one is
    not trusted, null where it does what it is given. Otherwise null is not known."""

    id: str
    where: str | None
    up: bool | None
    since: str | None
    sketch: bool
    slots: int | None
    comfyui: str | None
    vram_gb: float | None
    jobs: int
    failing: str | None


class PeriodicShape(Shape):
    """What comes round again; `error_code` is of the last failure, however long ago, `failures` how many in a row."""

    name: str
    every_s: float
    due_at: str
    started_at: str | None
    ended_at: str | None
    running: bool
    failures: int
    error_code: str | None
    failed_at: str | None


class AlertShape(Shape):
    """Something that an operator was told once when it began, and once when it was over."""

    id: str
    key: str
    severity: Literal["critical", "warning"]
    value: float
    bound: float
    state: Literal["raised", "resolved"]
    raised_at: str
    resolved_at: str | None
    sentence: str
