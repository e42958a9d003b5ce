"""Suites are whole, ask about every tool, and do not ask what the planner has learnt by heart."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.model import IntentKind
from evals import cases
from evals.errors import CaseNotFound, SuiteNotFound
from evals.model import Case, Expected
from tests.builds import built
from tools.service import all_tools, load_tools

ROOT = Path(__file__).resolve().parent.parent.parent
JOURNEYS = {
    "make it more vibrant", "generate a cyberpunk cityscape at night", "then upscale it 2x", "less saturated",
    "same but at night",
}  # fmt: skip
"""Sentences of the first journeys: they must hold, whoever has learnt them."""


def named_tools(case: Case) -> set[str]:
    """Every tool that a case expects in some right answer, or shows, or reads otherwise."""
    rights: list[Expected] = [right for turn in case.dialogue() for right in turn.right_answers()]
    steps = {tool for right in rights for step in right.steps or () for tool in step.tools if "*" not in tool}
    offered = {tool for right in rights for tool in right.offered or ()}
    return steps | offered | {item.tool for item in case.shown if item.tool} | set(case.tools_patch)


def test_every_pattern_of_names_fits_some_tool() -> None:
    names = [tool.name for tool in all_tools(built())]
    patterns = {
        either
        for case in cases.select(())
        for turn in case.dialogue()
        for right in turn.right_answers()
        for step in right.steps or ()
        for either in step.tools
        if "*" in either
    }

    assert {pattern for pattern in patterns if not fnmatch.filter(names, pattern)} == set()


@pytest.mark.parametrize("suite", cases.suites())
def test_every_tool_that_is_named_exists(suite: str) -> None:
    tools = {tool.name for tool in load_tools()}

    assert {case.name: sorted(named_tools(case) - tools) for case in cases.load(suite) if named_tools(case) - tools} == {}


def test_every_tool_has_a_case() -> None:
    asked = {
        tool
        for case in cases.select(())
        for turn in case.dialogue()
        for step in turn.expect.steps or ()
        for tool in step.tools
    }

    assert {tool.name for tool in load_tools()} - asked == set()


@pytest.mark.parametrize("suite", cases.suites())
def test_expected_parameters_and_ports_are_those_of_the_tools(suite: str) -> None:
    tools = {tool.name: tool for tool in load_tools()}
    steps = [
        (case.name, tools[name], step)
        for case in cases.load(suite)
        for turn in case.dialogue()
        for right in turn.right_answers()
        for step in right.steps or ()
        for name in step.tools
        if "*" not in name
    ]

    known = {name: {p for s in steps if s[0] == name for p in s[1].params} for name, _, _ in steps}
    ports = {name: {p for s in steps if s[0] == name for p in s[1].inputs} for name, _, _ in steps}
    assert {name: set(step.params) - known[name] for name, _, step in steps if set(step.params) - known[name]} == {}
    assert {name: set(step.inputs) - ports[name] for name, _, step in steps if set(step.inputs) - ports[name]} == {}


def test_the_first_suite_has_forty_requests_of_every_kind() -> None:
    loaded = cases.load("first")

    assert len(loaded) == 40
    assert {kind for case in loaded for turn in case.dialogue() for kind in turn.expect.kinds or ()} == set(IntentKind)


@pytest.mark.parametrize("suite", cases.suites())
def test_no_case_is_a_sentence_that_the_planner_was_taught(suite: str) -> None:
    taught = {plain(text) for path in (ROOT / "agent").rglob("*.yaml") for text in texts(yaml.safe_load(path.read_text()))}
    said = {plain(turn.text) for case in cases.load(suite) for turn in case.dialogue()} - {""}

    assert {text for text in said & taught if len(text.split()) > 2} <= JOURNEYS


def test_about_a_third_is_held_out() -> None:
    loaded = cases.select(())
    held, dev = cases.select((), "held"), cases.select((), "dev")

    assert {case.key for case in held} & {case.key for case in dev} == set()
    assert len(held) + len(dev) == len(loaded)
    assert 0.15 < len(held) / len(loaded) < 0.5


def test_one_case_is_found_by_either_name() -> None:
    assert cases.select((), case="iterate-vibrant") == cases.select((), case="first/iterate-vibrant")
    with pytest.raises(CaseNotFound):
        cases.select((), case="no such thing")


def test_an_unknown_suite_is_answered_with_those_there_are() -> None:
    with pytest.raises(SuiteNotFound, match="first"):
        cases.load("../secrets")


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in texts(item)] if isinstance(value, list) else [str(value)]


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).strip()
