"""What plain operations are called, and what their words set."""

from __future__ import annotations

from typing import Any

import pytest

from agent.embedded.operations import labelled, recognise
from agent.embedded.vocabulary import things
from tools.rules import checked_params
from tools.service import load_tools

TOOLS = {tool.name: tool for tool in load_tools()}
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ("make it more vibrant", "adjust_color", {"vibrance": 0.35}),
    ("much more vivid", "adjust_color", {"vibrance": 0.65}),
    ("make the colours pop", "adjust_color", {"vibrance": 0.35}),
    ("it looks washed out", "adjust_color", {"vibrance": 0.35}),
    ("richer colours", "adjust_color", {"vibrance": 0.35}),
    ("the colours are too strong", "adjust_color", {"saturation": -0.35}),
    ("less garish", "adjust_color", {"saturation": -0.35}),
    ("less saturated", "adjust_color", {"saturation": -0.35}),
    ("desaturate it", "adjust_color", {"saturation": -0.35}),
    ("drop the saturation by 20%", "adjust_color", {"saturation": -0.2}),
    ("crank up the saturation", "adjust_color", {"saturation": 0.35}),
    ("brighter", "adjust_color", {"brightness": 0.35}),
    ("lighten it up a little", "adjust_color", {"brightness": 0.18}),
    ("too bright", "adjust_color", {"brightness": -0.35}),
    ("overexposed", "adjust_color", {"brightness": -0.35}),
    ("darker", "adjust_color", {"brightness": -0.35}),
    ("too dark", "adjust_color", {"brightness": 0.35}),
    ("so dark", "adjust_color", {"brightness": 0.35}),
    ("make it dark", "adjust_color", {"brightness": -0.35}),
    ("turn the brightness down a bit", "adjust_color", {"brightness": -0.18}),
    ("more contrast", "adjust_color", {"contrast": 0.35}),
    ("a bit flat", "adjust_color", {"contrast": 0.18}),
    ("too flat", "adjust_color", {"contrast": 0.35}),
    ("warmer", "adjust_color", {"temperature": 0.35}),
    ("less warm", "adjust_color", {"temperature": -0.35}),
    ("cooler tones", "adjust_color", {"temperature": -0.35}),
    ("too yellow", "adjust_color", {"temperature": -0.35}),
    ("too cold", "adjust_color", {"temperature": 0.35}),
    ("black-and-white", "adjust_color", {"grayscale": True}),
    ("make it b&w", "adjust_color", {"grayscale": True}),
    ("in grayscale", "adjust_color", {"grayscale": True}),
    ("give it a sepia tone", "adjust_color", {"sepia": 0.8}),
    ("invert the colours", "invert_image", {}),
    ("blur it", "blur_image", {"radius": 6}),
    ("make it blurry", "blur_image", {"radius": 6}),
    ("soften it slightly", "blur_image", {"radius": 3}),
    ("sharpen it", "sharpen_image", {"amount": 0.8}),
    ("it is blurry", "sharpen_image", {"amount": 0.8}),
    ("much crisper", "sharpen_image", {"amount": 1.6}),
    ("crop it square", "crop_image", {"ratio": "1:1", "position": "center"}),
    ("crop it to 16:9", "crop_image", {"ratio": "16:9", "position": "center"}),
    ("16:9", "crop_image", {"ratio": "16:9", "position": "center"}),
    ("trim it to 4:5 at the left", "crop_image", {"ratio": "4:5", "position": "left"}),
    ("rotate it", "rotate_image", {"angle": "90"}),
    ("rotate it 90 degrees to the left", "rotate_image", {"angle": "270"}),
    ("turn it upside down", "rotate_image", {"angle": "180"}),
    ("rotate it counterclockwise", "rotate_image", {"angle": "270"}),
    ("rotate by 270°", "rotate_image", {"angle": "270"}),
    ("mirror it", "flip_image", {"direction": "horizontal"}),
    ("flip it vertically", "flip_image", {"direction": "vertical"}),
    ("upscale it 2x", "upscale_image", {"factor": 2.0}),
    ("make it four times bigger", "upscale_image", {"factor": 4.0}),
    ("enlarge it", "upscale_image", {"factor": 2.0}),
    ("make it smaller", "resize_image", {"factor": 0.5}),
    ("two times smaller", "resize_image", {"factor": 0.5}),
    ("scale it down to 25 percent", "resize_image", {"factor": 0.25}),
    ("a thumbnail", "resize_image", {"factor": 0.25}),
    ("resize to 512x300", "resize_image", {"width": 512, "height": 300}),
    ("640 pixels wide", "resize_image", {"width": 640}),
    ("make it 4k", "resize_image", {"width": 3840}),
    ("1080p", "resize_image", {"height": 1080}),
]


