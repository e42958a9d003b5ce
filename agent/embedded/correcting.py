"""`No, I meant the second one`: what was just done, done to another picture."""

from __future__ import annotations

from agent.embedded import controls
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import DraftStep, IntentKind
from tools.model import AssetRef, Plan, StepRef


def carry_out(reading: Reading, message: Understanding) -> None:
    """Draft the last plan again on what is meant; without one that worked on a picture, just go there."""
    plan, refs = message.request.last_plan, reading.binding.refs
    if plan is None or len(refs) != 1 or not _one_source(plan):
        controls.select(reading, message)
        return
    message.note(IntentKind.ITERATE, reading, refs)
    message.work.steps += [
        DraftStep(step.id, step.tool, step.params, _inputs(step.inputs, refs[0])) for step in plan.steps
    ]
    message.work.last = plan.steps[-1].id
    message.doing.append(f"The same with {message.name(refs[0])}")


def _one_source(plan: Plan) -> bool:
    """It worked on one picture that was there before."""
    return len({ref.asset_id for ref in _sources(plan)}) == 1


def _sources(plan: Plan) -> list[AssetRef]:
    return [
        ref
        for step in plan.steps
        for refs in step.inputs.values()
        for ref in refs
        if isinstance(ref, AssetRef)
    ]


def _inputs(inputs: dict[str, tuple[AssetRef | StepRef, ...]], ref: str) -> dict[str, tuple[str, ...]]:
    return {
        port: tuple(source.step_id if isinstance(source, StepRef) else ref for source in sources)
        for port, sources in inputs.items()
    }
