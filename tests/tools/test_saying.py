"""What says the same twice or nothing at all is refused for programs, naming all that it is about."""

from __future__ import annotations

from typing import Any

import pytest

from tools.errors import BadParameter
from tools.saying import check_said
from tools.service import load_tools

TOOLS = {tool.name: tool for tool in load_tools()}


@pytest.mark.parametrize(
    ("tool", "params", "about", "words"),
    [
        ("crop_image", {"ratio": "1:1", "width": 100}, ["ratio", "width"], "either ratio or width"),
        ("crop_image", {"ratio": "2:1", "width": 9, "height": 9}, ["ratio", "width", "height"], "ratio or width and height"),
        ("resize_image", {"factor": 2, "width": 100}, ["factor", "width"], "either factor or width"),
        ("resize_image", {}, ["factor", "width", "height"], "it needs factor, width or height"),
        ("resize_image", {"width": None}, ["factor", "width", "height"], "it needs factor, width or height"),
        ("adjust_color", {"vibrance": 0, "grayscale": False}, list(TOOLS["adjust_color"].some), "nothing to change"),
    ],
)
def test_refused(tool: str, params: dict[str, Any], about: list[str], words: str) -> None:
    with pytest.raises(BadParameter) as refused:
        check_said(TOOLS[tool], params)
    assert refused.value.facts["parameters"] == about
    assert words in refused.value.detail


@pytest.mark.parametrize(
    ("tool", "params"),
    [
        ("crop_image", {}), ("crop_image", {"width": 10, "height": 20}), ("crop_image", {"ratio": "1:1", "width": None}),
        ("resize_image", {"width": 100}), ("resize_image", {"factor": 1}), ("adjust_color", {"grayscale": True}),
        ("blur_image", {}),
    ],
)  # fmt: skip
def test_taken(tool: str, params: dict[str, Any]) -> None:
    check_said(TOOLS[tool], params)


def test_every_parameter_of_a_group_is_the_tools_own() -> None:
    for tool in TOOLS.values():
        named = {name for group in tool.either for name in group} | set(tool.some)
        assert named <= set(tool.params), tool.name
        assert all(not tool.params[name].required for name in named)
