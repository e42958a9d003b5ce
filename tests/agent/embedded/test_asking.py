"""Questions and their buttons: a click does what was asked, with the one thing changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.embedded.asking import within
from agent.embedded.planner import EmbeddedPlanner
from agent.model import Shown
from tests.agent.embedded.scenes import EMPTY, MADE, THREE, Scene, ask, output, told


@pytest.mark.parametrize(
    ("message", "clause", "other", "whole"),
    [
        ("blur A1, then  turn it by 20°", "turn it by 20°", "turn it by 90°", "blur A1, then turn it by 90°"),
        ("blur A1, have it 9000 wide?", "it 9000 wide now", "resize it to 8192 pixels wide", "blur A1, have it 8192 wide?"),
        ("blur A1", "something else", "make it half the size", "make it half the size"),
    ],
)
def test_other_words_take_the_place_of_one_clause(message: str, clause: str, other: str, whole: str) -> None:
    assert within(message, clause, other) == whole


async def test_a_click_carries_the_whole_request_with_the_one_number_changed(planner: EmbeddedPlanner) -> None:
    asked = await ask(planner, THREE.request("make A1 black and white, then resize it to 15000 px wide, then sharpen it"))
    assert asked.clarification is not None
    (choice,) = asked.clarification.choices
    planned = await ask(planner, THREE.request(str(choice.then["text"]), choice=choice.then))
    assert told(planned) == "iterate A1, chain, chain: adjust_color, resize_image, sharpen_image"
    assert planned.plan is not None
    assert planned.plan.steps[1].params["width"] == 8192


async def test_a_picture_that_is_not_there_is_named_and_others_are_offered_with_all_the_rest(planner: EmbeddedPlanner) -> None:
    asked = await ask(planner, THREE.request("invert A1, then blend it with A12"))
    assert asked.clarification is not None
    assert asked.clarification.question.startswith("There is no A12 here.")
    planned = await ask(planner, THREE.request(str(asked.clarification.choices[0].then["text"])))
    assert told(planned) == "iterate A1, chain A3: invert_image, blend_images"


@pytest.mark.parametrize(
    "said", ["incognito", "switch to private mode please", "Off the record.", "don't store any of this"]
)
async def test_a_wish_for_privacy_is_answered_and_never_painted(planner: EmbeddedPlanner, said: str) -> None:
    for scene in (EMPTY, MADE):
        planned = await ask(planner, scene.request(said))
        assert planned.plan is None
        assert "no incognito" in planned.reply


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("a canal in winter, and please don't save this anywhere", "a canal in winter"),
        ("Stay incognito: a canal in winter", "a canal in winter"),
        ("go incognito and draw a canal", "draw a canal"),
    ],
)
async def test_what_shall_not_be_kept_is_made_only_after_a_yes(planner: EmbeddedPlanner, said: str, left: str) -> None:
    asked = await ask(planner, EMPTY.request(said))
    assert asked.plan is None
    assert asked.clarification is not None
    assert [choice.then for choice in asked.clarification.choices] == [{"text": left}]


@pytest.mark.parametrize(
    "said", ["a prince travelling incognito", "a private beach at noon", 'a diary that says "keep nothing of this"']
)
async def test_a_picture_of_secrecy_is_painted(planner: EmbeddedPlanner, said: str) -> None:
    planned = await ask(planner, EMPTY.request(said))
    assert told(planned) == "create: text_to_image"


def _note(handle: str) -> Shown:
    return Shown(handle, handle, "text", "upload", None, f"asset-{handle}", words="notes.png")


async def test_a_text_that_came_along_is_not_what_it_means_for_pictures(planner: EmbeddedPlanner) -> None:
    scene = Scene((output("A1"), _note("A2")), attached=("A2",))
    assert told(await ask(planner, scene.request("blur it"))) == "chain A1: blur_image"
    later = replace(scene, attached=())
    assert told(await ask(planner, later.request("blur it"))) == "chain A1: blur_image"
    alone = await ask(planner, Scene((_note("A1"),), attached=("A1",)).request(""))
    assert (alone.plan, alone.clarification) == (None, None)
    assert "text" in alone.reply
