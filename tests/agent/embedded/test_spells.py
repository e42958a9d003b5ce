"""Saving and casting spells in plain words, with the embedded planner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.embedded.planner import EmbeddedPlanner
from agent.embedded.spellwords import Cast, heard
from agent.model import Exchange, Planned
from tests.agent.embedded.scenes import BROUGHT, EARLIER, EMPTY, MADE, THREE, Scene, ask, told
from tools.model import MediaKind, Parameter, Port, RecipeStep, Tool
from tools.spells.model import Spell


def spell(title: str, number: int, *steps: RecipeStep, **blanks: Parameter) -> Tool:
    ports = {
        name[1:]: Port(kind=MediaKind.IMAGE)
        for step in steps
        for names in step.inputs.values()
        for name in names
        if name.startswith("$")
    }
    made = Spell(
        title=title, blanks=blanks, ports=ports, outputs={"image": Port(kind=MediaKind.IMAGE)}, steps=steps
    )
    slug = title.lower().replace(" ", "-")
    return made.as_tool().model_copy(update={"name": f"my/{slug}-00000{number}", "owner": "me"})


def asked(**more: object) -> Parameter:
    return Parameter(type="string", required=True, **more)


def drawing(prompt: str) -> RecipeStep:
    return RecipeStep(id="s1", tool="text_to_image", params={"prompt": prompt})


def soften(*inputs: str) -> RecipeStep:
    return RecipeStep(id="s1", tool="blur_image", params={"radius": 4}, inputs={"image": inputs})


STICKER = spell("Sticker maker", 1, drawing("{subject} as a sticker, white outline"), subject=asked())
DREAM = spell("Dreamy", 2, soften("$image"))
POSTER = spell("Movie poster", 3, drawing("poster of {hero}, {mood} light"), hero=asked(), mood=asked())
OVERLAY = spell(
    "Ghost", 4, RecipeStep(id="s1", tool="blend_images", inputs={"image": ("$image",), "image2": ("$image_2",)})
)
WIDE = spell("Wide view", 5, RecipeStep(id="s1", tool="text_to_image", params={"prompt": "{subject}", "width": "{width}"}),
             subject=asked(), width=Parameter(type="integer", default=768))  # fmt: skip
OWN = (STICKER, DREAM, POSTER, OVERLAY, WIDE)


async def said(planner: EmbeddedPlanner, scene: Scene, text: str, **more: object) -> Planned:
    return await ask(planner, scene.request(text, own=OWN, **more))


def prompts(planned: Planned) -> list[str]:
    return [str(step.params.get("prompt", "")) for step in (planned.plan.steps if planned.plan else ())]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("cast sticker maker on a fox", "a fox as a sticker, white outline"),
        ("Cast Sticker Maker on a fox.", "a fox as a sticker, white outline"),
        ("sticker maker: a fox", "a fox as a sticker, white outline"),
        ("please use my sticker maker for a sleepy owl", "a sleepy owl as a sticker, white outline"),
        ("use my sticker spell on two otters", "two otters as a sticker, white outline"),
        ("run the sticker maker spell with a teapot", "a teapot as a sticker, white outline"),
        ("make a fox with my sticker maker", "a fox as a sticker, white outline"),
        ("sticker maker of a blue whale", "a blue whale as a sticker, white outline"),
        ('cast "sticker maker" on a fox', "a fox as a sticker, white outline"),
        ("movie poster: hero = a tin robot, mood = gloomy", "poster of a tin robot, gloomy light"),
        ("cast movie poster on a tin robot, mood: gloomy", "poster of a tin robot, gloomy light"),
        ("cast wide view on a canyon, width = 1024", "a canyon"),
    ],
)
async def test_a_spell_is_cast_by_its_title(planner: EmbeddedPlanner, text: str, prompt: str) -> None:
    planned = await said(planner, EMPTY, text)
    assert told(planned) == "create: text_to_image"
    assert prompts(planned) == [prompt]
    assert planned.plan is not None
    assert planned.plan.steps[0].params["seed"] == 4711
    assert "Casting" in planned.reply


async def test_a_number_stays_a_number(planner: EmbeddedPlanner) -> None:
    planned = await said(planner, EMPTY, "cast wide view on a canyon, width = 1024")
    assert planned.plan is not None
    assert planned.plan.steps[0].params["width"] == 1024


@pytest.mark.parametrize(
    ("scene", "text", "what"),
    [
        (BROUGHT, "use my dreamy spell for this photo", "transform A1: blur_image"),
        (BROUGHT, "cast dreamy", "transform A1: blur_image"),
        (EARLIER, "cast dreamy on it", "transform A1: blur_image"),
        (MADE, "cast dreamy on this", "chain A1: blur_image"),
        (THREE, "cast dreamy on the fox", "chain A2: blur_image"),
        (THREE, "use dreamy on A1 and A3", "chain A1 A3: blur_image, blur_image"),
        (THREE, "cast ghost on A1 and A2", "chain A1 A2: blend_images"),
    ],
)
async def test_pictures_go_into_ports(planner: EmbeddedPlanner, scene: Scene, text: str, what: str) -> None:
    assert told(await said(planner, scene, text)) == what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cast sticker maker on a fox, then upscale it 2x", ["text_to_image", "resize_image"]),
        ("draw a fox, then cast dreamy on it", ["text_to_image", "blur_image"]),
        ("cast sticker maker on a fox and then make it black and white", ["text_to_image", "adjust_color"]),
    ],
)
async def test_a_cast_is_one_link_of_a_chain(planner: EmbeddedPlanner, text: str, what: list[str]) -> None:
    planned = await said(planner, EMPTY, text)
    assert planned.plan is not None
    assert [step.tool for step in planned.plan.steps] == what
    assert [step.deliver for step in planned.plan.steps] == [False, True]


async def test_what_is_left_blank_is_asked_for_one_after_the_other(planner: EmbeddedPlanner) -> None:
    first = await said(planner, EMPTY, "cast movie poster")
    assert first.clarification is not None
    assert first.clarification.question == "Movie poster: what shall the hero be?"
    history = [Exchange("cast movie poster", first.clarification.question, asked=True)]
    second = await said(planner, EMPTY, "a tin robot", history=tuple(history))
    assert second.clarification is not None
    assert second.clarification.question == "Movie poster: what shall the mood be?"
    history.append(Exchange("a tin robot", second.clarification.question, asked=True))
    third = await said(planner, EMPTY, "gloomy", history=tuple(history))
    assert prompts(third) == ["poster of a tin robot, gloomy light"]


async def test_an_answer_that_is_none_casts_nothing(planner: EmbeddedPlanner) -> None:
    history = (Exchange("cast sticker maker", "Sticker maker: what shall the subject be?", asked=True),)
    planned = await said(planner, EMPTY, "never mind", history=history)
    assert planned.plan is None


async def test_a_missing_picture_is_asked_for(planner: EmbeddedPlanner) -> None:
    planned = await said(planner, EMPTY, "cast dreamy")
    assert planned.clarification is not None
    assert "picture" in planned.clarification.question
    two = await said(planner, THREE, "cast ghost on A1")
    assert two.clarification is not None
    then = two.clarification.choices[0].then
    again = await said(planner, THREE, then["text"], choice=then)
    assert told(again) == "chain A1 A3: blend_images"


@pytest.mark.parametrize(
    ("scene", "text", "target", "title"),
    [
        (MADE, "save that as sticker maker", "A1", "Sticker maker"),
        (MADE, "save the plan of A1 as a spell called Neon nights", "A1", "Neon nights"),
        (THREE, "save A2 as my fox thing", "A2", "Fox thing"),
        (THREE, "keep the second one as a spell named Old master.", "A2", "Old master"),
        (MADE, 'make a spell called "City" from A1', "A1", "City"),
        (MADE, "make a spell out of this and call it City", "A1", "City"),
        (MADE, "turn this into a spell called City", "A1", "City"),
        (MADE, "save it as a spell: Night city", "A1", "Night city"),
    ],
)
async def test_how_a_picture_was_made_is_saved(
    planner: EmbeddedPlanner, scene: Scene, text: str, target: str, title: str
) -> None:
    planned = await said(planner, scene, text)
    (control,) = planned.controls
    assert (control.action.value, control.target, control.title) == ("save_spell", target, title)
    assert not control.same_seed
    assert planned.plan is None


async def test_the_seed_is_kept_when_that_is_said(planner: EmbeddedPlanner) -> None:
    planned = await said(planner, MADE, "save that as neon city with the same seed")
    assert [(c.title, c.same_seed) for c in planned.controls] == [("Neon city", True)]


async def test_a_spell_without_a_name_is_asked_for_one(planner: EmbeddedPlanner) -> None:
    planned = await said(planner, MADE, "save this as a spell")
    assert planned.clarification is not None
    history = (Exchange("save this as a spell", planned.clarification.question, asked=True),)
    named = await said(planner, MADE, "Neon nights", history=history)
    assert [(c.target, c.title) for c in named.controls] == [("A1", "Neon nights")]


@pytest.mark.parametrize("text", ["what spells do I have?", "show my spells", "list my spells", "my spells"])
async def test_spells_are_listed(planner: EmbeddedPlanner, text: str) -> None:
    planned = await said(planner, EMPTY, text)
    assert all(tool.title in planned.reply for tool in OWN)
    nobody = await ask(planner, EMPTY.request(text))
    assert "no spells yet" in nobody.reply


async def test_a_spell_is_shown_and_shared(planner: EmbeddedPlanner) -> None:
    shown = await said(planner, EMPTY, "what's in my sticker maker spell?")
    assert "{subject} as a sticker" in shown.reply
    shared = await said(planner, EMPTY, "share my sticker maker")
    assert [(c.action.value, c.target) for c in shared.controls] == [("share_spell", STICKER.name)]


@pytest.mark.parametrize(
    "text",
    [
        "save it as a png", "save this as my wallpaper", "draw a witch who casts a spell on a frog", "make it dreamy",
        "a wizard casting a spell", "draw a dreamy lake", "a movie poster about ghosts", "save", "keep the last one",
        "use a warmer light", "a ghost on a staircase", "portrait of a sticker collector",
    ],
)  # fmt: skip
def test_other_sentences_are_left_alone(text: str) -> None:
    assert heard(text, MADE.request(text, own=OWN)) is None


def test_a_description_is_enough_when_a_spell_is_asked_for() -> None:
    request = MADE.request("cast my spell that softens pictures on A1", own=OWN)
    found = replace(request.found[0], tool=DREAM)
    said = heard(request.text, replace(request, found=(found, *request.found)))
    assert said == Cast(DREAM, "A1")
    assert heard("use my teapot spell", request) is not None


async def test_without_spells_nothing_is_different(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, EMPTY.request("cast sticker maker on a fox"))
    assert planned.controls == ()
