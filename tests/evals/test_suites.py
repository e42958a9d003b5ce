"""Suites are whole, and do not ask what the planner has learnt by heart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.model import Action, IntentKind
from evals import cases
from evals.errors import SuiteBroken, SuiteNotFound
from tools.service import load_tools

ROOT = Path(__file__).resolve().parent.parent.parent
JOURNEYS = {"make it more vibrant", "generate a cyberpunk cityscape at night", "then upscale it 2x", "less saturated"}
"""Sentences of the first journeys: they must hold, whoever has learnt them."""


@pytest.mark.parametrize("suite", cases.suites())
def test_every_case_is_about_things_that_exist(suite: str) -> None:
    tools = {tool.name for tool in load_tools()}
    for case in cases.load(suite):
        shown = {item.handle for item in case.shown}
        for right in case.right_answers():
            assert set(right.kinds or ()) <= set(IntentKind), case.name
            assert {name for either in right.tools or () for name in either.split("|")} <= tools, case.name
            assert set(right.on or ()) <= shown, case.name
            assert right.action is None or right.action in set(Action), case.name
        assert set(case.attached) <= shown, case.name


@pytest.mark.parametrize("suite", cases.suites())
def test_cases_have_names_of_their_own(suite: str) -> None:
    names = [case.name for case in cases.load(suite)]

    assert len(set(names)) == len(names)


def test_the_first_suite_has_forty_requests_of_every_kind() -> None:
    loaded = cases.load("first")

    assert len(loaded) == 40
    assert {kind for case in loaded for kind in case.expect.kinds or ()} == set(IntentKind)


@pytest.mark.parametrize("suite", cases.suites())
def test_no_case_is_a_sentence_that_the_planner_was_taught(suite: str) -> None:
    taught = {plain(text) for path in (ROOT / "agent").rglob("*.yaml") for text in texts(yaml.safe_load(path.read_text()))}

    assert {plain(case.text) for case in cases.load(suite)} & taught <= JOURNEYS


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in texts(item)] if isinstance(value, list) else [str(value)]


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).strip()


def test_an_unknown_suite_is_answered_with_those_there_are() -> None:
    with pytest.raises(SuiteNotFound, match="first"):
        cases.load("../secrets")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteBroken, match="Line 3 of made-up"):
        cases.parse("made-up", 3, '{"name": "x"}')
