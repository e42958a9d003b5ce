"""What was said is done or named: every finish of a list, a model said by name, a spell, a collage's size."""

from __future__ import annotations

import pytest

from agent.embedded import naming
from agent.embedded.clauses import split
from agent.embedded.planner import EmbeddedPlanner
from agent.model import Planned
from tests.agent.embedded.scenes import EARLIER, EMPTY, MADE, REAL, Scene, ask, output, told
from tests.agent.embedded.test_spells import OWN

FIVE = Scene(tuple(output(f"A{n}", prompt=f"a {what}") for n, what in enumerate(("bay", "fox", "bridge", "cat", "boat"), 1)))


def tools(planned: Planned) -> list[str]:
    return [step.tool for step in planned.plan.steps] if planned.plan else []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("give it round corners and a thick golden frame, then make it warmer", ["round_corners", "add_border", "adjust_color"]),
        ("give it a thick golden frame and round corners", ["add_border", "round_corners"]),
        ("film grain, vignette and rounded corners", ["film_grain", "vignette_image", "round_corners"]),
        ('put a white frame around it and write "OPEN" on it', ["add_border", "text_on_image"]),
        ("a golden frame, a vignette and a caption: HELLO", ["add_border", "vignette_image", "text_on_image"]),
        ("a vignette and make it warmer", ["vignette_image", "adjust_color"]),
    ],
)
async def test_every_part_of_a_list_is_done_in_order(planner: EmbeddedPlanner, text: str, wanted: list[str]) -> None:
    assert tools(await ask(planner, MADE.request(text))) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "add a thin black and white border", 'write "salt and a frame" on it', "a polaroid frame and a black border",
        "add a dark and moody vignette", "a vignette and a hat",
    ],
)
def test_what_belongs_together_is_one_request(text: str) -> None:
    assert len(split(text, here=True)) == 1


async def test_a_finish_beside_what_cannot_be_done_is_still_done(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EARLIER.request("golden frame and remove the background and a vignette"))
    assert tools(planned)[:1] == ["add_border"]
    assert "vignette_image" in tools(planned)
    assert planned.plan is not None
    assert all("vignette" not in str(step.params.get("negative")) for step in planned.plan.steps)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("upscale it 4x with RealESRGAN_x4plus", "RealESRGAN_x4plus"),
        ("upscale it with 4x-UltraSharp", "4x-UltraSharp"),
        ("enlarge it four times using SwinIR", "SwinIR"),
    ],
)
async def test_a_named_upscaler_that_is_not_there_is_named(planner: EmbeddedPlanner, text: str, name: str) -> None:
    planned = await ask(planner, MADE.request(text))
    assert planned.plan is None
    assert planned.clarification is not None
    assert planned.clarification.question.startswith(f"{name} is on no connected render server")
    then = planned.clarification.choices[0].then
    plain = await ask(planner, MADE.request(then["text"], choice=then))
    assert plain.plan is not None
    assert [(step.tool, step.params["factor"]) for step in plain.plan.steps] == [("resize_image", 4.0)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("draw a fox, then upscale it with 4x-UltraSharp", ["text_to_image", "resize_image"]),
        ("upscale it with 4x-UltraSharp and make it warmer", ["resize_image", "adjust_color"]),
    ],
)
async def test_the_rest_of_the_message_is_offered_with_it(planner: EmbeddedPlanner, text: str, wanted: list[str]) -> None:
    planned = await ask(planner, MADE.request(text))
    assert planned.clarification is not None
    then = planned.clarification.choices[0].then
    plain = await ask(planner, MADE.request(then["text"], choice=then))
    assert plain.plan is not None
    assert [step.tool for step in plain.plan.steps] == wanted
    (source,) = plain.plan.steps[1].inputs["image"]
    assert getattr(source, "step_id", None) == plain.plan.steps[0].id


async def test_a_filter_that_is_named_is_the_plain_way(planner: EmbeddedPlanner) -> None:
    assert tools(await ask(planner, MADE.request("enlarge it 3x using lanczos"))) == ["resize_image"]


async def test_a_named_upscaler_that_is_there_is_used(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, REAL.request("upscale it with RealESRGAN_x4plus"))
    assert planned.plan is not None
    (step,) = planned.plan.steps
    assert (step.tool, step.params["upscale_model"], step.params["factor"]) == ("upscale_image", "RealESRGAN_x4plus.pth", 4.0)


@pytest.mark.parametrize("tag", ["<lora:SDXL_detail:0.8>", "<lora:flux-schnell-style:0.8>", "<lora:wan 2.2:1>"])
def test_a_tag_is_no_wish_for_a_model(tag: str) -> None:
    request = EMPTY.request(f"a fox in the snow {tag}")
    assert naming.heard(request.text, request.found) is None
    assert naming.named_generator(request.text, request) is None
    outside = f"a fox with SDXL {tag}"
    named = naming.named_generator(outside, request)
    assert named is not None
    assert named.tool.title == "SDXL"
    assert tag in naming.without_name(outside, named.tool)


@pytest.mark.parametrize("text", ["cut out the subject", "cut the subject out", "isolate the main subject"])
def test_to_cut_out_the_subject_removes_the_background(text: str) -> None:
    assert [clause.text for clause in split(text, here=True)] == ["remove the background"]


@pytest.mark.parametrize("scene", [MADE, EMPTY])
async def test_a_spell_that_is_not_there_is_named_beside_those_that_are(planner: EmbeddedPlanner, scene: Scene) -> None:
    planned = await ask(planner, scene.request("cast dawn card on a hedgehog", own=OWN))
    assert told(planned) == "discover"
    assert "no spell called “dawn card”" in planned.reply
    assert "Sticker maker" in planned.reply


@pytest.mark.parametrize("text", ["cast a shadow on the wall", "cast iron pan on a stove", "cast more light on her"])
async def test_not_all_that_is_cast_is_a_spell(planner: EmbeddedPlanner, text: str) -> None:
    assert "spell" not in (await ask(planner, MADE.request(text, own=OWN))).reply


async def test_a_collage_too_small_for_all_says_so(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, FIVE.request("collage of all pictures 2x2"))
    assert tools(planned) == ["collage"]
    assert "has room for 4, and these are 5: I took all of them, in 3 rows" in planned.reply
    assert planned.plan is not None
    assert planned.plan.steps[0].params["columns"] == 2
    roomy = await ask(planner, FIVE.request("collage of all pictures 3x2"))
    assert "has room" not in roomy.reply
