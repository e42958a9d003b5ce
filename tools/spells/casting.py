"""A spell with its blanks filled: the steps that stand in its place. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools import rules
from tools.errors import BadBlank, BadParameter, BlankMissing
from tools.model import RecipeStep, Tool
from tools.spells.making import delivered
from tools.spells.wording import filled

MAX_TEXT = 8000
"""Characters of a filled text, as many as a message has."""


def missing(spell: Tool, blanks: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the blanks that must still be said, in order."""
    given = {name for name, value in blanks.items() if value not in (None, "")}
    return tuple(name for name, spec in spell.params.items() if spec.required and name not in given)


def open_ports(spell: Tool, inputs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Names of the ports that still lack a medium, in order."""
    return tuple(name for name, port in spell.inputs.items() if len(inputs.get(name, ())) < port.count[0])


def cast(
    spell: Tool, blanks: Mapping[str, Any], inputs: Mapping[str, Sequence[str]], called: str = "s1"
) -> tuple[RecipeStep, ...]:
    """The steps, in order. Their inputs name what was given for the ports, or each other; the last that delivers has the
    id `called`. Raises BadBlank, BlankMissing."""
    given = _checked(spell, blanks, inputs)
    main = delivered(spell.recipe)[-1].id
    ids = {step.id: called if step.id == main else f"{called}_{step.id}" for step in spell.recipe}
    return tuple(_cast(step, given, inputs, ids) for step in spell.recipe)


def _checked(spell: Tool, blanks: Mapping[str, Any], inputs: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    if (lacking := missing(spell, blanks)) or (without := open_ports(spell, inputs)):
        named = [*lacking, *([] if lacking else without)]
        raise BlankMissing(f"{spell.title} needs {' and '.join(named)}.", blanks=named)
    for port, names in inputs.items():
        most = spell.inputs[port].count[1] if port in spell.inputs else 0
        if len(names) > most:
            raise BadBlank(f"{spell.title} takes {most} as its {port}." if most else f"{spell.title} has no {port}.", port=port)
    try:
        return rules.checked_params(spell, blanks)
    except BadParameter as problem:
        raise BadBlank(problem.detail, **problem.facts) from None


def _cast(
    step: RecipeStep, given: Mapping[str, Any], inputs: Mapping[str, Sequence[str]], ids: Mapping[str, str]
) -> RecipeStep:
    params = {name: value for name, said in step.params.items() if (value := filled(said, given)) is not None}
    for value in params.values():
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise BadBlank(f"With that it would be more than {MAX_TEXT} characters.", maximum=MAX_TEXT)
    sources = {port: tuple(n for name in names for n in _meant(name, inputs, ids)) for port, names in step.inputs.items()}
    return step.model_copy(update={"id": ids[step.id], "params": params, "inputs": {p: n for p, n in sources.items() if n}})


def _meant(name: str, inputs: Mapping[str, Sequence[str]], ids: Mapping[str, str]) -> Sequence[str]:
    if name.startswith("$"):
        return inputs.get(name[1:], ())
    step, dot, number = name.partition(".")
    return (f"{ids[step]}{dot}{number}",)
