"""A value and a plan against what is expected: one oddity each."""

from __future__ import annotations

from typing import Any

import pytest

from evals.matching import holds, matched, params_fit, tool_fits
from evals.model import StepExpected
from tools.model import AssetRef, MediaKind, Step, StepRef


@pytest.mark.parametrize(
    ("wanted", "given", "default", "right"),
    [
        (2, 2.0, None, True),
        (2, "2", None, True),
        (100, 101.9, None, True),
        (100, 103, None, False),
        (0, 0.001, None, False),
        (1, None, 1, True),
        (True, 1, None, True),
        (">0", 0.1, None, True),
        (">0", None, 0, False),
        (">0", "a lot", None, False),
        ("<=-0.3", -0.3, None, True),
        ("~night", "a fox at NIGHT", None, True),
        ("~night|dusk", "a fox at dusk", None, True),
        ("~night", None, None, False),
        ("!~hat", "a cat", None, True),
        ("!~hat", "a Hat", None, False),
        ("!~hat", None, None, True),
        ("~cat & !~hat", "a cat in a hat", None, False),
        ("~cat & !~hat", "a cat", None, True),
        ("any", 3, None, True),
        ("any", None, None, False),
        ("unset", None, 5, True),
        ("unset", 5, 5, True),
        ("unset", 6, 5, False),
        ([90, "270"], 270, None, True),
        (["up", "down"], "left", None, False),
        ("16:9", "16:9", None, True),
    ],
)
def test_a_parameter_holds(wanted: Any, given: Any, default: Any, right: bool) -> None:
    assert holds(wanted, given, default) is right


def test_a_seed_is_exact() -> None:
    assert holds(1000, 1001)
    assert not holds(1000, 1001, exact=True)


def step(id: str, tool: str, *refs: str, **params: Any) -> Step:
    inputs = tuple(AssetRef(asset_id="x", handle=r) if r[0] == "A" else StepRef(step_id=r) for r in refs)
    return Step(
        id=id, tool=tool, title=tool, params=params, inputs={"image": inputs} if refs else {}, outputs={"image": MediaKind.IMAGE}
    )


def wanted(tool: str, *refs: str, **params: Any) -> StepExpected:
    return StepExpected(tool=tool, params=params, inputs={"image": refs} if refs else {})


BRANCH = (step("s1", "paint"), step("s2", "blur", "s1"), step("s3", "flip", "s1"))


@pytest.mark.parametrize(
    ("expected", "right"),
    [
        ((wanted("paint"), wanted("flip", "s1"), wanted("blur", "s1")), True),
        ((wanted("blur", "s2"), wanted("paint"), wanted("flip", "s2")), True),
        ((wanted("paint"), wanted("blur", "s1"), wanted("flip", "s2")), False),
        ((wanted("paint"), wanted("blur", "A1"), wanted("flip", "s1")), False),
        ((wanted("paint"), wanted("blur", "A1|s1"), wanted("flip", "s1")), True),
        ((wanted("paint"), wanted("blur"), wanted("flip")), True),
        ((wanted("paint"), wanted("blur", "s1")), False),
        ((wanted("paint"), wanted("blur", "s1"), wanted("blur", "s1")), False),
    ],
)
def test_a_plan_matches_in_any_valid_order(expected: tuple[StepExpected, ...], right: bool) -> None:
    assert matched(expected, BRANCH, tool_fits, linked=True) is right


def test_equal_tools_are_told_apart_by_their_parameters() -> None:
    plan = (step("s1", "scale", "A1", factor=2), step("s2", "scale", "A1", factor=3), step("s3", "blur", "s2"))
    fits = params_fit({"scale": {"factor": 1}})

    assert matched((wanted("scale", factor=3), wanted("scale", factor=2), wanted("blur", "s1")), plan, fits, linked=True)
    assert not matched((wanted("scale", factor=2), wanted("scale", factor=3), wanted("blur", "s1")), plan, fits, linked=True)


def test_a_port_with_several_pictures_takes_them_in_any_order_but_each_once() -> None:
    plan = (step("s1", "join", "A1", "A2"),)

    assert matched((wanted("join", "A2", "A1"),), plan, tool_fits, linked=True)
    assert not matched((wanted("join", "A1", "A1"),), plan, tool_fits, linked=True)
