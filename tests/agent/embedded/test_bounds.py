"""Bounds, settings and degrees: what is said beside what is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded import constraints, continuing, settings
from agent.model import DraftStep, Shown
from tests.agent.embedded.scenes import output
from tools.service import load_tools

PAINTER = next(tool for tool in load_tools() if tool.name == "text_to_image")


@pytest.mark.parametrize(
    ("said", "rest", "wished"),
    [
        ("a quick draft of a barge", "a barge", {"quality": "draft"}),
        ("a barge, best quality", "a barge", {"quality": "best"}),
        ("ultra quality: a barge", "a barge", {"quality": "ultra"}),
        ("draw a barge as cheap as possible", "draw a barge", {"quality": "cheap"}),
        ("a barge, for at most 3 credits", "a barge", {"credits": 3.0}),
        ("a barge in less than 2 minutes", "a barge", {"seconds": 120.0}),
        ("crop it square, under 2 MB", "crop it square", {"file": "under 2 MB"}),
        ("a quick brown fox", "a quick brown fox", {}),
        ("a cheap hotel by the road", "a cheap hotel by the road", {}),
        ('a sign that says "best quality"', 'a sign that says "best quality"', {}),
    ],
)
def test_a_bound_is_no_part_of_the_picture(said: str, rest: str, wished: dict[str, Any]) -> None:
    assert constraints.cut(said) == (rest, wished)


@given(st.text(max_size=100))
def test_cutting_never_adds_words(said: str) -> None:
    rest, wished = constraints.cut(said)
    assert len(rest) <= len(said)
    assert wished or rest == said


@pytest.mark.parametrize(
    ("quality", "steps", "width"), [("draft", 8, None), ("quick", 10, None), ("best", 40, 1024), ("ultra", 60, 1024)]
)
def test_a_preset_moves_steps_and_the_size_of_what_is_new(quality: str, steps: int, width: int | None) -> None:
    step = DraftStep("s1", "text_to_image", {"prompt": "a barge"})
    new, told = constraints.bounded(step, PAINTER, {"quality": quality}, new=True)
    again, _ = constraints.bounded(step, PAINTER, {"quality": quality}, new=False)
    assert (new.params["steps"], new.params.get("width")) == (steps, width)
    assert (again.params["steps"], again.params.get("width")) == (steps, None)
    assert f"{steps} steps instead of 20" in told


@pytest.mark.parametrize(
    ("said", "exact", "relative", "rest"),
    [
        ("seed 7", {"seed": 7}, {}, ""),
        ("again with 45 steps", {"steps": 45}, {}, "again"),
        ("cfg 4.5, a barge", {"cfg": 4.5}, {}, ", a barge"),
        ("higher guidance", {}, {"cfg": 0.25}, ""),
        ("add ropes to the negative prompt", {"negative": "ropes"}, {}, ""),
        ("a pyramid with 40 steps", {}, {}, "a pyramid with 40 steps"),
    ],
)
def test_settings_are_heard_beside_the_words(said: str, exact: dict[str, Any], relative: dict[str, float], rest: str) -> None:
    told = settings.said(said)
    assert (told.exact, told.relative, told.rest) == (exact, relative, rest.strip(" ,"))


def test_more_of_a_setting_starts_where_it_stood() -> None:
    told = settings.said("lower the cfg")
    assert settings.applied(told, {"cfg": 8.0, "seed": 3}, {}) == {"cfg": 6.0, "seed": 3}


def adjusted(tool: str = "adjust_color", **params: Any) -> Shown:
    return replace(output("A2", "A1", tool=tool), params=params)


@pytest.mark.parametrize(
    ("item", "said", "params"),
    [
        (adjusted(contrast=0.4), "even more", {"contrast": 0.8}),
        (adjusted(contrast=0.4), "a bit less", {"contrast": 0.24}),
        (adjusted(contrast=-0.4), "not that much", {"contrast": -0.2}),
        (adjusted(contrast=0.4, hue=90), "half as much", {"contrast": 0.2, "hue": 45}),
        (adjusted(contrast=0.8), "twice as much", {"contrast": 1.0}),
        (adjusted("blur_image", radius=4), "stronger", {"radius": 6}),
        (adjusted("image_to_image", prompt="x", strength=0.6), "stay closer to the photo", {"prompt": "x", "strength": 0.39}),
        (adjusted("flip_image", direction="vertical"), "no, horizontally", {"direction": "horizontal"}),
        (adjusted("crop_image", ratio="1:1", position="center"), "keep the left", {"ratio": "1:1", "position": "left"}),
        (adjusted("resize_image", width=300), "sorry, 500 wide", {"width": 500}),
        (adjusted("rotate_image", angle="90"), "the other way", {"angle": "270"}),
        (adjusted("upscale_image", factor=2.0), "I meant 3x", {"factor": 3.0}),
    ],
)
def test_the_last_step_goes_on_from_where_it_stood(item: Shown, said: str, params: dict[str, Any]) -> None:
    again = continuing.continued(item, said)
    assert again is not None
    assert (again.tool, again.params) == (item.tool, params)


@pytest.mark.parametrize("said", ["more fog", "less people", "half the size", "make it a crow", "warmer", "a bit less sky"])
def test_words_about_the_picture_are_no_degree(said: str) -> None:
    assert continuing.continued(adjusted(contrast=0.4), said) is None
