"""Does a spell hold together? The same questions for one that was edited and one that came from a stranger. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools import rules
from tools.errors import BadInput, BadParameter, BadSpell, ToolNotFound
from tools.model import MediaKind, Parameter, RecipeStep, Tool
from tools.spells.making import ToolOf, outputs_of
from tools.spells.model import Spell
from tools.spells.wording import alone, blanks_in

_TOOL_NAME = re.compile(r"[a-z0-9_/@-]{1,80}")
_STEP_ID = re.compile(r"s[1-9]\d?")
_NUMBERS = frozenset({"integer", "number"})


def checked(spell: Spell, tool_of: ToolOf) -> Spell:
    """The spell with its outputs as its tools give them. Raises BadSpell saying what does not fit."""
    tools = _tools(spell, tool_of)
    kinds: dict[str, MediaKind] = {}
    for step in spell.steps:
        if not _STEP_ID.fullmatch(step.id) or step.id in kinds:
            raise BadSpell("Its steps are to be called s1, s2 and so on, each once.")
        tool = tools[step.tool]
        _check_params(step, tool, spell.blanks)
        _check_inputs(step, tool, spell, kinds)
        kinds[step.id] = next(iter(tool.outputs.values())).kind
    _check_use(spell)
    return spell.model_copy(update={"outputs": outputs_of(spell.steps, tool_of)})


def _tools(spell: Spell, tool_of: ToolOf) -> dict[str, Tool]:
    """The tools of its steps: all that are not here are named at once."""
    found, unknown = {}, []
    for name in dict.fromkeys(step.tool for step in spell.steps):
        try:
            found[name] = tool_of(name)
        except ToolNotFound:
            unknown.append(name if _TOOL_NAME.fullmatch(name) else "?")
    if unknown:
        raise BadSpell(f"It uses tools that are not here: {', '.join(unknown)}.", tools=unknown)
    if any(tool.recipe for tool in found.values()):
        raise BadSpell("A spell is made of tools, not of other spells.")
    return found


def _check_params(step: RecipeStep, tool: Tool, blanks: Mapping[str, Parameter]) -> None:
    settled: dict[str, Any] = {}
    for name, value in step.params.items():
        named = blanks_in(value)
        if (stranger := next((n for n in named if n not in blanks), None)) is not None:
            raise BadSpell(f"{step.id} has the blank {{{stranger}}}, which the spell does not have.", blank=stranger)
        if not named:
            settled[name] = value
        elif (spec := tool.params.get(name)) is None:
            raise BadSpell(f"{step.id}: {tool.title} has no parameter {name[:40]}.")
        else:
            settled[name] = _stand_in(step, name, value, spec, blanks)
    try:
        rules.checked_params(tool, settled)
    except BadParameter as problem:
        raise BadSpell(f"{step.id}: {problem.detail}", **problem.facts) from None


def _stand_in(step: RecipeStep, name: str, value: str, spec: Parameter, blanks: Mapping[str, Parameter]) -> Any:
    """Something that is surely in range, where a blank of the right type stands."""
    blank = blanks[whole] if (whole := alone(value)) is not None else None
    text = blank is None or blank.type not in (*_NUMBERS, "boolean")
    fits = text if spec.type in ("string", "choice", "model") else blank is not None and (
        blank.type in _NUMBERS if spec.type in _NUMBERS else blank.type == spec.type
    )  # fmt: skip
    if not fits:
        raise BadSpell(f"{step.id}: the blank in {name} is not of the type {spec.type}.")
    if spec.type in ("string", "model"):
        return "x"
    if spec.type == "choice":
        return spec.choices[0]
    return False if spec.type == "boolean" else spec.minimum if spec.minimum is not None else spec.default or 0


def _check_inputs(step: RecipeStep, tool: Tool, spell: Spell, kinds: Mapping[str, MediaKind]) -> None:
    given: dict[str, list[str]] = {}
    for port, names in step.inputs.items():
        given[port] = [_kind(step, name, spell, kinds) for name in names]
    try:
        rules.check_inputs(tool, given)
    except BadInput as problem:
        raise BadSpell(f"{step.id}: {problem.detail}", **problem.facts) from None


def _kind(step: RecipeStep, name: str, spell: Spell, kinds: Mapping[str, MediaKind]) -> str:
    if name.startswith("$") and name[1:] in spell.ports:
        return spell.ports[name[1:]].kind.value
    base, dot, number = name.partition(".")
    if base in kinds and (not dot or re.fullmatch(r"[1-9]\d?", number)):
        return kinds[base].value
    raise BadSpell(f"{step.id} takes something that neither a port nor an earlier step gives.")


def _check_use(spell: Spell) -> None:
    """A blank or port that is used nowhere would be asked for in vain."""
    said = {name for step in spell.steps for value in step.params.values() for name in blanks_in(value)}
    fed = {name[1:] for step in spell.steps for names in step.inputs.values() for name in names if name.startswith("$")}
    idle = [*(name for name in spell.blanks if name not in said), *(name for name in spell.ports if name not in fed)]
    if idle:
        raise BadSpell(f"Nothing in it uses {', '.join(idle)}.", unused=idle)
    if both := sorted(set(spell.blanks) & set(spell.ports)):
        raise BadSpell(f"{both[0]} is a blank and a port.")
