"""The pure decisions, as tables and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor import rules
from executor.model import AT_WORK, OVER, Fault, FaultKind, JobStatus
from tests.executor.conftest import create, resize
from tools.model import Estimate, Plan, StepRef

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAUSES = (0.0, 30.0, 120.0)


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


@pytest.mark.parametrize(
    ("kind", "attempts", "hosts", "decision"),
    [
        (FaultKind.HOST, 1, ["a"], rules.Retry(0.0)),
        (FaultKind.HOST, 2, ["a"], rules.Retry(30.0)),
        (FaultKind.HOST, 3, ["a"], rules.Retry(120.0)),
        (FaultKind.HOST, 4, ["a"], JobStatus.DEAD),
        (FaultKind.CONNECTION, 1, [], rules.Retry(0.0)),
        (FaultKind.CONNECTION, 4, [], JobStatus.DEAD),
        (FaultKind.HOST, 2, ["a", "b"], JobStatus.DEAD),
        (FaultKind.HOST, 2, ["a", "a"], rules.Retry(30.0)),
        (FaultKind.JOB, 1, [], JobStatus.FAILED),
        (FaultKind.MODEL, 1, [], JobStatus.FAILED),
    ],
)
def test_retries(kind: FaultKind, attempts: int, hosts: list[str], decision: Any) -> None:
    assert rules.retry_decision(Fault(kind, "x"), attempts, hosts, PAUSES) == decision


@given(st.sampled_from(FaultKind), st.integers(1, 50), st.lists(st.sampled_from("abc")))
def test_a_job_is_never_tried_for_ever(kind: FaultKind, attempts: int, hosts: list[str]) -> None:
    decision = rules.retry_decision(Fault(kind, "x"), attempts, hosts, PAUSES)
    assert isinstance(decision, rules.Retry | JobStatus)
    if isinstance(decision, rules.Retry):
        assert attempts <= len(PAUSES)
        assert kind in rules.RETRIED


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


# --- whose fault


def _raised(kind: str, message: str = "") -> dict[str, Any]:
    return {"exception_type": kind, "exception_message": message, "node_type": "KSampler"}


def _refused(kind: str, name: str, details: str = "") -> dict[str, Any]:
    error = {"type": kind, "message": "", "details": details, "extra_info": {"input_name": name}}
    return {"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"4": {"errors": [error]}}}


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (_raised("torch.OutOfMemoryError", "Allocation on device 0\n"), "job", "out_of_memory"),
        (_raised("RuntimeError", "CUDA out of memory. Tried to allocate"), "job", "out_of_memory"),
        (_raised("RuntimeError", "CUDA error: an illegal memory access"), "host", "host_failed"),
        (_raised("OSError", "[Errno 28] No space left on device"), "host", "host_failed"),
        (_raised("safetensors_rust.SafetensorError", "HeaderTooLarge"), "model", "model_missing"),
        (_raised("FileNotFoundError", "x"), "model", "model_missing"),
        (_raised("ValueError", "anything\n"), "job", "node_failed"),
        (_refused("value_not_in_list", "ckpt_name"), "model", "model_missing"),
        (_refused("value_not_in_list", "lora_name"), "model", "model_missing"),
        (_refused("value_not_in_list", "sampler_name"), "job", "graph_refused"),
        (_refused("custom_validation_failed", "image", "image - Invalid image file: a.png"), "host", "host_failed"),
        (_refused("required_input_missing", "images"), "job", "graph_refused"),
        ({"error": {"type": "invalid_prompt", "message": "node X does not exist."}, "node_errors": {}}, "job", "graph_refused"),
        ({}, "job", "graph_refused"),
    ],
)
def test_faults_are_attributed(error: dict[str, Any], kind: str, code: str) -> None:
    fault = rules.attribute(error)
    assert (fault.kind, fault.code) == (kind, code)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c), max_leaves=8
)


@given(st.dictionaries(st.sampled_from(["error", "node_errors", "exception_type", "exception_message", "node_type"]), JSON))
def test_any_nonsense_is_a_fault_and_repeats_nobodys_words(error: dict[str, Any]) -> None:
    fault = rules.attribute(error)
    assert fault.kind in FaultKind
    assert str(error) not in repr(fault)


def test_the_words_of_an_error_stay_in_the_record() -> None:
    fault = rules.attribute({**_raised("ValueError", "a secret prompt"), "node_type": "a secret prompt"})
    assert "secret" not in f"{fault.detail} {fault!r}"
    assert fault.record["exception_message"] == "a secret prompt"


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
