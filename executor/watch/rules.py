"""When an operator is told something: each rule is a reading, and what changes follows from what was told before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from executor.model import WorkerState
from executor.watch.figures import Figures

REDIS_AWAY_S = 15.0  # it answers every two seconds, and is given ten
FAILURES = 3  # of a periodic task in a row; once is a hiccup
NEWS_S = 300.0  # for so long a worker's silence is news, though others live and have its jobs


class Severity(StrEnum):
    """How soon somebody should look."""

    #: work is lost or stands still
    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True)
class Bounds:
    """Above which an operator is told."""

    queue: int
    wait_s: float
    away_s: float
    lease_s: float


@dataclass(frozen=True)
class Reading:
    """One thing that is watched. `fires` is None where it cannot be said yet: what was told stays so."""

    key: str
    severity: Severity
    value: float
    bound: float
    fires: bool | None


@dataclass(frozen=True)
class Change:
    """An alert that is raised, or one that is over (`alert_id`)."""

    reading: Reading
    alert_id: str | None = None


def readings(figures: Figures, bounds: Bounds) -> Iterator[Reading]:
    """Everything that is watched, as it is now."""
    queue = figures.queue
    oldest = queue.oldest_s or 0.0
    yield _above("dead_letters", Severity.CRITICAL, figures.new_dead, 0)
    yield _above("queue_depth", Severity.WARNING, queue.waiting, bounds.queue)
    yield _above("oldest_wait", Severity.WARNING, oldest, bounds.wait_s)
    yield _above("workers_silent", Severity.WARNING, _silent(figures, bounds), 0)
    willing = sum(
        beat.heard_s <= bounds.lease_s and beat.wanted is WorkerState.ACTIVE for beat in figures.heartbeats
    )
    stands = queue.waiting > 0 and willing == 0 and oldest > bounds.lease_s
    yield Reading("no_worker", Severity.CRITICAL, queue.waiting, 0, stands)
    if figures.redis_silent_s is not None:
        yield _above("redis_away", Severity.WARNING, figures.redis_silent_s, REDIS_AWAY_S)
    for instance, up, since_s in figures.away:
        fires = None if not up and since_s <= bounds.away_s else not up
        yield Reading(f"instance_away:{instance}", Severity.WARNING, 0.0 if up else since_s, bounds.away_s, fires)
    for task, failures in figures.failing:
        yield _above(f"periodic_failing:{task}", Severity.WARNING, failures, FAILURES - 1)


def changes(now: Iterable[Reading], told: Mapping[str, str]) -> list[Change]:
    """What to raise and what is over; `told` are the open alerts, key -> id. What is watched no longer is over too."""
    seen = {reading.key: reading for reading in now}
    raised = [Change(reading) for key, reading in seen.items() if reading.fires and key not in told]
    ended = [Change(seen[key], told[key]) for key in told if key in seen and seen[key].fires is False]
    unwatched = [
        Change(Reading(key, Severity.WARNING, 0.0, 0.0, False), told[key]) for key in told if key not in seen
    ]
    return raised + ended + unwatched


def sentence(key: str, value: float, bound: float, *, over: bool) -> str:
    """For a person: what is so, or that it is over."""
    rule, _, what = key.partition(":")
    if over:
        return f"Over: {rule.replace('_', ' ')}{f' ({what})' if what else ''}."
    told = _WORDS.get(rule, ("{what}: {n}",))
    return told[0 if round(value) == 1 else -1].format(n=round(value), b=round(bound), what=what)


#: Of one, and of several, where they differ.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "dead_letters": (
        "1 job was given up within the last hour; see `stationthis worker dead list`.",
        "{n} jobs were given up within the last hour; see `stationthis worker dead list`.",
    ),
    "queue_depth": ("1 job waits, more than {b}.", "{n} jobs wait, more than {b}."),
    "oldest_wait": ("A job has waited for {n} s, longer than {b} s.",),
    "workers_silent": (
        "1 worker has not been heard of for longer than a lease; others take its jobs over.",
        "{n} workers have not been heard of for longer than a lease; others take their jobs over.",
    ),
    "no_worker": ("1 job waits and no worker takes it.", "{n} jobs wait and no worker takes any."),
    "redis_away": (
        "Redis has not answered for {n} s: nothing is lost, but workers look for jobs once a second instead of hearing of them.",
    ),
    "instance_away": ("The ComfyUI {what} has been away for {n} s.",),
    "periodic_failing": ("The periodic task {what} failed {n} times in a row; see `stationthis worker periodic`.",),
}


def _silent(figures: Figures, bounds: Bounds) -> int:
    """Workers that were not heard of for a lease, as long as that is news, or their jobs are in nobody's hands."""
    alone = all(beat.heard_s > bounds.lease_s for beat in figures.heartbeats)
    return sum(
        beat.heard_s > bounds.lease_s and (alone or beat.jobs > 0 or beat.heard_s <= bounds.lease_s + NEWS_S)
        for beat in figures.heartbeats
    )


def _above(key: str, severity: Severity, value: float, bound: float) -> Reading:
    return Reading(key, severity, value, bound, value > bound)
