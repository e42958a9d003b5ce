"""The assignments of one round.

Hard: the instance is there and has a place, and it has the nodes, files and memory (`fits`). Then two passes in the
order of the line:

1. Idle instances. Each job takes the one that it likes best, and moves over for a later job that has nowhere else to go:
   no instance stays idle while a job waits that it could take.
2. One place ahead of busy ones, so that the next job's inputs travel meanwhile. But not behind a long job while another
   able instance will be through much sooner: what is sent ahead cannot be taken back.

A job likes best: an instance that does what it is given, then the implementation that its tool names first, then an instance
with its weights loaded (the fewest bytes to load), then the one that served its conversation last, then the one that is
through soonest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from executor.deciding.health import Trust
from executor.deciding.line import line
from executor.deciding.model import Answer, Fit, Given, Host, Served, Unfit, Waiting, Waits

AHEAD_S = 30.0
"""A job is sent ahead to an instance that is through at most so much later than the soonest that could take it."""
_LOAD = 10**8
"""Bytes are compared in hundreds of megabytes: less is not worth another instance."""


@dataclass(frozen=True)
class _Line:
    """What the order of the line depends on beside the jobs."""

    at_work: Mapping[str, int]
    served: Served
    now: datetime


_Liking = tuple[bool, int, int, bool, float, bool, int, str]


def decide(
    waiting: Sequence[Waiting], hosts: Sequence[Host], at_work: Mapping[str, int], served: Served, now: datetime,
    at_once: int | None = None,
) -> list[Answer]:  # fmt: skip
    """An answer for every job, in the order of the line. The same input gives the same answer, in whatever order it comes.
    No person has more than `at_once` jobs at work; who has waits, and nobody waits for that."""
    able = {each.job.id: _able(each, hosts) for each in waiting}
    held = {host.id: host for host in hosts}
    order = _in_line(waiting, able, held, _Line(at_work, served, now), idle=True)
    begun = _idle_first(order, able, _room(at_work, at_once))
    for each in (each for each in order if each.job.id in begun):
        held[begun[each.job.id]] = _with(held[begun[each.job.id]], each)
    busy = Counter(at_work) + Counter(each.job.account_id for each in waiting if each.job.id in begun)
    rest = [each for each in waiting if each.job.id not in begun]
    rest = _in_line(rest, able, held, _Line(busy, served, now), idle=False)
    given = begun | _one_ahead(rest, able, held, _room(busy, at_once))
    return [
        Given(each.job.id, given[each.job.id]) if each.job.id in given else _not_now(each, hosts, able[each.job.id])
        for each in (*(each for each in order if each.job.id in begun), *rest)
    ]


def away_reason(where: Sequence[str]) -> str:
    """One sentence that names the servers."""
    names = " and ".join(sorted(set(where)))
    return f"The render server at {names} does not answer; this starts as soon as it does."


def failing_reason(where: Sequence[str]) -> str:
    """The same of servers that are there."""
    names = " and ".join(sorted(set(where)))
    return f"The render server at {names} fails whatever it is given; this is tried there again in a while."


def _able(each: Waiting, hosts: Sequence[Host]) -> list[Host]:
    """Those that are there and can take it: not one that rests, not where it failed, and not one of unknown memory, while
    there is another."""
    able = sorted((host for host in hosts if host.up and host.id in each.fits), key=lambda host: host.id)
    able = [host for host in able if host.trust is not Trust.NONE] or able
    able = [host for host in able if host.id not in each.failed_on] or able
    return [host for host in able if host.measured or host.cpu or not each.heavy] or able


def _in_line(
    waiting: Sequence[Waiting], able: Mapping[str, Sequence[Host]], hosts: Mapping[str, Host], now: _Line, *, idle: bool
) -> list[Waiting]:  # fmt: skip
    """In the order of the line. Each idle (or busy) instance with a place favours one job, the first whose weights it has."""
    jobs = {each.job.id: each for each in waiting}

    def ordered(favoured: Collection[str]) -> list[Waiting]:
        found = line([each.job for each in waiting], now.at_work, now.now, now.served, favoured)
        return [jobs[job.id] for job in found]

    favoured: dict[str, str] = {}
    for each in ordered(()):
        for host in (hosts[host.id] for host in able[each.job.id]):
            fit, place = each.fits[host.id], host.free and (host.load == 0) is idle
            if place and fit.weights and not _to_load(fit, host) and host.id not in favoured:
                favoured[host.id] = each.job.id
                break
    return ordered(frozenset(favoured.values()))


def _room(at_work: Mapping[str, int], at_once: int | None) -> Callable[[str, int], bool]:
    """Whether a person may have one more beside so many that are given in this pass."""
    return lambda account_id, given: at_once is None or at_work.get(account_id, 0) + given < at_once


def _idle_first(
    order: Sequence[Waiting], able: Mapping[str, Sequence[Host]], room: Callable[[str, int], bool]
) -> dict[str, str]:
    """Job -> idle instance, as many as can be; whoever is earlier in the line gets one if that is possible at all."""
    holder: dict[str, str] = {}
    given: Counter[str] = Counter()
    likes: dict[str, list[str]] = {}

    def seat(job_id: str, asked: set[str]) -> bool:
        for instance in likes[job_id]:
            if instance not in holder:
                holder[instance] = job_id
                return True
        for instance in likes[job_id]:
            if instance not in asked:
                asked.add(instance)
                if seat(holder[instance], asked):
                    holder[instance] = job_id
                    return True
        return False

    for each in order:
        idle = [host for host in able[each.job.id] if host.free and host.load == 0]
        likes[each.job.id] = [host.id for host in sorted(idle, key=lambda host: _liking(each, host))]
        who = each.job.account_id
        given[who] += room(who, given[who]) and seat(each.job.id, set())
    return {job_id: instance for instance, job_id in holder.items()}


def _one_ahead(
    order: Sequence[Waiting], able: Mapping[str, Sequence[Host]], hosts: dict[str, Host], room: Callable[[str, int], bool]
) -> dict[str, str]:
    """Job -> busy instance that has a place for the next."""
    given: dict[str, str] = {}
    count: Counter[str] = Counter()
    for each in order:
        candidates = [hosts[host.id] for host in able[each.job.id]]
        soonest = min((host.left_s for host in candidates), default=0.0)
        near = [host for host in candidates if host.free and host.load and host.left_s <= soonest + AHEAD_S]
        if near and room(each.job.account_id, count[each.job.account_id]):
            count[each.job.account_id] += 1
            best = min(near, key=lambda host: _liking(each, host))
            given[each.job.id] = best.id
            hosts[best.id] = _with(best, each)
    return given


def _with(host: Host, each: Waiting) -> Host:
    """The instance once it has this job too."""
    return replace(
        host, load=host.load + 1, left_s=host.left_s + each.job.expect_s, warm=host.warm | each.fits[host.id].weights.keys()
    )


def _liking(each: Waiting, host: Host) -> _Liking:
    """Smaller is better. Of equals the embedded renderer, which has nothing better to do; then who has least to forget."""
    fit = each.fits[host.id]
    others = len(host.warm - fit.weights.keys())
    return (
        host.trust is not Trust.WHOLE, fit.rank, _to_load(fit, host) // _LOAD, host.id != each.served_by, host.left_s,
        not host.cpu, others, host.id,
    )  # fmt: skip


def _to_load(fit: Fit, host: Host) -> int:
    return sum(size for name, size in fit.weights.items() if name not in host.warm)


def _not_now(each: Waiting, hosts: Sequence[Host], able: Sequence[Host]) -> Answer:
    """An instance that is away is waited for, never replaced by a sketch: what cannot sketch is not able."""
    if able and all(host.trust is Trust.NONE for host in able):
        return Waits(each.job.id, failing_reason([host.where for host in able]), there=True)
    if able:
        return Waits(each.job.id)
    silent = [host for host in hosts if host.id in each.fits] or [host for host in hosts if not host.up and not host.known]
    if not silent:
        return Unfit(each.job.id)
    servers = [host.where for host in silent if not host.cpu]
    if servers:
        return Waits(each.job.id, away_reason(servers))
    return Waits(each.job.id, "The embedded renderer is starting.", soon=True)
