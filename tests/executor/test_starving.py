"""Rounds of dispatch played through, with the line that somebody hostile would make: everybody gets their turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from executor.deciding.choosing import decide
from executor.deciding.line import AGEING_S, LANE_TURNS, WARM_TURNS
from executor.deciding.model import Fit, Given, Host, Queued, Waiting
from executor.deciding.warmth import Warm, after
from executor.model import Lane

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TICK_S = 30
FLUX, SDXL = {"flux": 6 << 30}, {"sdxl": 6 << 30}
PATIENCE = settings(max_examples=6, deadline=None)


@dataclass
class House:
    """Instances of which each takes `takes_s` for a job, and the line before them."""

    takes_s: int
    names: Sequence[str] = "x"
    tick: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    held: dict[str, list[tuple[Waiting, int]]] = field(default_factory=dict)
    warm: dict[str, list[Warm]] = field(default_factory=dict)
    served: dict[tuple[str, Lane], datetime] = field(default_factory=dict)
    placed: list[tuple[int, Waiting]] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.tick * TICK_S)

    def come(self, account: str, lane: Lane = Lane.NORMAL, weights: dict[str, int] | None = None, where: str = "") -> str:
        id = f"{self.tick:05}-{len(self.waiting) + len(self.placed):05}"
        fits = {name: Fit(weights=weights or {}) for name in where or self.names}
        self.waiting.append(Waiting(Queued(id, account, self.now, self.takes_s, lane), fits))
        return id

    def round(self) -> None:
        """Half a minute goes by, then places are given."""
        self.tick += 1
        for jobs in self.held.values():
            if jobs and (jobs[0][1] + self.takes_s // TICK_S) <= self.tick:
                jobs.pop(0)
                jobs[:] = [(job, self.tick) for job, _ in jobs]
        at_work: dict[str, int] = {}
        for job, _ in (held for jobs in self.held.values() for held in jobs):
            at_work[job.job.account_id] = at_work.get(job.job.account_id, 0) + 1
        for answer in decide(self.waiting, [self._host(name) for name in self.names], at_work, self.served, self.now):
            if isinstance(answer, Given):
                self._place(answer)

    def until(self, id: str, every_round: Callable[[], None], bound: int) -> bool:
        """Whether the job was placed within so many rounds."""
        for _ in range(bound):
            every_round()
            self.round()
            if self.placed and any(job.job.id == id for _, job in self.placed[-2 * len(self.names) :]):
                return True
        return False

    def _host(self, name: str) -> Host:
        jobs = self.held.setdefault(name, [])
        warm = frozenset(each.file for each in self.warm.get(name, []))
        return replace(Host(name, name), load=len(jobs), left_s=self.takes_s * len(jobs), warm=warm)

    def _place(self, answer: Given) -> None:
        job = next(each for each in self.waiting if each.job.id == answer.job_id)
        self.waiting.remove(job)
        self.held[answer.instance].append((job, self.tick))
        self.placed.append((self.tick, job))
        self.served[(job.job.account_id, job.job.lane)] = self.now
        noted = self.warm.get(answer.instance, [])
        self.warm[answer.instance] = after(noted, job.fits[answer.instance].weights, 8, self.now)


@PATIENCE
@given(st.integers(1, 2), st.sampled_from([30, 60]), st.booleans())
def test_a_low_job_is_placed_whatever_floods_the_other_lanes(rate: int, takes_s: int, same: bool) -> None:
    house, number = House(takes_s), 0

    def flood() -> None:
        nonlocal number
        for _ in range(rate):
            number += 1
            house.come("flood" if same else f"new-{number}", Lane.HIGH, FLUX)

    for _ in range(5):
        flood()
    patient = house.come("patient", Lane.LOW, SDXL)
    ageing = int((2 * LANE_TURNS + WARM_TURNS + 2) * AGEING_S / TICK_S)  # rounds until it is older than whatever comes
    before_it = rate * (ageing + 5)  # what may be older than that
    assert house.until(patient, flood, ageing + before_it * max(1, takes_s // TICK_S))


@PATIENCE
@given(st.sampled_from([30, 60]), st.integers(1, 3), st.integers(0, 10))
def test_two_people_who_flood_share_alike(takes_s: int, instances: int, head_start: int) -> None:
    house = House(takes_s, "xyz"[:instances])
    for _ in range(90):
        house.come("a")
    for _ in range(head_start):
        house.round()
    for _ in range(60):
        house.come("b")
    begun = len(house.placed)
    for _ in range(20):
        house.round()
    shares = [sum(job.job.account_id == who for _, job in house.placed[begun:]) for who in "ab"]
    assert abs(shares[0] - shares[1]) <= 2 * instances


@PATIENCE
@given(st.sampled_from([30, 60]))
def test_who_needs_another_model_waits_minutes_and_no_longer(takes_s: int) -> None:
    house = House(takes_s)
    for _ in range(40):
        house.come("a", weights=FLUX)
        house.come("b", weights=SDXL)
    last = {"a": 0, "b": 0}
    for _ in range(40):
        house.round()
        for tick, job in house.placed:
            last[job.job.account_id] = max(last[job.job.account_id], tick)
        longest = (house.tick - min(last.values())) * TICK_S
        assert longest <= (WARM_TURNS + 3) * AGEING_S + 3 * takes_s


def test_changing_models_is_rare_where_two_are_wanted_by_turns() -> None:
    house = House(30)
    for _ in range(30):
        house.come("a", weights=FLUX)
        house.come("a", weights=SDXL)
    for _ in range(61):
        house.round()
    loaded = [next(iter(job.fits["x"].weights)) for _, job in house.placed]
    changes = sum(one != other for one, other in pairwise(loaded))
    assert len(loaded) == 60
    assert changes < 25  # in turns it would be 59


@PATIENCE
@given(st.integers(0, 6), st.sampled_from([30, 60]))
def test_the_last_of_many_jobs_of_one_person_comes_while_strangers_keep_coming(already: int, takes_s: int) -> None:
    house, number = House(takes_s), already
    for n in range(already):
        house.come(f"new-{n}")
    mine = [house.come("patient") for _ in range(10)][-1]

    def strangers() -> None:
        nonlocal number
        if house.tick % (1 + takes_s // TICK_S) == 0:  # two thirds of what one instance can do, at most
            number += 1
            house.come(f"new-{number}")

    assert house.until(mine, strangers, 100)


@PATIENCE
@given(st.integers(1, 4))
def test_the_next_job_of_a_person_waits_only_for_those_who_were_there_before(rate: int) -> None:
    house, number = House(30), 0
    before = 8
    for n in range(before):
        house.come(f"old-{n}")
    mine = house.come("patient")

    def strangers() -> None:
        nonlocal number
        for _ in range(rate):  # more than can ever be done
            number += 1
            house.come(f"new-{number}")

    assert house.until(mine, strangers, before + rate * int(AGEING_S / TICK_S) + 1)
