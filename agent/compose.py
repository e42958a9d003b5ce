"""From a planner's draft to a checked plan. Pure: the same checks for every planner, none for itself.

A draft is refused with the reason in words when a tool is unknown or cannot run, an input names nothing, media types
do not fit along a link, or a parameter is out of range. Sizes and costs are known along the whole chain beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from agent.casting import PersonalBox, ToolBox, with_spells_cast
from agent.fanning import IN_PARTS, fanned_out, split_name
from agent.loras import terms, with_loras, without_loras
from agent.model import Draft, DraftStep, PlanningRequest, Shown
from base.errors import InvalidInput
from base.settings import Limits
from tools import rules
from tools.derive import Derived, derive
from tools.errors import BadInput, BadPlan, FileTooLarge, ToolUnavailable
from tools.loras.model import PARAM
from tools.model import (
    AssetRef,
    Availability,
    Capabilities,
    Estimate,
    KindOfInstance,
    MediaKind,
    Plan,
    Size,
    Step,
    StepRef,
    Tool,
    Warning,
)
from tools.shelf.names import pinned

MAX_STEPS = 12


@dataclass
class _Built:
    """What is known of the steps composed so far."""

    steps: list[Step] = field(default_factory=list)
    kinds: dict[str, MediaKind] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    """Step -> the first of its output ports, which later steps take."""
    sizes: dict[str, Size | None] = field(default_factory=dict)
    estimates: list[Estimate] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    needed: dict[KindOfInstance, list[tuple[Capabilities, Tool, dict[str, Any]]]] = field(default_factory=dict)
    """What would have to be started, and for which work."""


def compose(draft: Draft, request: PlanningRequest, tools: ToolBox, plan_id: str) -> Plan:
    """The plan of a draft. Raises BadPlan, BadInput, BadParameter, BadBlank, BlankMissing, ToolNotFound, ToolUnavailable,
    FileTooLarge."""
    _check_many(draft)
    tools = PersonalBox(tools, request.own)
    draft = with_spells_cast(draft, tools.get, request.seed)
    if request.again:
        draft = again(draft, request)
    _check_order(draft, request)
    draft = fanned_out(draft, tools.get)
    used = {split_name(name)[0] for step in draft.steps for names in step.inputs.values() for name in names}
    shown = {name: item for item in request.shown for name in (item.ref, item.handle) if name}
    built = _Built(warnings=[Warning(code=code, message=message) for code, message in draft.notes])
    for step in draft.steps:
        with _of_step(step):
            _add(step, step.id in used, shown, request, tools, built)
    _prepared(built)
    return Plan(
        id=plan_id,
        summary=draft.summary,
        steps=tuple(built.steps),
        estimate=total(built.estimates),
        warnings=tuple(_distinct(built.warnings)),
    )


def _check_many(draft: Draft) -> None:
    """Raises BadPlan, in words for whoever asked for more than is done at once."""
    many = len(draft.steps)
    if not many:
        raise BadPlan("A plan has at least one step.", maximum=MAX_STEPS)
    if many > MAX_STEPS:
        detail = f"That would be {many} steps, and at most {MAX_STEPS} are done at once."
        raise BadPlan(detail, action=IN_PARTS, maximum=MAX_STEPS, steps=many)


@contextmanager
def _of_step(step: DraftStep) -> Iterator[None]:
    """A refusal names the step, since several may have the same tool."""
    try:
        yield
    except InvalidInput as error:
        error.facts.setdefault("step", step.id)
        raise


def _check_order(draft: Draft, request: PlanningRequest) -> None:
    """A step takes what was made before it. Raises BadPlan."""
    ids = [step.id for step in draft.steps]
    shown = {name for item in request.shown for name in (item.ref, item.handle)}
    for number, step in enumerate(draft.steps):
        for source in (split_name(name)[0] for names in step.inputs.values() for name in names if name not in shown):
            if source in ids[:number] or source not in ids:
                continue
            what = "its own result" if source == step.id else f"what {source} makes, which comes only after it"
            action = "Put the steps in an order in which each takes only what earlier ones make."
            raise BadPlan(f"Step {step.id} takes {what}.", action=action, step=step.id, reference=source)


def again(draft: Draft, request: PlanningRequest) -> Draft:
    """Another try. One that was not liked is done anew, with new seeds; one that ended without its results goes on with the
    seeds it had, so that what was done of it is there already."""
    if request.resumed is None:
        steps = [replace(step, fresh=True) for step in reseeded(draft, request).steps]
    else:
        steps = [_as_before(step, request.resumed) for step in draft.steps]
    return replace(draft, steps=tuple(steps))


def _as_before(step: DraftStep, plan: Plan) -> DraftStep:
    known = (done.params for done in plan.steps if done.id in (step.id, f"{step.id}-1") and done.tool == step.tool)
    seed = next((params["seed"] for params in known if "seed" in params), None)
    return step if seed is None else replace(step, params={**step.params, "seed": seed})


def reseeded(draft: Draft, request: PlanningRequest) -> Draft:
    """For another try: every seed that the person did not name is a new one, or the same pictures would come again."""
    named = {int(number) for number in re.findall(r"\d+", request.text)}
    steps = [
        replace(step, params={**step.params, "seed": (request.seed + number) % 2**53})
        if "seed" in step.params and step.params["seed"] not in named
        else step
        for number, step in enumerate(draft.steps)
    ]
    return replace(draft, steps=tuple(steps))


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum of ranges."""
    all_of = list(estimates)
    return Estimate(
        credits=(round(sum(e.credits[0] for e in all_of), 2), round(sum(e.credits[1] for e in all_of), 2)),
        seconds=(round(sum(e.seconds[0] for e in all_of), 1), round(sum(e.seconds[1] for e in all_of), 1)),
    )


