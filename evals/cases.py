"""Suites are data: evals/suites/NAME.yaml, a list of cases; evals/scenes.yaml, situations that cases share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from evals import yamls
from evals.errors import CaseNotFound, SuiteBroken, SuiteNotFound
from evals.model import Case, Split

SCENES = "scenes.yaml"
LATENCY = "latency"
"""A suite without a file: the others' cases, many at once."""


def suites() -> list[str]:
    """The names of all suites that have a file."""
    files = resources.files("evals").joinpath("suites").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


@cache
def load(suite: str) -> tuple[Case, ...]:
    """The cases of a suite, in order. Raises SuiteNotFound, SuiteBroken."""
    if suite not in suites():
        raise SuiteNotFound(f"There is no suite called {suite}; there are: {', '.join([*suites(), LATENCY])}.")
    folder = resources.files("evals")
    scenes = folder.joinpath(SCENES).read_text(encoding="utf-8")
    return parse(suite, folder.joinpath("suites", f"{suite}.yaml").read_text(encoding="utf-8"), parse_scenes(scenes))


def select(names: Sequence[str], split: Split = "all", case: str | None = None) -> tuple[Case, ...]:
    """The cases of these suites (all of them without names). Raises SuiteNotFound, SuiteBroken, CaseNotFound."""
    loaded = [found for name in names or suites() if name != LATENCY for found in load(name)]
    chosen = [found for found in loaded if split == "all" or found.held_out == (split == "held")]
    if case is not None:
        chosen = [found for found in loaded if case in (found.name, found.key)]
        if not chosen:
            raise CaseNotFound(f"There is no case called {case}.")
    return tuple(chosen)


def parse_scenes(text: str) -> dict[str, dict[str, Any]]:
    """Scene name -> the fields it gives to a case. Raises SuiteBroken."""
    try:
        scenes = yamls.load(text) or {}
    except ValueError as error:
        raise SuiteBroken(f"{SCENES}: {error}.") from None
    if not isinstance(scenes, dict) or not all(isinstance(scene, dict) for scene in scenes.values()):
        raise SuiteBroken(f"{SCENES} is not a mapping of names to situations.")
    for name, scene in scenes.items():
        _case(SCENES, str(name), {"name": str(name), "text": "", "expect": {}, **scene})
    return scenes


def parse(suite: str, text: str, scenes: Mapping[str, Mapping[str, Any]]) -> tuple[Case, ...]:
    """The cases of a file's text. Raises SuiteBroken naming file and case."""
    try:
        listed = yamls.load(text) or []
    except ValueError as error:
        raise SuiteBroken(f"{suite}.yaml: {error}.") from None
    if not isinstance(listed, list):
        raise SuiteBroken(f"{suite}.yaml is not a list of cases.")
    cases = tuple(_placed(suite, number, raw, scenes) for number, raw in enumerate(listed, start=1))
    _names_of_their_own(suite, cases)
    return cases


def _placed(suite: str, number: int, raw: Any, scenes: Mapping[str, Mapping[str, Any]]) -> Case:
    """A case in its scene; what it says itself goes before what the scene says."""
    file = f"{suite}.yaml"
    if not isinstance(raw, dict):
        raise SuiteBroken(f"{file}: entry {number} is not a case.")
    label = f"case {raw.get('name', f'number {number}')}"
    scene = raw.get("scene")
    if scene is not None and scene not in scenes:
        raise SuiteBroken(f"{file}, {label}: there is no scene called {scene}.")
    return _case(file, label, {**(scenes[scene] if scene else {}), **raw, "suite": suite})


def _case(file: str, label: str, fields: Mapping[str, Any]) -> Case:
    try:
        return Case.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SuiteBroken(f"{file}, {label}: {f'{where}: ' if where else ''}{reason}.") from None


def _names_of_their_own(suite: str, cases: Iterable[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise SuiteBroken(f"{suite}.yaml, case {case.name}: another case has this name.")
        seen.add(case.name)
