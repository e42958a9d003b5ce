"""What is put on or around a picture is known by its words, and what is in the picture is left to others."""

from __future__ import annotations

from typing import Any

import pytest

from agent.embedded.finishing import TOOLS, finished
from agent.embedded.operations import recognise
from tools.rules import checked_params
from tools.service import load_tools

KNOWN = {tool.name: tool for tool in load_tools()}
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ('write "Bon voyage" on it', "text_on_image", {"text": "Bon voyage"}),
    ('put "Chapter 2" at the top in gold', "text_on_image", {"text": "Chapter 2", "position": "top", "color": "gold"}),
    ("caption it 'Lisbon, 1998' at the bottom", "text_on_image", {"text": "Lisbon, 1998", "position": "bottom"}),
    (
        'watermark it with "Studio M"', "text_on_image",
        {"text": "Studio M", "position": "bottom right", "size": 4.0, "opacity": 0.4},
    ),
    ('sign it "M. Roth" in the corner', "text_on_image", {"text": "M. Roth", "position": "bottom right", "size": 4.0}),
    ("add the text: sold out", "text_on_image", {"text": "sold out"}),
    (
        'overlay "SALE" in the middle, big red letters', "text_on_image",
        {"text": "SALE", "position": "center", "size": 16.0, "color": "red"},
    ),
    ("put a border around it", "add_border", {}),
    ("a thick black frame around the picture", "add_border", {"color": "black", "width": 10.0}),
    ("give it a 3% grey border", "add_border", {"color": "grey", "width": 3.0}),
    ("make it a polaroid", "add_border", {"style": "polaroid"}),
    ("make it square with bars", "pad_image", {"ratio": "1:1"}),
    ("letterbox it", "pad_image", {"ratio": "16:9", "color": "black"}),
    ("fit it into 9:16 without cropping", "pad_image", {"ratio": "9:16"}),
    ("rounded corners please", "round_corners", {}),
    ("crop it into a circle", "round_corners", {"shape": "circle"}),
    ("a subtle vignette", "vignette_image", {"strength": 0.25}),
    ("darken the edges", "vignette_image", {}),
    ("lots of film grain", "film_grain", {"strength": 0.8}),
    ("grainier", "film_grain", {}),
    ("auto contrast", "auto_levels", {}),
    ("dehaze it", "auto_levels", {}),
    ("only 6 colours", "posterize_image", {"colors": 6}),
    ("reduce it to three colours with dithering", "posterize_image", {"colors": 3, "dither": "floyd-steinberg"}),
    ("pixelate the whole picture strongly", "pixelate_image", {"blocks": 24}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "tool", "params"), SAID)
def test_it_is_known_by_its_words(said: str, tool: str, params: dict[str, Any]) -> None:
    (operation,) = recognise(said)
    assert (operation.tool, operation.params) == (tool, params)
    checked_params(KNOWN[tool], operation.params)


def test_every_tool_is_said_by_some_words() -> None:
    assert {tool for _, tool, _ in SAID} == set(TOOLS) == set(TOOLS) & set(KNOWN)


@pytest.mark.parametrize(
    "said",
    [
        'a shop sign that says "OPEN"', 'write "OPEN" on the door', 'a man holding a board with the text "HELP"',
        "pixelate his face", "a mosaic of a dolphin", "put her in a golden frame on the wall", "remove the border",
        "no vignette", "less grain", "take off the frame", "a field of grain", "put the two side by side in one frame",
        "there are black bars left and right", "a polaroid camera on a table", "turn the table into a circle of stones",
        "make the wall round", "it gets pixelated when i zoom in", "two colours of wool", "crop it square",
    ],
)  # fmt: skip
def test_what_is_in_the_picture_is_no_finish(said: str) -> None:
    assert finished(said) is None