def dear(plan: Plan, limits: Limits) -> bool:
    """Whether the person is asked first: costly or long, and never for embedded work, which is free."""
    credits, seconds = plan.estimate.credits[1], plan.estimate.seconds[1]
    return credits > limits.confirm_credits or (credits > 0 and seconds > limits.confirm_seconds)


def instance_for(
    tool: Tool, params: dict[str, Any], capabilities: Sequence[Capabilities]
) -> Capabilities | None:
    """The first instance that can run the tool, plain picture work on the CPU one where there is one."""
    able = [c for c in capabilities if rules.choose_implementation(tool, c, params) is not None]
    cheap = [c for c in able if c.sketch or not c.samplers]
    return (cheap or able)[0] if able and not tool.generative else (able[0] if able else None)


def _add(
    step: DraftStep, used: bool, shown: dict[str, Shown], request: PlanningRequest, tools: ToolBox, built: _Built
) -> None:
    tool = tools.get(step.tool)
    if step.id in built.kinds:
        raise BadPlan(f"Two steps are called {step.id}.")
    inputs = {
        port: tuple(_source(name, shown, built) for name in names) for port, names in step.inputs.items()
    }
    rules.check_inputs(tool, {p: [_kind(n, shown, built) for n in names] for p, names in step.inputs.items()})
    params = rules.checked_params(tool, without_loras(step.params))
    built.warnings += _idle(tool, step.params)
    request = replace(request, capabilities=_taking(step, tool, params, shown, request.capabilities))
    available = _runnable(tool, params, request.capabilities, tools)
    params = _resolved(tool, params, request.capabilities)
    params, said = with_loras(tool, params, request)
    built.warnings += said
    available = _runnable(tool, params, request.capabilities, tools) if PARAM in params else available
    sizes = {p: size for p, names in step.inputs.items() if names and (size := _size(names[0], shown, built))}
    outcome = derive(tool.derive, params, sizes)
    params = _rounded(step, tool, params, outcome, sizes, built)
    instance = instance_for(tool, params, request.capabilities)
    own = rules.estimate(tool, params, outcome.size, instance)
    built.steps.append(
        Step(
            id=step.id,
            tool=pinned(tool.name, tool.version),
            title=tool.title,
            params=_worth_saying(tool, params, rules.overruled(tool, params)),
            inputs=inputs,
            outputs={name: port.kind for name, port in tool.outputs.items()},
            deliver=(not used) if step.deliver is None else step.deliver,
            version_of=_refined(step.version_of, shown),
            seconds=own.seconds,
            size=rules.size_class(params, outcome.size),
            fresh=step.fresh,
        )
    )
    built.ports[step.id] = next(iter(tool.outputs))
    built.kinds[step.id] = tool.outputs[built.ports[step.id]].kind
    built.sizes[step.id] = outcome.size
    built.estimates.append(_measured(own, built.steps[-1], tool, instance, request))
    built.warnings += terms(tool, params, instance, request.loras)
    if available.sketch:
        built.warnings.append(_SKETCH)
    built.warnings += _absent(instance)
    if instance is not None and instance.kind is not None:
        built.needed.setdefault(instance.kind, []).append((instance, tool, params))


