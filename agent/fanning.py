"""A step that makes several pictures feeds all of them to what comes next. Pure.

`s1` names every picture of step s1, `s1.2` its second one alone. A step whose port takes one picture and is fed several
becomes as many steps (`s2` -> `s2-1`, `s2-2`, ...), and so does whatever works on those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.model import Draft, DraftStep
from tools.errors import BadInput, BadPlan
from tools.model import Tool

MOST = 24  # steps after the fan
IN_PARTS = 'Which ones first? Name them, as in "on A1, A2 and A3", and say the rest afterwards.'


def fanned_out(draft: Draft, tool_of: Callable[[str], Tool]) -> Draft:
    """The draft with every several spelled out. Raises BadPlan, BadInput, ToolNotFound."""
    made: dict[str, tuple[str, ...]] = {}
    steps: list[DraftStep] = []
    for step in draft.steps:
        tool = tool_of(step.tool)
        sources = {port: _members(step, port, made) for port in step.inputs}
        copies = _copies(step, tool, sources)
        steps += copies
        made[step.id] = tuple(name for copy in copies for name in _pictures(copy, tool))
    if len(steps) > MOST:
        detail = f"That would be {len(steps)} steps, one for each picture, and at most {MOST} are done at once."
        raise BadPlan(detail, action=IN_PARTS, maximum=MOST, steps=len(steps))
    return replace(draft, steps=tuple(steps))


def split_name(name: str) -> tuple[str, int | None]:
    """`s1.2` -> (`s1`, 1); a name without a number means the only picture."""
    base, dot, number = name.rpartition(".")
    return (base, int(number) - 1) if dot and number.isdecimal() else (name, None)


def _members(step: DraftStep, port: str, made: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return tuple(member for name in step.inputs[port] for member in _member(name, made))
    except BadInput as error:
        error.facts |= {"step": step.id, "port": port}
        raise


def _member(name: str, made: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    base, index = split_name(name)
    if name in made or base not in made or index is None:
        return made.get(name, (name,))
    if not 0 <= index < len(made[base]):
        many = "1 picture" if len(made[base]) == 1 else f"{len(made[base])} pictures"
        detail = f"Step {base} makes {many}, so there is no number {index + 1} (`index` {index}, which counts from 0)."
        raise BadInput(detail, reference=name, pictures=len(made[base]), index=index)
    return (made[base][index],)


def _pictures(step: DraftStep, tool: Tool) -> tuple[str, ...]:
    """The names of what a step makes: itself, or each picture of its batch."""
    spec = tool.params.get("count")
    many = step.params.get("count", spec.default) if spec is not None else 1
    if not isinstance(many, int) or many < 2:
        return (step.id,)
    return tuple(f"{step.id}.{number}" for number in range(1, many + 1))


def _copies(step: DraftStep, tool: Tool, sources: Mapping[str, tuple[str, ...]]) -> list[DraftStep]:
    """One step, or one for each picture of the ports that take one and got several."""
    fans = [p for p, names in sources.items() if len(names) > len(step.inputs[p]) and _takes_one(tool, p)]
    if not fans:
        return [replace(step, inputs=dict(sources))]
    counts = {len(sources[port]) for port in fans}
    if len(counts) > 1:
        raise BadPlan(f"{tool.title} cannot pair {' and '.join(map(str, sorted(counts)))} pictures.")
    return [
        replace(
            step,
            id=f"{step.id}-{number + 1}",
            inputs={port: (names[number],) if port in fans else names for port, names in sources.items()},
        )
        for number in range(counts.pop())
    ]


def _takes_one(tool: Tool, port: str) -> bool:
    return port in tool.inputs and tool.inputs[port].count[1] == 1
