"""Whether a value, and whether a plan, is what is expected. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.model import StepExpected
from tools.model import AssetRef, Step, StepRef

CLOSE = 0.02
"""How far a number may be from the expected one, as a share of it."""
_COMPARISON = re.compile(r"^\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b,
}  # fmt: skip

ANY_PORT = "any"

Defaults = Mapping[str, Mapping[str, Any]]
"""Tool -> parameter -> its default."""
Fits = Callable[[StepExpected, Step], bool]


def holds(wanted: Any, given: Any, default: Any = None, *, exact: bool = False) -> bool:
    """Whether a parameter is as expected. `given` is None where the plan does not say it, and stands at `default`."""
    if isinstance(wanted, list | tuple):
        return any(holds(each, given, default, exact=exact) for each in wanted)
    value = default if given is None else given
    if wanted == "unset":
        return given is None or given == default
    if wanted == "any":
        return value is not None
    if isinstance(wanted, str) and " & " in wanted:
        return all(holds(part, given, default, exact=exact) for part in wanted.split(" & "))
    if isinstance(wanted, str) and (compared := _COMPARISON.match(wanted)):
        number = _number(value)
        return number is not None and _COMPARE[compared[1]](number, float(compared[2]))
    if isinstance(wanted, str) and wanted.startswith(("~", "!~")):
        return _contains(value, wanted)
    return _equal(wanted, value, exact)


def matched(expected: Sequence[StepExpected], steps: Sequence[Step], fits: Fits, *, linked: bool) -> bool:
    """Whether the steps are those expected, in any order: one for each, `fits` for each pair, links alike if `linked`."""
    if len(expected) != len(steps):
        return False
    return _search(expected, steps, fits, linked, [])


def tool_fits(expected: StepExpected, step: Step) -> bool:
    """The same tool, what it makes and whether it is delivered where that is said."""
    made = expected.makes in (None, next(iter(step.outputs.values())))
    return made and expected.allows(step.tool) and expected.deliver in (None, step.deliver)


def params_fit(defaults: Defaults) -> Fits:
    """The same tool with every expected parameter."""

    def fits(expected: StepExpected, step: Step) -> bool:
        known = defaults.get(step.tool, {})
        return tool_fits(expected, step) and all(
            holds(wanted, step.params.get(name), known.get(name), exact=name == "seed")
            for name, wanted in expected.params.items()
        )

    return fits


def reference(ref: AssetRef | StepRef) -> str:
    """An input as cases write it: A1, s1, or run:RUN:STEP for what still renders."""
    if isinstance(ref, AssetRef):
        return ref.handle or ref.asset_id
    return ref.step_id if ref.run_id is None else f"run:{ref.run_id}:{ref.step_id}"


def _search(
    expected: Sequence[StepExpected], steps: Sequence[Step], fits: Fits, linked: bool, chosen: list[Step]
) -> bool:
    """Choose a step for each expected one, going back where the links do not hold."""
    if len(chosen) == len(expected):
        return True
    for step in steps:
        if step in chosen or not fits(expected[len(chosen)], step):
            continue
        chosen.append(step)
        if (not linked or _linked(expected, chosen)) and _search(expected, steps, fits, linked, chosen):
            return True
        chosen.pop()
    return False


def _linked(expected: Sequence[StepExpected], chosen: Sequence[Step]) -> bool:
    """Whether the inputs of all chosen steps are as expected, as far as the steps they come from are chosen."""
    names = {f"s{place}": step.id for place, step in enumerate(chosen, start=1)}
    later = {f"s{place}" for place in range(len(chosen) + 1, len(expected) + 1)}
    return all(
        _inputs_fit(wanted.inputs, step, names, later) for wanted, step in zip(expected, chosen, strict=False)
    )


def _inputs_fit(
    wanted: Mapping[str, tuple[str, ...]], step: Step, names: Mapping[str, str], later: set[str]
) -> bool:
    for port, refs in wanted.items():
        if later & {either for ref in refs for either in ref.split("|")}:
            continue
        fed = [ref for each in step.inputs.values() for ref in each] if port == ANY_PORT else step.inputs.get(port, ())
        given = [reference(ref) for ref in fed]
        if len(given) != len(refs) or not _same_things(refs, given, names):
            return False
    return True


def _same_things(refs: Sequence[str], given: list[str], names: Mapping[str, str]) -> bool:
    """Each expected reference has one of its own among those given, in any order."""
    left = list(given)
    for ref in refs:
        found = next((g for g in left if g in {names.get(either, either) for either in ref.split("|")}), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _contains(value: Any, wanted: str) -> bool:
    if value is None:
        return wanted.startswith("!")
    text = str(value).lower()
    found = any(either.strip().lower() in text for either in wanted.lstrip("!").removeprefix("~").split("|"))
    return found != wanted.startswith("!")


def _equal(wanted: Any, value: Any, exact: bool) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return bool(wanted == value)
    a, b = _number(wanted), _number(value)
    if a is not None and b is not None:
        return a == b if exact else abs(a - b) <= CLOSE * abs(a)
    return str(wanted).strip().lower() == str(value).strip().lower()


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
