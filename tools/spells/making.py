"""A spell from what was rendered: media that were brought become ports, the subject becomes a blank. Pure.

The steps that come in are RecipeSteps whose texts mean themselves and whose inputs name media as `asset:ID`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tools.errors import BadSpell
from tools.model import AssetRef, MediaKind, Parameter, Plan, Port, RecipeStep, Step, StepRef, Tool
from tools.spells.model import MAX_STEPS, Spell
from tools.spells.subjects import subject_of, with_blank
from tools.spells.wording import plain

ToolOf = Callable[[str], Tool]
ASSET = "asset:"
SUBJECT = "subject"
_WORDS = ("prompt",)
"""Parameters whose subject may be left blank."""


def steps_of(plan: Plan) -> tuple[RecipeStep, ...]:
    """The steps of a plan. Raises BadSpell when it waits for another run, whose steps are not in it."""
    return tuple(_step(step) for step in plan.steps)


def made(
    title: str, steps: Sequence[RecipeStep], tool_of: ToolOf, *, same_seed: bool = False, same_models: bool = True,
    description: str = "",
) -> Spell:  # fmt: skip
    """The spell that does these steps again for another subject and other media. Raises BadSpell, ToolNotFound."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise BadSpell(f"A spell has between 1 and {MAX_STEPS} steps; this has {len(steps)}.", maximum=MAX_STEPS)
    tools = {step.tool: tool_of(step.tool) for step in steps}
    if any(tool.recipe for tool in tools.values()):
        raise BadSpell("A spell is made of tools, not of other spells.")
    kept = [_kept(step, tools[step.tool], same_seed, same_models) for step in _told(steps)]
    ports, names = _ports(kept, tools)
    kept = [_with_ports(step, names) for step in kept]
    subject = _subject(kept, tools)
    if subject is not None:
        kept = [_without(step, plain(subject)) for step in kept]
    blanks = {} if subject is None else {SUBJECT: asked(subject)}
    return Spell(
        title=title, description=description, blanks=blanks, ports=ports, outputs=outputs_of(kept, tool_of), steps=tuple(kept)
    )


def asked(example: str) -> Parameter:
    """A blank that must be said."""
    return Parameter(type="string", description=f"What it shows, such as {example}", required=True)


def _told(steps: Sequence[RecipeStep]) -> list[RecipeStep]:
    """Delivery is told only where it is not what anybody would expect, so that a cast can be worked on within a plan."""
    usual = {step.id for step in delivered([step.model_copy(update={"deliver": None}) for step in steps])}
    return [
        step.model_copy(update={"deliver": None}) if step.deliver is (step.id in usual) else step for step in steps
    ]


def delivered(steps: Sequence[RecipeStep]) -> list[RecipeStep]:
    """The steps whose results the person gets, in order; the last of them is what a cast is known by."""
    used = {name.partition(".")[0] for step in steps for names in step.inputs.values() for name in names}
    return [step for step in steps if (step.id not in used if step.deliver is None else step.deliver)]


def outputs_of(steps: Sequence[RecipeStep], tool_of: ToolOf) -> dict[str, Port]:
    """What a cast gives, the last step first. Raises BadSpell when it gives nothing."""
    outputs: dict[str, Port] = {}
    for step in reversed(delivered(steps)):
        kind = next(iter(tool_of(step.tool).outputs.values())).kind
        outputs[_free(kind.value, outputs)] = Port(kind=kind)
    if not outputs:
        raise BadSpell("None of its steps gives the person anything.")
    return outputs


def _step(step: Step) -> RecipeStep:
    inputs = {port: tuple(_source(ref) for ref in refs) for port, refs in step.inputs.items()}
    return RecipeStep(id=step.id, tool=step.tool, params=step.params, inputs=inputs, deliver=step.deliver)


def _source(ref: AssetRef | StepRef) -> str:
    if isinstance(ref, AssetRef):
        return f"{ASSET}{ref.asset_id}"
    if ref.run_id is not None:
        raise BadSpell("A picture that it starts from is still being made.", action="Save it when that is done.")
    return ref.step_id if ref.index is None else f"{ref.step_id}.{ref.index + 1}"


def _kept(step: RecipeStep, tool: Tool, same_seed: bool, same_models: bool) -> RecipeStep:
    """What of a step belongs to the recipe: not its luck, unless that is asked for, nor a model that only a sketch had."""
    params = {
        name: plain(value) if isinstance(value, str) else value
        for name, value in step.params.items()
        if name in tool.params
        and (same_seed or name != "seed")
        and (same_models or tool.params[name].type != "model")
    }
    return step.model_copy(update={"params": params})


def _ports(steps: Sequence[RecipeStep], tools: Mapping[str, Tool]) -> tuple[dict[str, Port], dict[str, str]]:
    """A port for each medium that was brought: its name, and source -> name."""
    ports: dict[str, Port] = {}
    names: dict[str, str] = {}
    for step, port, source in _brought(steps):
        if source not in names:
            spec = tools[step.tool].inputs[port]
            names[source] = _free(_called(port, spec.kind), ports)
            ports[names[source]] = Port(kind=spec.kind, description=spec.description)
    return ports, names


def _brought(steps: Sequence[RecipeStep]) -> Iterator[tuple[RecipeStep, str, str]]:
    for step in steps:
        for port, sources in step.inputs.items():
            yield from ((step, port, source) for source in sources if source.startswith(ASSET))


def _called(port: str, kind: MediaKind) -> str:
    """By the role that the port has in its tool, else by the kind."""
    role = re.sub(r"_?\d+$", "", port)
    return role if role else kind.value


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return name if name not in taken else next(n for i in range(2, 99) if (n := f"{name}_{i}") not in taken)


def _with_ports(step: RecipeStep, names: Mapping[str, str]) -> RecipeStep:
    inputs = {
        port: tuple(f"${names[source]}" if source in names else source for source in sources)
        for port, sources in step.inputs.items()
    }
    return step.model_copy(update={"inputs": inputs})


def _subject(steps: Sequence[RecipeStep], tools: Mapping[str, Tool]) -> str | None:
    """The subject of the first prompt from which something new is made; an edit's words are the recipe itself."""
    for step in steps:
        for name in _WORDS:
            words = step.params.get(name)
            if isinstance(words, str) and not tools[step.tool].inputs:
                return subject_of(words.replace("{{", "{").replace("}}", "}"))
    return None


def _without(step: RecipeStep, subject: str) -> RecipeStep:
    params = {
        name: with_blank(value, subject, SUBJECT) if name in _WORDS and isinstance(value, str) else value
        for name, value in step.params.items()
    }
    return step.model_copy(update={"params": params})
