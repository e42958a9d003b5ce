"""When an operator is told something: each rule is a reading, and what changes follows from what was told before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from executor.model import Tag, WorkerState
from executor.saying import failing_words
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
    mounts: bool = False
    """What adds up and stays until somebody looks: more of it is told again."""


@dataclass(frozen=True)
class Told:
    """An open alert: its id, the value that was told, and whether more may be said of it already."""

    id: str
    value: float
    may_repeat: bool = True


class News(StrEnum):
    """What became of an alert."""

    RAISED = "raised"
    #: it is told again, with the new value
    MORE = "more"
    #: less than was told: noted, so that the next one is more
    LESS = "less"
    OVER = "over"


@dataclass(frozen=True)
class Change:
    """An alert that is raised, or what became of an open one (`alert_id`)."""

    reading: Reading
    news: News
    alert_id: str | None = None


def readings(figures: Figures, bounds: Bounds) -> Iterator[Reading]:
    """Everything that is watched, as it is now."""
    queue = figures.queue
    oldest = queue.oldest_s or 0.0
    yield replace(_above("dead_letters", Severity.CRITICAL, figures.dead, 0), mounts=True)
    yield _above("queue_depth", Severity.WARNING, queue.waiting, bounds.queue)
    yield _above("oldest_wait", Severity.WARNING, oldest, bounds.wait_s)
    yield _above("workers_silent", Severity.WARNING, _silent(figures, bounds), 0)
    full = sum(beat.full and beat.heard_s <= bounds.lease_s for beat in figures.heartbeats)
    yield _above("disk_full", Severity.CRITICAL, full, 0)
    for tag in Tag:
        yield _unserved(figures, bounds, tag)
    if figures.redis_silent_s is not None:
        yield _above("redis_away", Severity.WARNING, figures.redis_silent_s, REDIS_AWAY_S)
    for instance, up, since_s in figures.away:
        fires = None if not up and since_s <= bounds.away_s else not up
        yield Reading(f"instance_away:{instance}", Severity.WARNING, 0.0 if up else since_s, bounds.away_s, fires)
    for instance, code, jobs in figures.untrusted:
        yield _above(f"instance_failing:{instance}:{code}", Severity.WARNING, jobs, 0)
    for task, failures in figures.failing:
        yield _above(f"periodic_failing:{task}", Severity.WARNING, failures, FAILURES - 1)


def changes(now: Iterable[Reading], told: Mapping[str, Told]) -> list[Change]:
    """What to raise, what is more or less than was told, and what is over; `told` are the open alerts by key. What is watched
    no longer is over too."""
    seen = {reading.key: reading for reading in now}
    raised = [Change(reading, News.RAISED) for key, reading in seen.items() if reading.fires and key not in told]
    known = [(seen.get(key, Reading(key, Severity.WARNING, 0.0, 0.0, False)), each) for key, each in told.items()]
    return raised + [Change(reading, news, each.id) for reading, each in known if (news := _since(reading, each)) is not None]


def _since(reading: Reading, told: Told) -> News | None:
    if reading.fires is False:
        return News.OVER
    if not (reading.fires and reading.mounts) or reading.value == told.value:
        return None
    if reading.value < told.value:
        return News.LESS
    return News.MORE if told.may_repeat else None


def sentence(key: str, value: float, bound: float, *, over: bool) -> str:
    """For a person: what is so, or that it is over."""
    rule, _, what = key.partition(":")
    if over:
        return f"Over: {rule.replace('_', ' ')}{f' ({what})' if what else ''}."
    if rule == "instance_failing":
        instance, _, code = what.partition(":")
        return f"The ComfyUI {instance} failed {round(value)} different jobs in a row. {failing_words(code)}"
    told = _WORDS.get(rule, ("{what}: {n}",))
    return told[0 if round(value) == 1 else -1].format(n=round(value), b=round(bound), what=what)


#: Of one, and of several, where they differ.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "dead_letters": (
        "1 job was given up and waits for an operator; see `stationthis worker dead list`.",
        "{n} jobs were given up and wait for an operator; see `stationthis worker dead list`.",
    ),
    "queue_depth": ("1 job waits, more than {b}.", "{n} jobs wait, more than {b}."),
    "oldest_wait": ("A job has waited for {n} s, longer than {b} s.",),
    "workers_silent": (
        "1 worker has not been heard of for longer than a lease; others take its jobs over.",
        "{n} workers have not been heard of for longer than a lease; others take their jobs over.",
    ),
    "no_worker": (
        "1 job tagged {what} waits and no worker takes it: start one, or one with `--tag {what}`.",
        "{n} jobs tagged {what} wait and no worker takes any: start one, or one with `--tag {what}`.",
    ),
    "workers_paused": (
        "1 job tagged {what} waits, and every worker that takes such jobs is paused; see `stationthis worker resume`.",
        "{n} jobs tagged {what} wait, and every worker that takes such jobs is paused; see `stationthis worker resume`.",
    ),
    "disk_full": (
        "1 worker has no room on its disk and takes no job; see `stationthis worker status`.",
        "{n} workers have no room on their disks and take no job; see `stationthis worker status`.",
    ),
    "redis_away": (
        "Redis has not answered for {n} s: nothing is lost, but workers look for jobs once a second instead of hearing of them.",
    ),
    "instance_away": ("The ComfyUI {what} has been away for {n} s.",),
    "periodic_failing": ("The periodic task {what} failed {n} times in a row; see `stationthis worker periodic`.",),
}


def _unserved(figures: Figures, bounds: Bounds, tag: Tag) -> Reading:
    """Jobs that want a worker of that tag, while none lives that takes any."""
    queue, adrift = figures.queue.of(tag), figures.adrift.get(tag, 0)
    serving = {beat.wanted for beat in figures.heartbeats if beat.heard_s <= bounds.lease_s and tag in beat.tags}
    stands = adrift > 0 or (queue.oldest_s or 0.0) > bounds.lease_s
    key = "workers_paused" if WorkerState.PAUSED in serving else "no_worker"
    return Reading(f"{key}:{tag}", Severity.CRITICAL, queue.waiting + adrift, 0, stands and WorkerState.ACTIVE not in serving)


def _silent(figures: Figures, bounds: Bounds) -> int:
    """Workers that were not heard of for a lease, as long as that is news, or their jobs are in nobody's hands."""
    alone = all(beat.heard_s > bounds.lease_s for beat in figures.heartbeats)
    return sum(
        beat.heard_s > bounds.lease_s and (alone or beat.jobs > 0 or beat.heard_s <= bounds.lease_s + NEWS_S)
        for beat in figures.heartbeats
    )


def _above(key: str, severity: Severity, value: float, bound: float) -> Reading:
    return Reading(key, severity, value, bound, value > bound)
