"""Lines of versions, sets, descriptions, lenders: what people call pictures by, in conversations with many of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded.binding import bind, spelled
from agent.embedded.lineage import after, before, versions
from agent.embedded.planner import EmbeddedPlanner
from agent.model import Exchange, Shown
from tests.agent.embedded.scenes import CHAIN, MADE, THREE, Scene, ask, output, rendering, told, upload
from tests.examples import examples


def made(item: Shown, **params: object) -> Shown:
    return replace(item, params={**item.params, **params})


def as_set(name: str, *items: Shown) -> tuple[Shown, ...]:
    return tuple(replace(item, set=name) for item in items)


BOATS = Scene(
    (
        output("A1", prompt="a boat"),
        *as_set("t2", *(output(f"A{n}", prompt="a horned owl") for n in (2, 3, 4, 5))),
        output("A6", "A3", tool="blur_image", prompt="a horned owl"),
    )
)
"""One picture, then four variations of another, then one of these blurred."""
WORK = Scene(
    (
        upload("A1", "market_stall.jpg"),
        made(output("A2", "A1", tool="crop_image", prompt=""), ratio="1:1"),
        output("A3", "A2", tool="image_to_image", prompt="a stall with pumpkins"),
        made(output("A4", "A3", tool="adjust_color", prompt="a stall with pumpkins"), grayscale=True),
    )
)
"""A photo, cropped, repainted, made black and white."""
ALIKE = Scene(
    (
        made(output("A1", prompt="a tabby cat on a sofa"), seed=1),
        made(output("A2", prompt="a tabby cat in a tree"), seed=2),
        output("A3", prompt="a kettle"),
    )
)
DRAWN_ANEW = Scene(
    (
        output("A1", prompt="a pier in fog"),
        output("A2", prompt="a pier in fog, gulls"),
        output("A3", prompt="a drum"),
    )
)
OLDER_PHOTO = Scene((upload("A1", "our_garden.jpg"), output("A2", prompt="a comet")))


@pytest.mark.parametrize(
    ("scene", "said", "refs"),
    [
        (BOATS, "upscale the fourth one", ("A5",)),
        (BOATS, "number two please", ("A3",)),
        (BOATS, "all four in sepia", ("A2", "A3", "A4", "A5")),
        (BOATS, "crop all of them except the second", ("A2", "A4", "A5")),
        (BOATS, "all but the last two", ("A2", "A3")),
        (BOATS, "the first and the third", ("A2", "A4")),
        (BOATS, "A2-A4", ("A2", "A3", "A4")),
        (BOATS, "the boat", ("A1",)),
        (BOATS, "the last one", ("A6",)),
        (BOATS, "all the owls", ("A2", "A3", "A4", "A5", "A6")),
        (WORK, "back to the version before the pumpkins", ("A2",)),
        (WORK, "the one before it was cropped", ("A1",)),
        (WORK, "the cropped one", ("A2",)),
        (WORK, "the colour version", ("A3",)),
        (WORK, "the first version", ("A1",)),
        (WORK, "the third version", ("A3",)),
        (WORK, "the market photo", ("A4",)),
        (ALIKE, "the cat in the tree", ("A2",)),
        (ALIKE, "the one with the sofa", ("A1",)),
        (ALIKE, "put the kettle next to the sofa", ("A3", "A1")),
        (ALIKE, "the other ones", ("A1", "A2")),
        (ALIKE, "not that one, the previous one", ("A2",)),
        (ALIKE, "not the first, the second", ("A2",)),
        (ALIKE, "blend it with A1", ("A3", "A1")),
        (ALIKE, "put A1 on it", ("A1", "A3")),
        (ALIKE, "put them side by side", ("A2", "A3")),
        (DRAWN_ANEW, "the one before the gulls", ("A1",)),
        (OLDER_PHOTO, "make my photo warmer", ("A1",)),
        (OLDER_PHOTO, "the garden", ("A1",)),
        (THREE, "paint the walls white", ("A3",)),
        (MADE, 'write "the second one" on it', ("A1",)),
        (CHAIN, "the untouched one", ("A1",)),
    ],
)
def test_a_picture_is_found_by_what_people_call_it(scene: Scene, said: str, refs: tuple[str, ...]) -> None:
    assert bind(said, scene.request(said)).refs == refs


@pytest.mark.parametrize(
    "said", ["put a bell on the cat", "the tabby one in sepia", "the one with the cat, brighter"]
)
async def test_words_that_fit_two_pictures_are_asked_about_by_name(
    planner: EmbeddedPlanner, said: str
) -> None:
    asked = await ask(planner, ALIKE.request(said))
    assert asked.clarification is not None
    labels = [choice.label for choice in asked.clarification.choices]
    assert labels == ["A1: a tabby cat on a sofa", "A2: a tabby cat in a tree"]
    then = asked.clarification.choices[1].then
    answered = await ask(planner, ALIKE.request(then["text"], choice=then))
    assert (answered.intents[0].on, answered.plan is not None) == (("A2",), True)


async def test_a_thing_is_found_by_a_word_of_the_same_meaning(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, THREE.request("the one with the seaport, but brighter"))
    assert told(planned) == "iterate A1: adjust_color"


@pytest.mark.parametrize(
    ("said", "on", "roles"),
    [
        ("in the style of the second one", "A3", {"style": "A2"}),
        ("use the seed of A2", "A3", {"seed": "A2"}),
        ("A1 with A2's seed", "A1", {"seed": "A2"}),
        ("make it with the same pose as A1", "A3", {"pose": "A1"}),
        ("make the first one look like A2", "A1", {"style": "A2"}),
    ],
)
def test_a_picture_that_lends_something_is_not_worked_on(said: str, on: str, roles: dict[str, str]) -> None:
    binding = bind(said, THREE.request(said))
    assert (binding.refs, dict(binding.roles)) == ((on,), roles)


def test_descriptions_are_spelled_as_handles_before_anything_reads_them() -> None:
    assert spelled("make the one with the sofa brighter", ALIKE.request("")) == "make A1 brighter"


def test_versions_are_walked_both_ways() -> None:
    request = WORK.request("")
    assert [item.ref for item in versions(request, "A4")] == ["A1", "A2", "A3", "A4"]
    earlier, later = before(request, "A3"), after(request, "A3")
    assert (earlier and earlier.ref, later and later.ref) == ("A2", "A4")


async def test_no_i_meant_repeats_what_was_done_on_another(planner: EmbeddedPlanner) -> None:
    first = await ask(planner, THREE.request("make it much brighter"))
    meant = await ask(planner, THREE.request("no, I meant the first one", last_plan=first.plan))
    assert told(meant) == "iterate A1: adjust_color"
    assert first.plan is not None
    assert meant.plan is not None
    assert meant.plan.steps[0].params == first.plan.steps[0].params


ASKED = Exchange("make the cat sepia", "Which one do you mean?", (), asked=True)
DONE = Exchange("add a top hat to it", "Editing A3", ("A4",))


@pytest.mark.parametrize(
    ("past", "said", "expected"),
    [
        (ASKED, "the one in the tree", "iterate A2: adjust_color"),
        (DONE, "and the one on the sofa too", "iterate A1: text_to_image"),
        (DONE, "no, I meant A2", "iterate A2: text_to_image"),
        (ASKED, "crop A3 square", "chain A3: crop_image"),
    ],
)
async def test_a_message_is_heard_after_the_one_before(
    planner: EmbeddedPlanner, past: Exchange, said: str, expected: str
) -> None:
    assert told(await ask(planner, ALIKE.request(said, history=(past,)))) == expected


@pytest.mark.parametrize(
    ("said", "on"),
    [("how much would upscaling A1 4x cost?", ("A1",)), ("how long would a 2x upscale take?", ("A3",))],
)
async def test_what_work_would_cost_is_answered_without_starting_it(
    planner: EmbeddedPlanner, said: str, on: tuple[str, ...]
) -> None:
    planned = await ask(planner, ALIKE.request(said))
    assert (planned.plan, planned.intents[0].on) == (None, on)
    assert "about" in planned.reply


WORDS = (
    "the A1 a2 A9 first second last one two all of them it both not except previous original version before with "
    "cat sofa style seed as in #2 picture 3 , and my photo make brighter other others"
)
SAID = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)
SCENES = st.sampled_from(
    [BOATS, WORK, ALIKE, DRAWN_ANEW, OLDER_PHOTO, THREE, MADE, Scene(), Scene((rendering(),))]
)


@given(said=SAID, scene=SCENES)
@examples(200)
def test_binding_names_only_what_is_there_in_any_case_and_spacing(said: str, scene: Scene) -> None:
    request = scene.request(said)
    binding = bind(said, request)
    there = {item.ref for item in request.shown}
    assert {*binding.refs, *binding.candidates, *binding.roles.values()} <= there
    assert bind(said.upper(), request) == bind(said.lower(), request)
