"""Which steps share a job, as properties over any plan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from executor import grouping
from executor.model import JobStep, Link, Tag
from executor.rules import step_refs
from tools.model import AssetRef, MediaKind, Plan, Step, StepRef

TAGS = {"draw": Tag.DEFAULT, "paint": Tag.HIGH_VRAM, "crop": Tag.DEFAULT, "film": Tag.VIDEO}


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Steps that use what earlier ones make, or an upload, or nothing."""
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 12))):
        earlier = st.integers(0, number - 1).map(lambda n: StepRef(step_id=f"s{n}")) if number else st.nothing()
        refs = draw(st.lists(st.just(AssetRef(asset_id="a")) | earlier, max_size=2))
        steps.append(step(number, draw(st.sampled_from(sorted(TAGS))), *refs))
    return Plan(id="p", summary="", steps=tuple(steps))


def step(number: int, tool: str, *refs: AssetRef | StepRef) -> Step:
    inputs = {f"image{place}": (ref,) for place, ref in enumerate(refs)}
    return Step(id=f"s{number}", tool=tool, title="", inputs=inputs, outputs={"image": MediaKind.IMAGE})


def grouped(plan: Plan, made: set[str], *, joins: bool = True) -> list[list[Step]]:
    return grouping.groups(plan, made, lambda ref: ref.step_id in made, lambda *_: joins, TAGS.__getitem__)


def done_first(plan: Plan, many: int) -> set[str]:
    return {one.id for one in plan.steps[:many]}


@given(plans(), st.integers(0, 12))
def test_each_step_that_can_begin_is_in_one_group_and_no_group_needs_what_is_not_there(plan: Plan, many: int) -> None:
    made = done_first(plan, many)
    groups = grouped(plan, made)
    placed = [one.id for group in groups for one in group]
    ready = {one.id for one in plan.steps if one.id not in made and all(r.step_id in made for r in step_refs(one))}
    assert len(placed) == len(set(placed))
    assert ready <= set(placed)
    for group in groups:
        inside = {one.id for one in group} | made
        assert all(ref.step_id in inside for one in group for ref in step_refs(one))


@given(plans(), st.integers(0, 12))
def test_a_group_is_of_one_kind_small_and_in_the_order_of_the_plan(plan: Plan, many: int) -> None:
    order = [one.id for one in plan.steps]
    for group in grouped(plan, done_first(plan, many)):
        assert len(group) <= grouping.MOST
        assert len({TAGS[one.tool] for one in group}) == 1
        assert len(group) == 1 or TAGS[group[0].tool] not in grouping.ALONE
        assert [one.id for one in group] == sorted((one.id for one in group), key=order.index)


@given(plans())
def test_where_nothing_joins_only_what_can_begin_is_grouped_with_its_like(plan: Plan) -> None:
    for group in grouped(plan, set(), joins=False):
        assert len({one.tool for one in group}) == 1
        assert not any(step_refs(one) for one in group)


def test_what_needs_two_groups_waits_for_both() -> None:
    plan = Plan(id="p", summary="", steps=(
        step(0, "draw"), step(1, "crop", AssetRef(asset_id="a")), step(2, "crop", StepRef(step_id="s0"), StepRef(step_id="s1")),
    ))  # fmt: skip
    assert [[one.id for one in group] for group in grouped(plan, set())] == [["s0"], ["s1"]]


@st.composite
def jobs(draw: st.DrawFn) -> list[JobStep]:
    steps: list[JobStep] = []
    for number in range(draw(st.integers(1, 8))):
        makers = draw(st.sets(st.integers(0, number - 1), max_size=2)) if number else set()
        links: list[str | Link] = [Link(f"s{maker}", "image") for maker in sorted(makers)]
        steps.append(JobStep(step(number, "draw"), {"image": links}))
    return steps


@given(jobs(), st.integers(1, 5))
def test_dealing_loses_nothing_and_parts_nothing_that_belongs_together(steps: list[JobStep], hands: int) -> None:
    parts = grouping.dealt(steps, hands)
    assert sorted(one.step.id for part in parts for one in part) == sorted(one.step.id for one in steps)
    assert 1 <= len(parts) <= hands
    assert all(parts)
    assert len(parts) == min(hands, len(grouping.components(steps)))
    for part in parts:
        inside = {one.step.id for one in part}
        assert all(link.step_id in inside for one in part for link in one.links)


@given(jobs())
def test_alone_begins_whatever_needs_none_of_the_others(steps: list[JobStep]) -> None:
    assert [one.step.id for [one] in grouping.singles(steps)] == [one.step.id for one in steps if not one.links]
