"""So many pictures and what tells them apart: as many as were asked for, each of what was asked for, on what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded import words
from agent.embedded.clauses import split
from agent.embedded.numerals import counted, one_of
from agent.embedded.planner import EmbeddedPlanner
from agent.embedded.spreading import MOST_WAYS, spread
from agent.model import Planned
from tests.agent.embedded.scenes import BROUGHT, EMPTY, MADE, Scene, ask, output

CAT = Scene((output("A1", prompt="a cat"),))
TEAPOT = Scene((output("A1", prompt="a red teapot"),))
BLUE_TO_PURPLE = ["a blue teapot", "a green teapot", "a yellow teapot", "a purple teapot"]


def painted(planned: Planned) -> list[tuple[str, int]]:
    """(prompt, how many) of each step."""
    assert planned.plan is not None
    return [(step.params["prompt"], step.params["count"]) for step in planned.plan.steps]


@pytest.mark.parametrize("scene", [EMPTY, CAT], ids=["empty", "with a cat"])
@pytest.mark.parametrize(
    ("said", "prompts"),
    [
        ("three versions of a bridge: in spring, in summer, in winter",
         ["a bridge in spring", "a bridge in summer", "a bridge in winter"]),
        ("three versions of a mill: in the morning, at noon, at night",
         ["a mill in the morning", "a mill at noon", "a mill at night"]),
        ("show me two versions of a mill: spring and winter", ["a mill in spring", "a mill in winter"]),
        ("I want two pictures of a mill - one in fog, one in snow", ["a mill in fog", "a mill in snow"]),
        ("2 takes on a market: at dawn and at dusk", ["a market at dawn", "a market at dusk"]),
        ("paint two images of a village, in winter and in summer", ["a village in winter", "a village in summer"]),
        ("a series of two pictures of a garden: by day, by night", ["a garden by day", "a garden by night"]),
        ("3 versions of a hill in spring, summer and winter", ["a hill in spring", "a hill in summer", "a hill in winter"]),
        ("two versions of a tree, one per season: spring, winter", ["a tree in spring", "a tree in winter"]),
        ("a bridge, two versions: summer, winter", ["a bridge in summer", "a bridge in winter"]),
        ("three pictures: a dog, a horse and a bird", ["a dog", "a horse", "a bird"]),
        ("two pictures of a robot: dancing, cooking", ["a robot, dancing", "a robot, cooking"]),
        ("two versions of an old ship: as a watercolour, as pixel art",
         ["an old ship as a watercolour", "an old ship as pixel art"]),
    ],
)  # fmt: skip
async def test_a_list_keeps_its_subject(planner: EmbeddedPlanner, scene: Scene, said: str, prompts: list[str]) -> None:
    assert painted(await ask(planner, scene.request(said))) == [(prompt, 1) for prompt in prompts]


@pytest.mark.parametrize(
    "said",
    [
        "four variations of it, one per colour: blue, green, yellow, purple",
        "four versions of A1, one per colour: blue, green, yellow, purple",
        "four variations of this in blue, green, yellow and purple",
        "make four versions of it: one in blue, one in green, one in yellow, one in purple",
        "four versions, one in each colour: blue, green, yellow, purple",
        "four of it, one blue, one green, one yellow, one purple",
        "it in four colours: blue, green, yellow, purple",
        "make this four times: once blue, once green, once yellow, once purple",
        "four variations of the teapot, one for each colour: blue, green, yellow, purple",
        "4 more: blue, green, yellow, purple",
        "four different ones: blue, green, yellow and purple",
    ],
)
async def test_what_is_there_is_changed_once_for_each(planner: EmbeddedPlanner, said: str) -> None:
    planned = await ask(planner, TEAPOT.request(said))
    assert painted(planned) == [(prompt, 1) for prompt in BLUE_TO_PURPLE]
    assert planned.plan is not None
    assert {step.version_of.handle for step in planned.plan.steps if step.version_of} == {"A1"}


async def test_a_photo_is_changed_once_for_each(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, BROUGHT.request("two versions of my dog: as a watercolour, as a comic"))
    assert planned.plan is not None
    assert [[ref.handle for ref in step.inputs["image"]] for step in planned.plan.steps] == [["A1"], ["A1"]]


@pytest.mark.parametrize("said", ["one per season", "four variations of it, one per colour: red, blue, green, pink"])
async def test_with_nothing_there_it_is_asked_of_what(planner: EmbeddedPlanner, said: str) -> None:
    planned = await ask(planner, EMPTY.request(said))
    assert planned.plan is None
    assert planned.clarification is not None


@pytest.mark.parametrize(
    ("said", "prompts"),
    [
        ("three variations of a fox in the snow, one red, one blue, one golden",
         ["a red fox in the snow", "a blue fox in the snow", "a golden fox in the snow"]),
        ("three variations of a fox: red, blue and golden", ["a red fox", "a blue fox", "a golden fox"]),
        ("2 castles, each in a different colour", ["a red castle", "a blue castle"]),
        ("two owls, each a different colour", ["a red owl", "a blue owl"]),
        ("could you please paint two owls for me, each with a different colour?", ["a red owl", "a blue owl"]),
        ("three cars, every one in another colour", ["a red car", "a blue car", "a green car"]),
        ("two portraits of a queen, each in its own style",
         ["a portrait of a queen in watercolour", "a portrait of a queen in oil paint"]),
        ("a castle in two different styles", ["a castle in watercolour", "a castle in oil paint"]),
        ("two pictures of a bird in different seasons", ["a bird in spring", "a bird in summer"]),
        ("two versions of a boat, all in different colours", ["a red boat", "a blue boat"]),
        ("a vase in three colours: red, blue and white", ["a red vase", "a blue vase", "a white vase"]),
        ("paint a pot two times, once in red, once in white", ["a pot in red", "a pot in white"]),
        ("Two teapots, one per colour: red, white", ["a red teapot", "a white teapot"]),
        ("one mug per colour: red, white", ["a red mug", "a white mug"]),
        ("paint a tree twice, once in summer, once in winter", ["a tree in summer", "a tree in winter"]),
        ("a lamp twice: in red and in blue", ["a lamp in red", "a lamp in blue"]),
        ("a pot in these colours: red, blue", ["a red pot", "a blue pot"]),
        ("two dragons, one picture each: green and red", ["a green dragon", "a red dragon"]),
        ("two hats, one each in red and green", ["a hat in red", "a hat in green"]),
        ("three different pots: red, blue, green", ["a red pot", "a blue pot", "a green pot"]),
        ("two logos: a bakery, a bank", ["a logo of a bakery", "a logo of a bank"]),
    ],
)  # fmt: skip
async def test_each_is_of_its_own_and_no_grammar_is_left_in_it(planner: EmbeddedPlanner, said: str, prompts: list[str]) -> None:
    planned = await ask(planner, EMPTY.request(said))
    assert painted(planned) == [(prompt, 1) for prompt in prompts]
    assert all(prompt in planned.reply for prompt in prompts)


@pytest.mark.parametrize(
    ("said", "prompt", "many"),
    [
        ("six paintings of a castle", "a painting of a castle", 6),
        ("three different logos for a bakery", "a logo for a bakery", 3),
        ("a harbour, 3 times", "a harbour", 3),
        ("draw a harbour five times", "a harbour", 5),
        ("five times a harbour", "a harbour", 5),
        ("a bicycle x4", "a bicycle", 4),
        ("5x a bicycle", "a bicycle", 5),
        ("eight sketches of a horse", "a sketch of a horse", 8),
        ("a dozen images of a mill", "a mill", 12),
        ("I need ten icons for a weather app", "an icon for a weather app", 10),
        ("eleven posters about saving water", "a poster about saving water", 11),
        ("half a dozen oil paintings of a sea", "an oil painting of a sea", 6),
        ("a bakery logo, three different ones", "a bakery logo", 3),
        ("twenty pictures of a cat", "a cat", 16),
        ("a hundred pictures of a goat", "a goat", 16),
    ],
)
@pytest.mark.parametrize("scene", [EMPTY, CAT], ids=["empty", "with a cat"])
async def test_a_number_in_words_is_as_many_pictures(
    planner: EmbeddedPlanner, scene: Scene, said: str, prompt: str, many: int
) -> None:
    planned = await ask(planner, scene.request(said))
    assert {each for each, _ in painted(planned)} == {prompt}
    assert sum(count for _, count in painted(planned)) == many
    assert f"Painting {many} pictures: {prompt}." in planned.reply
    assert ("too many" in planned.reply) == (said.split()[0] in ("twenty", "a") and many == 16)


@pytest.mark.parametrize(("said", "many"), [("six variations", 6), ("paint it five times", 5), ("thirty variations of it", 16)])
async def test_as_many_variations_as_are_said(planner: EmbeddedPlanner, said: str, many: int) -> None:
    planned = await ask(planner, MADE.request(said))
    assert sum(count for _, count in painted(planned)) == many
    assert f"with {many} other seeds" in planned.reply


async def test_more_than_a_list_holds_is_said_aloud(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EMPTY.request("twenty castles, each in a different colour"))
    assert sum(count for _, count in painted(planned)) == 16
    assert "20 at once is too many: here are 16." in planned.reply


async def test_a_number_beyond_the_list_is_shared_out(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EMPTY.request("five pictures of a fox: red and blue"))
    assert painted(planned) == [("a red fox", 3), ("a blue fox", 2)]


@pytest.mark.parametrize(
    "said",
    [
        "draw three foxes", "two boats at dusk", "two cats, one black and one white", "a clock that struck three times",
        "a wall with six paintings of castles", "four friends: a bear, a fox, a hare and an owl", "a castle in many colours",
        "a bird of different colours", "a market: stalls, people, lanterns", "three musketeers with different hats",
        "a comic in four panels: a cat wakes, eats, plays",
        "a house with three rooms: kitchen, bath and bedroom", "draw 3 x 4 grid of tiles",
        "three posters in a shop window",
    ],
)  # fmt: skip
def test_one_picture_of_several_things_stays_one(said: str) -> None:
    assert [clause.text for clause in split(said)] == [said]


@pytest.mark.parametrize(
    ("said", "ratios"),
    [
        ("crop it to 16:9 and 4:3", ["16:9", "4:3"]), ("crop it to 16:9 and to 4:3", ["16:9", "4:3"]),
        ("crop it to 16:9, 4:3 and square", ["16:9", "4:3", "1:1"]), ("crop A1 square and 16:9", ["1:1", "16:9"]),
        ("I need it in 16:9 and 4:3", ["16:9", "4:3"]), ("16:9 and 4:3 please", ["16:9", "4:3"]),
        ("cut it to 3:2 & 2:3", ["3:2", "2:3"]), ("crop it 16:9, and once more 4:3", ["16:9", "4:3"]),
        ("make a square crop and a 16:9 crop", ["1:1", "16:9"]), ("crop it to portrait and landscape", ["2:3", "3:2"]),
        ("give me both a 16:9 and a 1:1 version", ["16:9", "1:1"]), ("crop it to 16:9", ["16:9"]),
    ],
)  # fmt: skip
async def test_every_format_that_is_named_is_made(planner: EmbeddedPlanner, said: str, ratios: list[str]) -> None:
    planned = await ask(planner, MADE.request(said))
    assert planned.plan is not None
    assert [(step.tool, step.params["ratio"]) for step in planned.plan.steps] == [("crop_image", ratio) for ratio in ratios]
    assert {ref.handle for step in planned.plan.steps for ref in step.inputs["image"]} == {"A1"}


async def test_a_new_picture_in_two_formats_is_two(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EMPTY.request("a harbour in 16:9 and 9:16"))
    assert planned.plan is not None
    wide, high = (step.params for step in planned.plan.steps)
    assert (wide["width"], wide["height"]) == (high["height"], high["width"])
    assert planned.reply == "Painting a harbour, then painting a harbour in 576 x 1024 pixels."


async def test_both_ways_are_half_a_turn(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, MADE.request("flip it horizontally and vertically"))
    assert planned.plan is not None
    assert [(step.tool, step.params) for step in planned.plan.steps] == [("rotate_image", {"angle": "180"})]


def test_two_counts_beside_each_other_are_two_requests() -> None:
    said = "three pictures of a cat and two pictures of a dog"
    assert [clause.text for clause in split(said)] == ["draw 3 pictures of a cat", "draw 2 pictures of a dog"]


@pytest.mark.parametrize(
    ("said", "number"),
    [("twenty-five", 25), ("five hundred", 500), ("a thousand", 1000), ("two hundred and fifty", 250), ("12", 12)],
)
def test_large_numbers_in_words(said: str, number: int) -> None:
    assert words.count(f"{said} pictures") == number


@pytest.mark.parametrize(
    ("things", "one"),
    [
        ("red castles on hills", "a red castle on hills"), ("boxes", "a box"), ("old churches", "an old church"),
        ("wolves in snow", "a wolf in snow"),
        ("people", "a person"), ("buses", "a bus"), ("cities", "a city"), ("houses", "a house"), ("unicorns", "a unicorn"),
    ],
)  # fmt: skip
def test_one_of_several(things: str, one: str) -> None:
    assert one_of(things) == one


@given(st.text(alphabet="abcdefghij :,-x1234 ", max_size=80) | st.text(max_size=80))
def test_any_words_come_to_few_requests(said: str) -> None:
    pieces = spread(said)
    assert pieces is None or 0 < len(pieces) <= MOST_WAYS
    assert isinstance(counted(said), str)