@pytest.mark.parametrize(("said", "tool", "params"), SAID)
def test_an_operation_is_known_by_its_words(said: str, tool: str, params: dict[str, Any]) -> None:
    (operation,) = recognise(said)
    assert (operation.tool, operation.params) == (tool, params)
    checked_params(TOOLS[tool], operation.params)


@pytest.mark.parametrize("said", [row[0] for row in SAID])
def test_what_works_on_the_whole_picture_names_nothing_in_it(said: str) -> None:
    assert things(said) == []


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("make the sky brighter", ["sky"]), ("vibrant market in Marrakesh", ["market", "marrakesh"]),
        ("mirror lake in the mountains", ["lake", "mountains"]), ("the building is too big", ["building"]),
        ("dark forest", ["forest"]), ("make it brighter for my kitchen wall", []), ("brighten A2", []),
    ],
)  # fmt: skip
def test_things_are_what_no_slider_can_move(said: str, named: list[str]) -> None:
    assert things(said) == named


def test_colour_changes_of_one_clause_are_one_step() -> None:
    (operation,) = recognise("brighter, warmer and with more contrast")
    assert operation.params == {"brightness": 0.35, "contrast": 0.35, "temperature": 0.35}
    assert operation.saying == "brighter and stronger in contrast and warmer"


@pytest.mark.parametrize(
    ("said", "params"),
    [
        ("increase saturation and reduce brightness", {"saturation": 0.35, "brightness": -0.35}),
        ("brighter, much warmer", {"brightness": 0.35, "temperature": 0.65}),
        ("less contrast but more vibrance", {"contrast": -0.35, "vibrance": 0.35}),
        ("less bright and saturated", {"brightness": -0.35, "saturation": -0.35}),
    ],
)
def test_each_slider_moves_as_its_own_part_says(said: str, params: dict[str, float]) -> None:
    (operation,) = recognise(said)
    assert operation.params == params


def test_a_turn_that_is_no_quarter_is_rounded_aloud() -> None:
    (operation,) = recognise("rotate it by 45 degrees")
    assert operation.note is not None
    assert operation.note[0] == "quarters"


def test_more_than_eight_times_is_eight_aloud() -> None:
    (operation,) = recognise("upscale it 20x")
    assert (operation.params, operation.note and operation.note[0]) == ({"factor": 8.0}, "largest")


def test_every_label_of_the_prototypes_is_an_operation_or_an_act() -> None:
    from agent.embedded.acts import load_prototypes

    acts = {"create", "edit", "vary", "discover"}
    for label in {label for label, _ in load_prototypes()}:
        assert (
            labelled(label, "") is not None
            or label in acts
            or label.split(".")[0] in ("query", "control", "chat")
        ), label


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("300% more vibrant", "Vibrance moves by 100% at most: it is that, not 300%."),
        ("150 percent less saturated", "Saturation moves by 100% at most: it is that, not 150%."),
        ("darken it by 400%", "Brightness moves by 100% at most: it is that, not 400%."),
        ("brighter and 250% more contrast", "Contrast moves by 100% at most: it is that, not 250%."),
        ("blur it with a radius of 300", "Blur takes a radius from 1 to 20: it is 20, not 300."),
        ("shift the hue by 270 degrees", "Hue takes degrees from -180 to 180: it is 180, not 270."),
    ],
)
def test_what_is_beyond_a_slider_is_said(clause: str, said: str) -> None:
    (done,) = [operation for operation in recognise(clause) if operation.note]
    assert done.note == ("rounded", said)


@pytest.mark.parametrize("clause", ["100% more vibrant", "blur it with a radius of 20", "shift the hue by 90 degrees", "darker"])
def test_what_a_slider_takes_is_not_commented(clause: str) -> None:
    assert [operation.note for operation in recognise(clause)] == [None]
