"""The pure decisions, as tables and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor import rules
from executor.model import AT_WORK, OVER, JobStatus
from tests.executor.conftest import create, resize
from tools.model import Estimate, Plan, StepRef

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.sampled_from(JobStatus), st.sampled_from(JobStatus))
def test_only_the_table_says_where_a_job_may_go(now: JobStatus, then: JobStatus) -> None:
    if then in rules.ALLOWED[now]:
        assert rules.check_transition(now, then) is then
    else:
        with pytest.raises(rules.ForbiddenTransition):
            rules.check_transition(now, then)


def test_what_is_over_stays_over_and_everything_can_end() -> None:
    assert set(rules.ALLOWED) == set(JobStatus)
    assert all(not rules.ALLOWED[status] for status in OVER)
    assert all(JobStatus.CANCELLED in rules.ALLOWED[status] for status in AT_WORK | {JobStatus.QUEUED})
    assert all(JobStatus.QUEUED in rules.ALLOWED[status] for status in AT_WORK)


# --- the line

JOBS = st.lists(
    st.builds(
        lambda n, account, age: (n, account, age), st.integers(0, 99), st.sampled_from("abcd"), st.integers(0, 600)
    ),
    unique_by=lambda job: job[0],
)


def _queued(jobs: list[tuple[int, str, int]]) -> list[rules.Queued]:
    return [rules.Queued(f"{n:03}", account, NOW - timedelta(seconds=age), 1.0) for n, account, age in jobs]


@given(JOBS, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 5)))
def test_nobody_is_left_out_of_the_line(jobs: list[tuple[int, str, int]], at_work: dict[str, int]) -> None:
    ordered = rules.line(_queued(jobs), at_work, NOW)
    assert sorted(job.id for job in ordered) == sorted(f"{n:03}" for n, _, _ in jobs)


def test_people_take_turns() -> None:
    jobs = _queued([(1, "a", 0), (2, "a", 0), (3, "a", 0), (4, "b", 0), (5, "c", 0)])
    assert [job.id for job in rules.line(jobs, {}, NOW)] == ["001", "004", "005", "002", "003"]
    assert [job.id for job in rules.line(jobs, {"b": 2}, NOW)] == ["001", "005", "002", "003", "004"]


def test_waiting_is_worth_turns_so_that_nobody_starves() -> None:
    jobs = _queued([(1, "a", 0), (2, "b", 0), (3, "flood", 300)])
    assert rules.line(jobs, {"flood": 4}, NOW)[0].id == "003"


@given(st.lists(st.floats(0, 1e4)), st.integers(0, 9))
def test_an_estimate_is_a_range(ahead: list[float], instances: int) -> None:
    low, high = rules.waiting_estimate(ahead, instances)
    assert 0 <= low < high


@pytest.mark.parametrize(
    ("told", "place", "news"),
    [(None, 1, True), (3, 3, False), (3, 2, True), (500, 499, False), (500, 450, True), (25, 21, True), (100, 20, True)],
)
def test_far_behind_not_every_step_is_news(told: int | None, place: int, news: bool) -> None:
    assert rules.worth_telling(told, place) is news


# --- which instance


def _option(name: str = "a", **more: Any) -> rules.Option:
    values: dict[str, Any] = {"up": True, "known": True, "rank": 0, "load": 0, "slots": 2, "where": f"{name}:1", **more}
    return rules.Option(instance=name, **values)


@pytest.mark.parametrize(
    ("options", "choice"),
    [
        ([_option("a"), _option("b", load=1)], "a"),
        ([_option("a", rank=1), _option("b")], "b"),
        ([_option("a", load=1), _option("b", rank=1)], "b"),
        ([_option("a"), _option("b", served_last=True)], "b"),
        ([_option("a"), _option("b", cpu=True)], "b"),
        ([_option("a", rank=None), _option("b", load=1)], "b"),
        ([_option("a", up=False), _option("b", load=1)], "b"),
    ],
)
def test_the_instance_that_fits_best(options: list[rules.Option], choice: str) -> None:
    assert rules.choose_instance(options) == rules.Chosen(choice)


def test_a_full_instance_is_waited_for_quietly_an_absent_one_by_name() -> None:
    assert rules.choose_instance([_option(load=2)]) == rules.Wait()
    assert rules.choose_instance([_option(load=2), _option("b", up=False)]) == rules.Wait()
    away = rules.choose_instance([_option("gpu", up=False), _option("cpu", rank=None)])
    assert away == rules.Wait(rules.away_reason(["gpu:1"]))
    unknown = rules.choose_instance([_option("gpu", up=False, known=False, rank=None), _option("cpu", rank=None)])
    assert unknown == rules.Wait(rules.away_reason(["gpu:1"]))
    starting = rules.choose_instance([_option("cpu", up=False, known=False, rank=None, cpu=True)])
    assert starting == rules.Wait("The embedded renderer is starting.", soon=True)
    assert rules.choose_instance([_option(rank=None)]) == rules.Unfit()
    assert rules.choose_instance([_option(rank=None, up=False)]) == rules.Unfit()


OPTIONS = st.builds(
    _option, st.sampled_from("abcdef"), up=st.booleans(), known=st.booleans(), rank=st.none() | st.integers(0, 2),
    load=st.integers(0, 3), served_last=st.booleans(), cpu=st.booleans(),
)  # fmt: skip


@given(st.lists(OPTIONS, unique_by=lambda o: o.instance))
def test_a_chosen_instance_is_there_able_and_free(options: list[rules.Option]) -> None:
    choice = rules.choose_instance(options)
    if isinstance(choice, rules.Chosen):
        chosen = next(o for o in options if o.instance == choice.instance)
        assert chosen.up
        assert chosen.rank is not None
        assert chosen.load < chosen.slots
    else:
        assert not any(o.up and o.rank is not None and o.load < o.slots for o in options)


@pytest.mark.parametrize(
    ("classes", "weights"),
    [(["KSampler"], True), (["UNETLoader", "SaveImage"], True), (["LoadImage", "ImageScale", "SaveImage"], False),
     (["UpscaleModelLoader"], True), (["StationThisAdjustColor"], False)],
)  # fmt: skip
def test_which_graphs_need_weights(classes: list[str], weights: bool) -> None:
    assert rules.needs_weights(classes) is weights


# --- steps


def test_steps_are_ready_when_their_inputs_are() -> None:
    plan = Plan(id="p", summary="", steps=(create("s1"), resize("s2", StepRef(step_id="s1")), create("s3")))
    assert [s.id for s in rules.ready_steps(plan, [], lambda ref: False)] == ["s1", "s3"]
    assert [s.id for s in rules.ready_steps(plan, ["s1", "s3"], lambda ref: ref.step_id == "s1")] == ["s2"]
    assert rules.ready_steps(plan, ["s1", "s2", "s3"], lambda ref: True) == []


def test_a_job_expects_its_share_of_the_estimate() -> None:
    plan = Plan(id="p", summary="", steps=(create("s1"), create("s2")), estimate=Estimate(seconds=(2, 6)))
    assert rules.expected_seconds(plan) == 2.0
    assert rules.expected_seconds(plan.model_copy(update={"estimate": Estimate()})) == 0.1


@given(order=st.permutations(["s1", "s2", "s3", "s4"]), hidden=st.sampled_from(["s1", "s2", "s3", "s4", None]))
def test_outputs_are_told_in_the_order_of_the_plan(order: list[str], hidden: str | None) -> None:
    steps = tuple(create(name, deliver=name != hidden) for name in ("s1", "s2", "s3", "s4"))
    plan = Plan(id="p", summary="x", steps=steps)
    told: list[str] = []
    done: set[str] = set()
    for name in order:
        told += rules.now_tellable(plan, done, name)
        done.add(name)
        assert sorted([*told, *rules.held_back(plan, done)]) == sorted(done - {hidden})
    assert told == [name for name in ("s1", "s2", "s3", "s4") if name != hidden]
