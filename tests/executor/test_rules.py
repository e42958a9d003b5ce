"""The pure decisions, as tables and as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor import rules
from executor.model import AT_WORK, OVER, JobStatus
from tests.executor.conftest import create, resize
from tools.model import Estimate, MediaKind, Plan, Step, StepRef


@given(st.sampled_from(JobStatus), st.sampled_from(JobStatus))
def test_only_the_table_says_where_a_job_may_go(now: JobStatus, then: JobStatus) -> None:
    if then in rules.ALLOWED[now]:
        assert rules.check_transition(now, then) is then
    else:
        with pytest.raises(rules.ForbiddenTransition):
            rules.check_transition(now, then)


def test_what_is_over_stays_over_and_everything_can_end() -> None:
    assert set(rules.ALLOWED) == set(JobStatus)
    assert all(rules.ALLOWED[status] <= OVER for status in OVER)
    assert [status for status in OVER if rules.ALLOWED[status]] == [JobStatus.DEAD]  # an operator settles it
    assert all(JobStatus.CANCELLED in rules.ALLOWED[status] for status in AT_WORK | {JobStatus.QUEUED})
    assert all(JobStatus.QUEUED in rules.ALLOWED[status] for status in AT_WORK)


# --- graphs


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
    assert rules.expected_seconds(plan, plan.steps[:1]) == 2.0
    assert rules.expected_seconds(plan.model_copy(update={"estimate": Estimate()}), plan.steps) == 0.1


def test_a_chain_that_stops_came_as_far_as_its_last_step_that_somebody_can_see() -> None:
    def chained(name: str, *before: str, kind: MediaKind = MediaKind.IMAGE, deliver: bool = False) -> Step:
        inputs = {"image": tuple(StepRef(step_id=one) for one in before)}
        return Step(id=name, tool="t", title="T", inputs=inputs, outputs={"out": kind}, deliver=deliver)

    steps = (
        chained("s1"), chained("s2", "s1"), chained("cut", "s1", kind=MediaKind.MASK),
        chained("s3", "s2", "cut"), chained("s4", "s3", deliver=True),
    )  # fmt: skip
    plan = Plan(id="p", summary="", steps=steps)
    assert rules.came_to(plan, set()) == []
    assert rules.came_to(plan, {"s1"}) == ["s1"]
    assert rules.came_to(plan, {"s1", "s2", "cut"}) == ["s2"]
    assert rules.came_to(plan, {"s1", "s2", "cut", "s3", "s4"}) == []


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
