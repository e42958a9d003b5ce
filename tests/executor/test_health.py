"""Servers that fail whatever they are given: no good job dies of them, and they are trusted again once they did one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from executor.deciding.choosing import decide
from executor.deciding.health import (
    STRIKES,
    Health,
    Trust,
    convicted,
    doubted,
    doubtful,
    strikes,
    struck,
    trust,
)
from executor.deciding.model import Fit, Given, Host, Queued, Waiting
from executor.model import Fault, FaultKind, JobStatus, Setback
from executor.operations import Operations
from executor.providers.static import instance_id
from executor.retries import Over, excused, failed_on
from executor.retries import decide as follow
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
REST = (30.0, 600.0)
FULL = {"exception_type": "OSError", "exception_message": "[Errno 28] No space left on device\n"}


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(*jobs: str, every_s: float = 1000.0) -> Health:
    """It failed these, one after the other, and each at a time at which it might be tried."""
    health = Health()
    for number, job in enumerate(jobs):
        health = struck(health, job, "disk_full", at(number * every_s), BEFORE, REST)
    return health


@pytest.mark.parametrize(
    ("jobs", "count", "rest_s"),
    [("", 0, None), ("a", 1, None), ("aaa", 1, None), ("ab", 2, 30), ("aab", 2, 30), ("abb", 3, 60), ("abcdefg", 7, 600)],
)
def test_different_jobs_in_a_row_and_ever_longer_rests(jobs: str, count: int, rest_s: float | None) -> None:
    health = after(*jobs)
    assert (health.strikes, health.failing) == (count, rest_s is not None)
    rests = None if health.rests_until is None or health.at is None else (health.rests_until - health.at).total_seconds()
    assert rests == rest_s


@pytest.mark.parametrize(
    ("health", "since", "now", "expected"),
    [
        (after("a", "a", "a"), BEFORE, at(1), Trust.WHOLE),
        (after("a", "b", every_s=0), BEFORE, at(29), Trust.NONE),
        (after("a", "b", every_s=0), BEFORE, at(30), Trust.TRIAL),
        (after("a", "b", every_s=0), at(5), at(6), Trust.TRIAL),  # it was started again
    ],
)
def test_what_is_sent_where(health: Health, since: datetime, now: datetime, expected: Trust) -> None:
    assert trust(health, since, now) is expected


def test_what_it_still_had_when_it_began_to_rest_makes_nothing_longer() -> None:
    resting = after("a", "b", every_s=0)
    assert struck(resting, "c", "disk_full", at(1), BEFORE, REST) == resting
    again = struck(resting, "c", "disk_full", at(10), at(5), REST)  # started again meanwhile, and no better
    assert (again.strikes, trust(again, at(5), at(11))) == (3, Trust.NONE)


@pytest.mark.parametrize(
    ("kind", "code", "against"),
    [("host", "disk_full", True), ("host", "host_lost", True), ("host", "interrupted", False), ("job", "node_failed", False),
     ("connection", "instance_away", False), ("model", "model_missing", False), ("host", "not_taken", False)],
)  # fmt: skip
def test_only_what_is_the_hosts_fault_speaks_against_it(kind: str, code: str, against: bool) -> None:
    fault = Fault(FaultKind(kind), code)
    assert strikes(fault) is against
    assert doubtful(fault) is (code in ("node_failed", "not_taken"))


def doubts(*unlike: bool, before: Health | None = None) -> Health:
    """It failed so many jobs in a way that may be theirs; which were unlike the one before."""
    health = before or Health()
    for number, each in enumerate(unlike):
        health = doubted(health, f"j{number}", "node_failed", at(number), BEFORE, REST, unlike=each)
    return health


@pytest.mark.parametrize(
    ("health", "count"),
    [
        (doubts(False), 0),
        (doubts(*[False] * 20), 0),  # one person's poison, again and again
        (doubts(False, True), 2),
        (doubts(False, False, True), 2),
        (doubts(True), 0),  # nothing came before it
        (doubts(False, before=after("a")), 1),
        (doubts(True, before=after("a")), 2),
        (struck(doubts(False), "j0", "disk_full", at(1), BEFORE, REST), 1),
        (struck(doubts(False), "b", "disk_full", at(1), BEFORE, REST), 1),
    ],
)
def test_what_may_be_the_jobs_fault_counts_where_jobs_are_unlike(health: Health, count: int) -> None:
    assert (health.strikes, health.failing, health.blank) == (count, count >= STRIKES, False)
    assert (health.rests_until is not None) is health.failing


def test_what_was_done_elsewhere_speaks_against_where_it_failed() -> None:
    health = Health()
    for number, job in enumerate("ab"):
        failed_at = at(10 * number)
        health = doubted(health, job, "node_failed", failed_at, BEFORE, REST, unlike=False)
        health = convicted(health, job, "node_failed", failed_at, at(10 * number + 1), BEFORE, REST)
        assert health.strikes == number + 1
    assert trust(health, BEFORE, at(12)) is Trust.NONE
    assert convicted(health, "c", "node_failed", at(11), at(12), BEFORE, REST) == health  # it rests already
    assert convicted(Health(), "a", "node_failed", at(0), at(1), BEFORE, REST) == Health()  # it did one since
    newer = doubted(Health(), "b", "node_failed", at(5), BEFORE, REST, unlike=False)
    assert convicted(newer, "a", "node_failed", at(6), at(7), BEFORE, REST) == newer


# --- a house played through: the rules of dispatch, of health and of retries together


@dataclass
class House:
    """Good jobs on servers of which some fail everything, second by second."""

    broken: dict[str, str]
    works: list[str]
    jobs: int
    took_s: int = 3
    second: int = 0
    health: dict[str, Health] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    setbacks: dict[str, list[Setback]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    running: dict[str, tuple[str, int]] = field(default_factory=dict)

    def step(self) -> None:
        """A round of dispatch, and what comes of it within a second."""
        now, names = at(self.second), [*self.broken, *self.works]
        loads = [where for where, _ in self.running.values()]
        hosts = [
            Host(name, name, load=loads.count(name), trust=trust(self.health.get(name, Health()), BEFORE, now)) for name in names
        ]
        fits = {name: Fit() for name in names}
        line = [
            Waiting(Queued(job, "ann", NOW, 3.0), fits, failed_on=frozenset(failed_on(self.setbacks.get(job, []))))
            for job in self.waiting() if self.due.get(job, 0) <= self.second
        ]  # fmt: skip
        for answer in decide(line, hosts, {}, {}, now):
            if isinstance(answer, Given):
                self.running[answer.job_id] = answer.instance, self.second + self.took_s
        for job, (where, until) in list(self.running.items()):
            if where in self.broken:
                self._fail(job, where, now)
            elif until <= self.second:
                self.done.add(job)
                self.health.pop(where, None)
                del self.running[job]
        self.second += 1 if self.running else 10

    def waiting(self) -> list[str]:
        over = self.done | self.dead | self.running.keys()
        return [job for number in range(self.jobs) if (job := f"j{number:03}") not in over]

    def _fail(self, job: str, where: str, now: datetime) -> None:
        del self.running[job]
        code = self.broken[where]
        known = [*self.setbacks.get(job, []), Setback(now, where, FaultKind.HOST, code, submitted=True)]
        self.setbacks[job] = excused(known, {name for name, health in self.health.items() if health.failing})
        elsewhere = bool({*self.broken, *self.works} - {one.instance for one in known})
        decision = follow(self.setbacks[job], elsewhere=elsewhere, patience_s=1800)
        self.health[where] = struck(self.health.get(where, Health()), job, code, now, BEFORE, REST)
        if isinstance(decision, Over):
            assert decision.status is JobStatus.DEAD
            self.dead.add(job)
        else:
            self.due[job] = self.second + int(decision.after_s)


CODES = st.sampled_from(["disk_full", "gpu_failed", "host_failed", "host_lost"])


@settings(max_examples=25)
@given(CODES, st.integers(0, 2), st.integers(1, 3), st.integers(1, 12))
def test_no_good_job_dies_of_a_broken_server_while_another_works(code: str, known: int, works: int, jobs: int) -> None:
    """One breaks now, and as many as there are were broken before."""
    house = House({"broken": code}, [f"w{n}" for n in range(works)], jobs)
    for number in range(known):
        name = f"a{number}"
        house.broken[name] = code
        house.health[name] = Health(STRIKES, "x", code, NOW - timedelta(seconds=31), NOW - timedelta(seconds=1))
    while len(house.done | house.dead) < jobs:
        house.step()
        assert house.second < 1800
    assert (len(house.done), house.dead) == (jobs, set())
    tried = sum(one.instance not in house.works for many in house.setbacks.values() for one in many)
    assert tried <= (known + 1) * 8  # it draws no line of jobs


@settings(max_examples=25)
@given(CODES, st.integers(2, 12))
def test_jobs_wait_for_the_only_server_rather_than_die(code: str, jobs: int) -> None:
    """But one that kills it twice before any other was tried may itself be why."""
    house = House({"only": code}, [], jobs)
    while house.second < 900:
        house.step()
    assert len(house.dead) <= 1
    house.works, house.broken = ["only"], {}
    while len(house.done | house.dead) < jobs:
        house.step()
        assert house.second < 3600


# --- over real sockets


async def test_a_broken_server_rests_and_every_job_is_done_by_the_other(both: Floor) -> None:
    async with FaultyComfy() as broken, FaultyComfy() as good:
        broken.raises = FULL
        async with both.open(broken.url, good.url) as executor:
            await eventually(lambda: all(each.up for each in executor.pool.instances()))
            good.hold.clear()
            runs = [await both.start(executor, create()) for _ in range(8)]
            while not (told := await _told(executor.operations, broken))["failing"]:
                await both.clock.sleep(0.02)
            assert "full" in told["failing"]
            good.hold.set()
            assert [(await both.until(run_id))[-1].type for run_id in runs] == ["run.completed"] * len(runs)
            assert (await executor.dead_letters.page())[0] == []
            broken.raises = None
            while (await _told(executor.operations, broken))["failing"]:  # it is tried again, and trusted again
                await both.until(await both.start(executor, create()), "run.completed")
                good.hold.clear()
                one = [await both.start(executor, create()) for _ in range(3)]
                await both.clock.sleep(0.5)
                good.hold.set()
                for run_id in one:
                    await both.until(run_id)
    assert good.done + broken.done == len(good.prompts) + len(broken.prompts)


async def test_jobs_wait_for_their_only_server_and_are_told_why(both: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = FULL
    async with both.open(comfy.url) as executor:
        runs = [await both.start(executor, create()) for _ in range(3)]
        told = (await both.until(runs[0], "run.waiting"))[-1]
        assert told.data["reason"].startswith(f"The render server at 127.0.0.1:{comfy.port} fails whatever it is given")
        await both.clock.sleep(1.5)
        comfy.raises = None
        assert [(await both.until(run_id))[-1].type for run_id in runs] == ["run.completed"] * 3
        [job] = await executor.runs.jobs(runs[0])
    assert job.setbacks[-1].excused
    assert {one.instance for one in job.setbacks} == {instance_id(comfy.url)}


async def _told(operations: Operations, server: FaultyComfy) -> dict[str, Any]:
    return next(row for row in await operations.instances() if row["id"] == instance_id(server.url))