def _rounded(
    step: DraftStep, tool: Tool, params: dict[str, Any], outcome: Derived, sizes: dict[str, Size], built: _Built
) -> dict[str, Any]:
    """With the sides that will be made in place of those that were asked for, which is said."""
    params, moved = rules.as_made(tool, params, outcome, sizes)
    for side in moved:
        made, asked = outcome.values[f"canvas_{side}"], step.params[side]
        message = f"{tool.title} takes no {side} of {asked}: it will be {made} pixels."
        built.warnings.append(Warning(code="rounded", message=message))
    return params


def _idle(tool: Tool, params: dict[str, Any]) -> list[Warning]:
    """What was asked for and will not be seen."""
    if rules.nothing_to_do(tool, params):
        return [Warning(code="unchanged", message=rules.said_nothing(tool))]
    lost = rules.unused(tool, params).items()
    return [
        Warning(code="unused", message=f"{tool.title} goes by {' and '.join(rivals)}; {name} is not used.")
        for name, rivals in lost
    ]


def _measured(own: Estimate, step: Step, tool: Tool, instance: Capabilities | None, request: PlanningRequest) -> Estimate:
    """The tool's own estimate, or what such steps were measured to take there; what is free stays free."""
    if request.timings is None or instance is None or step.size is None:
        return own
    low, high = request.timings.measured(step.tool, step.size, instance.device, own.seconds)
    rate = tool.cost.credits_per_s if own.credits[1] else 0.0
    return Estimate(credits=(round(low * rate, 2), round(high * rate, 2)), seconds=(low, high))


def _prepared(built: _Built) -> None:
    """What instances that have to be started add to time and price: each starts once and downloads each file once."""
    for kind, work in built.needed.items():
        chosen = [rules.choose_implementation(tool, instance, params) for instance, tool, params in work]
        files = [file for implementation in chosen if implementation for file in implementation.models]
        takes = rules.preparation(kind, files)
        built.estimates.append(takes)
        words = f"This first starts {kind.name} and prepares it: about {rules.in_minutes(takes.seconds)}"
        price = f", up to {takes.credits[1]:g} credits." if takes.credits[1] else "."
        built.warnings.append(Warning(code="prepares", message=words + price))


def _absent(instance: Capabilities | None) -> list[Warning]:
    """What it is to wait for an instance that is not there."""
    if instance is None:
        return []
    if instance.unattended:
        return [_UNATTENDED]
    return [*([_UNKNOWN] if instance.unknown else []), *([] if instance.last_seen is None else [_away(instance.last_seen)])]


def _away(seen: datetime) -> Warning:
    when = f"{seen:%Y-%m-%d %H:%M} UTC"
    message = f"The render server does not answer; it was last seen at {when}. This waits for it."
    return Warning(code="server_away", message=message)


_UNATTENDED = Warning(code="no_worker", message="Nothing is rendered just now, as no worker runs: this waits until one does.")
_UNKNOWN = Warning(
    code="server_away",
    message="The render server has not answered yet: this waits for it, and takes the model that it lists then.",
)


def _runnable(
    tool: Tool, params: dict[str, Any], capabilities: Sequence[Capabilities], tools: ToolBox
) -> Availability:
    """Some implementations serve some parameters only, so a tool may run for this step though not for every one."""
    available = tools.availability(tool, capabilities)
    if instance_for(tool, params, capabilities) is None:
        if available.available:
            _check_files(tool, params, capabilities)
        reason = available.reason or "no render server can do it with these settings"
        raise ToolUnavailable(f"{tool.title} cannot run now: {reason}.", tool=tool.name)
    return available


