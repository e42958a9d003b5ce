"""The dispatch decision: a table of preferences, and what holds whatever comes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor.deciding.choosing import AHEAD_S, away_reason, decide
from executor.deciding.line import LANE_TURNS, WARM_TURNS, line
from executor.deciding.model import Fit, Given, Host, Queued, Unfit, Waiting, Waits
from executor.deciding.warmth import Warm, after, still_warm
from executor.model import Lane

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GB = 1 << 30
SDXL, FLUX = {"sdxl": 7 * GB}, {"flux": 12 * GB}


def queued(id: str, account: str = "a", age_s: float = 0, lane: Lane = Lane.NORMAL, expect_s: float = 10) -> Queued:
    return Queued(id, account, NOW - timedelta(seconds=age_s), expect_s, lane)


def waits(id: str, fits: dict[str, Fit] | str, account: str = "a", **more: Any) -> Waiting:
    """`fits` may name the instances, a letter each."""
    where = {name: Fit() for name in fits} if isinstance(fits, str) else fits
    told = {name: more.pop(name) for name in ("served_by", "failed_on", "heavy") if name in more}
    return Waiting(queued(id, account, **more), where, **told)


def host(id: str, **more: Any) -> Host:
    return Host(id, f"{id}:1", **more)


def given_to(waiting: list[Waiting], hosts: list[Host]) -> dict[str, str]:
    answers = decide(waiting, hosts, {}, {}, NOW)
    return {answer.job_id: answer.instance for answer in answers if isinstance(answer, Given)}


# --- which instance


@pytest.mark.parametrize(
    ("hosts", "fits", "more", "choice"),
    [
        ([host("x"), host("y", load=1)], "xy", {}, "x"),
        ([host("x"), host("y")], {"x": Fit(rank=1), "y": Fit()}, {}, "y"),
        ([host("x", load=1), host("y")], {"x": Fit(), "y": Fit(rank=1)}, {}, "y"),
        ([host("x"), host("y")], "xy", {"served_by": "y"}, "y"),
        ([host("x"), host("y", cpu=True)], "xy", {}, "y"),
        ([host("x"), host("y", load=1)], "y", {}, "y"),
        ([host("x", up=False), host("y", load=1)], "xy", {}, "y"),
        # warm weights count more than the conversation's last instance, and fewer bytes to load more than more of them
        ([host("x"), host("y", warm=frozenset(SDXL))], {"x": Fit(weights=SDXL), "y": Fit(weights=SDXL)}, {"served_by": "x"}, "y"),
        ([host("x", warm=frozenset(FLUX)), host("y", warm=frozenset(SDXL))],
         {"x": Fit(weights=FLUX | SDXL), "y": Fit(weights=FLUX | SDXL)}, {}, "x"),
        # an idle instance that is cold is sooner than a warm one that is busy
        ([host("x"), host("y", load=1, left_s=5, warm=frozenset(SDXL))],
         {"x": Fit(weights=SDXL), "y": Fit(weights=SDXL)}, {}, "x"),
        # of cold ones, the one that has nothing to forget
        ([host("x", warm=frozenset(FLUX)), host("y")], {"x": Fit(weights=SDXL), "y": Fit(weights=SDXL)}, {}, "y"),
        ([host("x"), host("y")], "xy", {"failed_on": frozenset({"x"})}, "y"),
        ([host("x")], "x", {"failed_on": frozenset({"x"})}, "x"),
        ([host("x"), host("y", load=1)], "xy", {"failed_on": frozenset({"x"})}, "y"),
        ([host("x", measured=False), host("y")], "xy", {"heavy": True}, "y"),
        ([host("x", measured=False)], "x", {"heavy": True}, "x"),
        ([host("x", measured=False), host("y", load=1)], "xy", {"heavy": False}, "x"),
        ([host("x", load=1, left_s=20), host("y", load=1, left_s=9)], "xy", {}, "y"),
        ([host("x", load=1, left_s=20, warm=frozenset(SDXL)), host("y", load=1, left_s=9)],
         {"x": Fit(weights=SDXL), "y": Fit(weights=SDXL)}, {}, "x"),
    ],
)  # fmt: skip
def test_the_instance_that_fits_best(hosts: list[Host], fits: Any, more: dict[str, Any], choice: str) -> None:
    assert given_to([waits("1", fits, **more)], hosts) == {"1": choice}


def test_a_full_instance_is_waited_for_quietly_an_absent_one_by_name() -> None:
    def answer(fits: str, *hosts: Host) -> Any:
        return decide([waits("1", fits)], list(hosts), {}, {}, NOW)[0]

    away = Waits("1", away_reason(["x:1"]))
    assert answer("x", host("x", load=2)) == Waits("1")
    assert answer("x", host("x", locked=True)) == Waits("1")
    assert answer("xy", host("x", load=2), host("y", up=False)) == Waits("1")
    assert answer("x", host("x", up=False), host("y")) == away
    assert answer("", host("x", up=False, known=False), host("y")) == away
    assert answer("", host("y", up=False, known=False, cpu=True)) == Waits("1", "The embedded renderer is starting.", True)
    assert answer("", host("x")) == answer("", host("x", up=False)) == Unfit("1")


def test_a_job_moves_over_for_one_that_has_nowhere_else_to_go() -> None:
    first, second = waits("1", "xy", served_by="x"), waits("2", "x")

    assert given_to([first, second], [host("x"), host("y")]) == {"1": "y", "2": "x"}
    assert given_to([first], [host("x"), host("y")]) == {"1": "x"}


def test_the_example_of_the_page() -> None:
    sdxl, flux = Fit(weights=SDXL), Fit(weights=FLUX)
    hosts = [host("gpu1", warm=frozenset(SDXL)), host("gpu2"), host("gpu3", load=1, left_s=600)]
    everywhere = {each.id: sdxl for each in hosts}
    anns = [waits("1", {"gpu2": flux}, "ann"), waits("3", everywhere, "ann")]
    bobs = waits("2", everywhere, "bob", served_by="gpu2")

    assert given_to([*anns, bobs], hosts) == {"1": "gpu2", "2": "gpu1", "3": "gpu1"}
    assert given_to([bobs], hosts) == {"2": "gpu1"}


def test_work_without_a_gpu_goes_to_the_embedded_renderer_at_once() -> None:
    jobs = [waits("1", "g"), waits("2", "g"), waits("3", "g"), waits("4", "cg", account="b")]

    assert given_to(jobs, [host("g", load=1, left_s=300), host("c", cpu=True)])["4"] == "c"


def test_nothing_is_sent_ahead_behind_a_film_while_another_instance_is_nearly_through() -> None:
    film, picture = host("x", load=1, left_s=600), host("y", load=2, left_s=12)

    assert given_to([waits("1", "xy")], [film, picture]) == {}
    assert given_to([waits("1", "x")], [film, picture]) == {"1": "x"}
    assert given_to([waits("1", "xy")], [film, host("y", load=2, left_s=600 - AHEAD_S)]) == {"1": "x"}


# --- the line


def order(jobs: list[Queued], at_work: dict[str, int] | None = None, **more: Any) -> list[str]:
    return [job.id for job in line(jobs, at_work or {}, NOW, **more)]


def test_people_take_turns() -> None:
    jobs = [queued(id, id[0]) for id in ("a1", "a2", "a3", "b1", "c1")]

    assert order(jobs) == ["a1", "b1", "c1", "a2", "a3"]
    assert order(jobs, {"b": 2}) == ["a1", "c1", "a2", "a3", "b1"]


def test_whoever_was_served_least_recently_is_next() -> None:
    jobs = [queued(id, id[0], age_s=30) for id in ("a1", "b1", "c1")]
    served = {(who, Lane.NORMAL): NOW - timedelta(seconds=age) for who, age in (("a", 5), ("b", 20))}

    assert order(jobs, served=served) == ["c1", "b1", "a1"]


def test_a_hundred_jobs_that_wait_long_do_not_go_before_somebody_who_comes_now() -> None:
    flood = [queued(f"a{n:03}", "a", age_s=1_200) for n in range(100)]
    served = {("a", Lane.NORMAL): NOW - timedelta(seconds=20)}

    assert order([*flood, queued("b", "b")], {"a": 1}, served=served)[0] == "b"


def test_waiting_is_worth_turns_and_lanes() -> None:
    jobs = [queued("1", "a"), queued("2", "b"), queued("3", "c", age_s=300)]
    assert order(jobs, {"c": 4})[0] == "3"
    low = queued("3", "c", age_s=60 * (LANE_TURNS + 1), lane=Lane.LOW)
    assert order([*jobs[:2], low])[0] == "3"
    assert order([*jobs[:2], queued("3", "c", age_s=60 * (LANE_TURNS - 1), lane=Lane.LOW)])[-1] == "3"
    assert order([*jobs, queued("4", "d", lane=Lane.HIGH)])[0] == "4"


def test_warm_weights_pass_others_for_two_minutes() -> None:
    hosts = [host("x", warm=frozenset(FLUX))]
    warm = [waits(f"a{n}", {"x": Fit(weights=FLUX)}, "a") for n in range(3)]

    def first(age_s: float) -> str:
        cold = waits("b", {"x": Fit(weights=SDXL)}, "b", age_s=age_s)
        return decide([cold, *warm], hosts, {"a": 1}, {}, NOW)[0].job_id

    assert first(50) == "a0"
    assert first(60 * WARM_TURNS) == "b"


# --- what is warm


def test_what_is_loaded_leaves_the_memory_oldest_first() -> None:
    def loaded(*names: str) -> list[Warm]:
        noted: list[Warm] = []
        for minute, name in enumerate(names):
            noted = after(noted, {name: 10 * GB}, 24, NOW + timedelta(minutes=minute))
        return noted

    assert [each.file for each in loaded("a", "b")] == ["b", "a"]
    assert [each.file for each in loaded("a", "b", "c")] == ["c", "b"]
    assert [each.file for each in loaded("a", "b", "a", "c")] == ["c", "a"]
    assert [each.file for each in after(loaded("a"), {"huge": 40 * GB}, 24, NOW)] == ["huge"]
    assert still_warm(loaded("a", "b"), NOW) == loaded("a", "b")[:1]
    assert still_warm(loaded("a", "b"), None) == loaded("a", "b")


# --- whatever comes

NAMES = "wxyz"
WEIGHTS = st.sampled_from([{}, SDXL, FLUX, SDXL | FLUX])
FITS = st.dictionaries(st.sampled_from(NAMES), st.builds(Fit, st.integers(0, 2), WEIGHTS))
HOSTS = st.lists(
    st.builds(
        host, st.sampled_from(NAMES), up=st.booleans(), known=st.booleans(), load=st.integers(0, 3), left_s=st.floats(0, 900),
        locked=st.booleans(), cpu=st.booleans(), measured=st.booleans(),
        warm=st.sets(st.sampled_from(["sdxl", "flux"])).map(frozenset),
    ),
    unique_by=lambda host: host.id,
)  # fmt: skip
LANES = st.sampled_from(Lane)
JOBS = st.lists(
    st.builds(
        lambda n, fits, account, age_s, lane, expect_s, served_by, failed_on, heavy: waits(
            f"{n:02}", fits, account, age_s=age_s, lane=lane, expect_s=expect_s, served_by=served_by, failed_on=failed_on,
            heavy=heavy,
        ),
        st.integers(0, 99), FITS, st.sampled_from("abc"), st.floats(0, 4_000), LANES, st.floats(0.1, 900),
        st.none() | st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES)).map(frozenset), st.booleans(),
    ),
    unique_by=lambda job: job.job.id,
)  # fmt: skip
AT_WORK = st.dictionaries(st.sampled_from("abc"), st.integers(0, 5))
SERVED = st.dictionaries(
    st.tuples(st.sampled_from("abc"), LANES), st.integers(0, 4_000).map(lambda age: NOW - timedelta(seconds=age))
)


@given(JOBS, HOSTS, AT_WORK, SERVED)
def test_nothing_goes_where_it_cannot_run_and_nobody_holds_more_than_two(
    jobs: list[Waiting], hosts: list[Host], at_work: dict[str, int], served: Any
) -> None:
    answers = decide(jobs, hosts, at_work, served, NOW)
    by_id, places = {job.job.id: job for job in jobs}, {each.id: each for each in hosts}
    given = [answer for answer in answers if isinstance(answer, Given)]
    assert sorted(answer.job_id for answer in answers) == sorted(by_id)
    for answer in given:
        job, place = by_id[answer.job_id], places[answer.instance]
        assert place.up
        assert not place.locked
        assert place.id in job.fits
        others = [each for each in hosts if each.up and each.id in job.fits and each.id not in job.failed_on]
        assert place.id not in job.failed_on or not others
    for name, count in Counter(answer.instance for answer in given).items():
        assert places[name].load + count <= places[name].slots


@given(JOBS, HOSTS, AT_WORK, SERVED)
def test_no_able_instance_stays_idle_while_a_job_waits(
    jobs: list[Waiting], hosts: list[Host], at_work: dict[str, int], served: Any
) -> None:
    answers = decide(jobs, hosts, at_work, served, NOW)
    given = {answer.job_id: answer.instance for answer in answers if isinstance(answer, Given)}
    idle = [each for each in hosts if each.free and each.load == 0 and each.id not in given.values()]
    for job in (job for job in jobs if job.job.id not in given):
        able = [each for each in hosts if each.up and each.id in job.fits and each.id not in job.failed_on]
        known = [each for each in able if each.measured or each.cpu or not job.heavy]
        assert not [each for each in idle if each in (known or able)]


@given(JOBS, HOSTS, AT_WORK, SERVED, st.integers(1, 4))
def test_no_person_has_more_at_work_than_may_and_waits_for_nothing_else(
    jobs: list[Waiting], hosts: list[Host], at_work: dict[str, int], served: Any, at_once: int
) -> None:
    by_id = {job.job.id: job for job in jobs}
    answers = decide(jobs, hosts, at_work, served, NOW, at_once)
    given = {answer.job_id: answer.instance for answer in answers if isinstance(answer, Given)}
    begun = Counter(by_id[job_id].job.account_id for job_id in given)
    assert all(at_work.get(who, 0) + count <= at_once for who, count in begun.items())
    idle = {each.id for each in hosts if each.free and each.load == 0} - set(given.values())
    for job in (job for job in jobs if job.job.id not in given and not job.failed_on and not job.heavy):
        if at_work.get(job.job.account_id, 0) + begun[job.job.account_id] < at_once:
            assert not idle & set(job.fits)


@given(JOBS, HOSTS, AT_WORK, SERVED, st.randoms())
def test_the_same_input_has_the_same_answer(
    jobs: list[Waiting], hosts: list[Host], at_work: dict[str, int], served: Any, chance: Any
) -> None:
    answers = decide(jobs, hosts, at_work, served, NOW)
    mixed, turned = list(jobs), list(hosts)
    chance.shuffle(mixed)
    chance.shuffle(turned)
    assert decide(mixed, turned, at_work, served, NOW) == answers


@given(JOBS, AT_WORK, SERVED)
def test_nobody_is_left_out_of_the_line(jobs: list[Waiting], at_work: dict[str, int], served: Any) -> None:
    assert sorted(order([job.job for job in jobs], at_work, served=served)) == sorted(job.job.id for job in jobs)
