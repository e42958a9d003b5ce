"""Which steps of a plan share a job. Pure.

A step that only uses what another makes goes with it where pictures can pass without a file, and steps of one tool that
could all begin now go together, since they share its weights. Nothing is decided for good: a job is divided again where
no instance can take all of it, or where another one would stand idle.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from executor.model import JobStep, Tag
from executor.rules import step_refs
from tools.model import Plan, Step, StepRef

MOST = 8
"""Steps of one job: what a person waits for at the most before somebody else's turn comes."""
ALONE = frozenset({Tag.VIDEO, Tag.TRAINING})
"""Minutes or hours each: nothing is gained by doing several under one lease."""
Joins = Callable[[Step, str, Step, str], bool]
"""Whether what the first step makes (by its port) can go to a port of the second without a file."""


def groups(
    plan: Plan, made: Collection[str], is_done: Callable[[StepRef], bool], joins: Joins, tag_of: Callable[[str], Tag]
) -> list[list[Step]]:
    """The steps without a job that can begin now, each with what can go with it; in the order of the plan."""
    found: list[list[Step]] = []
    home: dict[str, list[Step]] = {}
    for step in (step for step in plan.steps if step.id not in made):
        waits = [ref for ref in step_refs(step) if not is_done(ref)]
        if waits:
            group = _with_makers(step, waits, home, joins, tag_of)
        else:
            group = _with_its_like(step, found, tag_of)
            found += [] if group else [group]
        if group is not None:
            group.append(step)
            home[step.id] = group
    return found


def components(steps: Sequence[JobStep]) -> list[list[JobStep]]:
    """The steps apart from others that have nothing to do with them, each in their order."""
    found: list[list[JobStep]] = []
    for one in steps:
        makers = {link.step_id for link in one.links}
        joined = [part for part in found if any(other.step.id in makers for other in part)]
        found = [part for part in found if part not in joined]
        found.append([*(other for part in joined for other in part), one])
    order = {one.step.id: number for number, one in enumerate(steps)}
    return sorted(found, key=lambda part: order[part[0].step.id])


def dealt(steps: Sequence[JobStep], hands: int) -> list[list[JobStep]]:
    """The steps in at most so many groups of about one size; what belongs together stays so, and order does too."""
    parts = components(steps)
    hands = max(1, min(hands, len(parts)))
    cuts = [round(len(parts) * number / hands) for number in range(hands + 1)]
    return [[one for part in parts[low:high] for one in part] for low, high in pairwise(cuts)]


def singles(steps: Sequence[JobStep]) -> list[list[JobStep]]:
    """Each step alone that needs none of the others; the rest wait until these are done."""
    return [[one] for one in steps if not one.links]


def _with_makers(
    step: Step, waits: Sequence[StepRef], home: dict[str, list[Step]], joins: Joins, tag_of: Callable[[str], Tag]
) -> list[Step] | None:
    """The one group that makes all that this step waits for; None where it has to wait."""
    if any(ref.run_id is not None or ref.step_id not in home for ref in waits):
        return None
    group = home[waits[0].step_id]
    if len(group) >= MOST or any(home[ref.step_id] is not group for ref in waits):
        return None
    if tag_of(step.tool) is not tag_of(group[0].tool) or tag_of(step.tool) in ALONE:
        return None
    makers = {one.id: one for one in group}
    links = [(port, ref) for port, refs in step.inputs.items() for ref in refs if ref in waits and isinstance(ref, StepRef)]
    return group if all(joins(makers[ref.step_id], ref.port, step, port) for port, ref in links) else None


def _with_its_like(
    step: Step, found: Sequence[list[Step]], tag_of: Callable[[str], Tag]
) -> list[Step]:
    """A group that begins with the same tool and has room, else a new one."""
    if tag_of(step.tool) in ALONE:
        return []
    return next((group for group in found if len(group) < MOST and group[0].tool == step.tool), [])