def _taking(
    step: DraftStep, tool: Tool, params: dict[str, Any], shown: dict[str, Shown], capabilities: Sequence[Capabilities]
) -> tuple[Capabilities, ...]:
    """The instances to which what enters the step can be sent. Raises FileTooLarge where one could do it but for that."""
    entering = [shown[name] for names in step.inputs.values() for name in names if name in shown]
    size = max((item.file_bytes for item in entering), default=0)
    taking = tuple(each for each in capabilities if each.takes_file(size))
    able = [each for each in capabilities if instance_for(tool, params, [each]) is not None]
    if able and instance_for(tool, params, taking) is None:
        limit = max(each.max_upload_bytes or 0 for each in able)
        server = "The render server" if len(able) == 1 else "The render server that takes the most"
        raise FileTooLarge(rules.too_large(server, size, limit), tool=tool.name, step=step.id, bytes=size, maximum=limit)
    return taking


def _check_files(tool: Tool, params: dict[str, Any], capabilities: Sequence[Capabilities]) -> None:
    """Raises ToolUnavailable with the name of a chosen file that no server lists, and the nearest that are there."""
    for name, spec in tool.params.items():
        file = params.get(name)
        if spec.type != "model" or not file:
            continue
        folder = rules.MODEL_FOLDERS[name]
        there = sorted({listed for instance in capabilities for listed in instance.models.get(folder, ())})
        if file in there:
            continue
        near = (get_close_matches(file, there, n=3, cutoff=0.5) or there[:3])
        raise ToolUnavailable(
            f"No render server has {file} in models/{folder}. There is: {', '.join(near)}.",
            action="Choose one that is there, or put the file on a ComfyUI server of the pool.",
            tool=tool.name, parameter=name, file=file, nearest=near,
        )  # fmt: skip


_SKETCH = Warning(
    code="sketch", message="Sketch preview: no GPU is connected, so this is painted without a model."
)


def _resolved(tool: Tool, params: dict[str, Any], capabilities: Sequence[Capabilities]) -> dict[str, Any]:
    """Name the model file in the plan, so that the person sees what runs and a retry runs the same."""
    instance = instance_for(tool, params, capabilities)
    chosen = dict(params)
    for name, spec in tool.params.items():
        if spec.type == "model" and not params.get(name) and instance is not None and not instance.unknown:
            chosen[name] = min(instance.models[rules.MODEL_FOLDERS[name]])
    return chosen


def _worth_saying(tool: Tool, params: dict[str, Any], idle: Container[str]) -> dict[str, Any]:
    """A plan leaves out sliders that stand at their neutral default, since whoever builds the graph fills them in again, and
    what is `idle`, since others say it."""
    return {
        n: v
        for n, v in params.items()
        if n not in idle
        and (n not in tool.params or v != tool.params[n].default or v not in (None, "", 0, False) or n == "seed")
    }


def _source(name: str, shown: dict[str, Shown], built: _Built) -> AssetRef | StepRef:
    base, index = split_name(name)
    if base in built.kinds:
        return StepRef(step_id=base, port=built.ports[base], index=index)
    item = shown.get(name)
    if item is None:
        raise BadInput(f"There is no {name} in this conversation.", reference=name)
    if item.asset_id is not None:
        return AssetRef(asset_id=item.asset_id, handle=item.handle)
    return StepRef(step_id=item.step_id or "", port=item.kind, run_id=item.run_id, index=item.index)


def _refined(name: str | None, shown: dict[str, Shown]) -> AssetRef | None:
    """What is still being rendered has no asset yet: its successor is then known by its seed only."""
    item = shown.get(name) if name else None
    return AssetRef(asset_id=item.asset_id, handle=item.handle) if item and item.asset_id else None


def _kind(name: str, shown: dict[str, Shown], built: _Built) -> str:
    base = split_name(name)[0]
    return built.kinds[base].value if base in built.kinds else shown[name].kind


def _size(name: str, shown: dict[str, Shown], built: _Built) -> Size | None:
    base = split_name(name)[0]
    return built.sizes[base] if base in built.sizes else shown[name].size


def _distinct(warnings: Iterable[Warning]) -> list[Warning]:
    return list({warning.code + warning.message: warning for warning in warnings}.values())
