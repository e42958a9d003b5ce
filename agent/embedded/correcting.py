"""`No, I meant the second one`: what was just done, done to another picture."""

from __future__ import annotations

from agent.embedded import controls
from agent.embedded.binding import find
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import DraftStep, IntentKind
from tools.model import AssetRef, Plan, StepRef


def carry_out(reading: Reading, message: Understanding) -> None:
    """Draft the last plan again on what is meant; without one that worked on a picture, just go there."""
    plan, refs = message.request.last_plan, reading.binding.refs
    if plan is None or not refs or not one_source(plan):
        controls.select(reading, message)
        return
    item = find(message.request, refs[0])
    brought = item is not None and item.origin == "upload"
    message.note(IntentKind.TRANSFORM if brought else IntentKind.ITERATE, reading, refs)
    for ref in refs:
        _redo(plan, ref, message)
        message.doing.append(f"The same with {message.name(ref)}")


def _redo(plan: Plan, ref: str, message: Understanding) -> None:
    steps, names = message.work.steps, dict[str, str]()
    for step in plan.steps:
        names[step.id] = f"s{len(steps) + 1}"
        inputs = {
            port: tuple(names[source.step_id] if isinstance(source, StepRef) else ref for source in sources)
            for port, sources in step.inputs.items()
        }
        steps.append(DraftStep(names[step.id], step.tool, step.params, inputs))
    message.work.last = steps[-1].id


def one_source(plan: Plan) -> bool:
    """It worked on one picture that was there before, and on nothing else that is still being made."""
    refs = [ref for step in plan.steps for sources in step.inputs.values() for ref in sources]
    elsewhere = any(isinstance(ref, StepRef) and ref.run_id is not None for ref in refs)
    return not elsewhere and len({ref.asset_id for ref in refs if isinstance(ref, AssetRef)}) == 1
