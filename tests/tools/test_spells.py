"""Spells: made from what was rendered, cast for something else, exchanged with strangers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Problem
from tools.errors import BadBlank, BadSpell, BlankMissing, SpellTooLarge, ToolNotFound
from tools.model import AssetRef, MediaKind, Parameter, Plan, Port, RecipeStep, Step, StepRef, Tool
from tools.service import load_tools
from tools.spells import exchange
from tools.spells.casting import cast, missing, open_ports
from tools.spells.checking import checked
from tools.spells.differing import diff
from tools.spells.making import made, steps_of
from tools.spells.model import Spell, of_tool
from tools.spells.subjects import subject_of
from tools.spells.wording import blanks_in, filled, plain

TOOLS = {tool.name: tool for tool in load_tools()}


def tool_of(name: str) -> Tool:
    if name not in TOOLS:
        raise ToolNotFound
    return TOOLS[name]


def drawn(prompt: str = "a red fox as a sticker, white outline", **params: Any) -> RecipeStep:
    return RecipeStep(id="s1", tool="text_to_image", params={"prompt": prompt, **params})


STICKER = made(
    "Sticker maker",
    [drawn(seed=7, width=512), RecipeStep(id="s2", tool="crop_image", params={"ratio": "1:1"}, inputs={"image": ("s1",)})],
    tool_of,
)


def test_the_subject_is_left_blank_and_luck_is_not_kept() -> None:
    assert STICKER.steps[0].params == {"prompt": "{subject} as a sticker, white outline", "width": 512}
    assert list(STICKER.blanks) == ["subject"]
    assert STICKER.blanks["subject"].required
    assert "a red fox" in STICKER.blanks["subject"].description
    assert (STICKER.ports, STICKER.outputs) == ({}, {"image": Port(kind=MediaKind.IMAGE)})


def test_the_seed_is_kept_where_that_is_said_and_a_sketchs_model_is_not() -> None:
    step = drawn(seed=7, checkpoint="sketch.safetensors")
    assert made("S", [step], tool_of, same_seed=True).steps[0].params["seed"] == 7
    assert "checkpoint" in made("S", [step], tool_of).steps[0].params
    assert "checkpoint" not in made("S", [step], tool_of, same_models=False).steps[0].params


def test_media_that_were_brought_become_ports() -> None:
    steps = [
        RecipeStep(id="s1", tool="adjust_color", params={"saturation": -1.0}, inputs={"image": ("asset:1",)}),
        RecipeStep(id="s2", tool="blend_images", inputs={"image": ("s1",), "image2": ("asset:2",)}),
        RecipeStep(id="s3", tool="blend_images", inputs={"image": ("s2",), "image2": ("asset:1",)}),
    ]
    spell = made("Mix", steps, tool_of)
    assert list(spell.ports) == ["image", "image_2"]
    assert [step.inputs for step in spell.steps] == [
        {"image": ("$image",)},
        {"image": ("s1",), "image2": ("$image_2",)},
        {"image": ("s2",), "image2": ("$image",)},
    ]
    assert spell.blanks == {}


def test_an_edits_words_are_the_recipe() -> None:
    edit = TOOLS["text_to_image"].model_copy(update={"name": "edit", "inputs": {"image": Port(kind=MediaKind.IMAGE)}})
    step = RecipeStep(id="s1", tool="edit", params={"prompt": "a pirate hat on the cat"}, inputs={"image": ("asset:1",)})
    assert made("Hat", [step], lambda _: edit).blanks == {}


def test_the_steps_of_a_plan_are_steps_of_a_recipe() -> None:
    plan = Plan(
        id="p", summary="x",
        steps=(
            Step(id="s1", tool="text_to_image", title="T", params={"prompt": "a fox", "count": 2}, deliver=False,
                 outputs={"image": MediaKind.IMAGE}),
            Step(id="s2", tool="blend_images", title="B", outputs={"image": MediaKind.IMAGE},
                 inputs={"image": (StepRef(step_id="s1", index=1),), "image2": (AssetRef(asset_id="7"),)}),
        ),
    )  # fmt: skip
    steps = steps_of(plan)
    assert steps[1].inputs == {"image": ("s1.2",), "image2": ("asset:7",)}
    assert steps[0].deliver is False
    waits = plan.steps[1].model_copy(update={"inputs": {"image": (StepRef(step_id="s1", run_id="r"),)}})
    with pytest.raises(BadSpell):
        steps_of(plan.model_copy(update={"steps": (waits,)}))


def test_a_cast_stands_where_the_spell_stood() -> None:
    steps = cast(STICKER.as_tool(), {"subject": "two {braces}"}, {}, "s4")
    assert [(step.id, step.tool) for step in steps] == [("s4_s1", "text_to_image"), ("s4", "crop_image")]
    assert steps[0].params["prompt"] == "two {braces} as a sticker, white outline"
    assert steps[1].inputs == {"image": ("s4_s1",)}


def test_a_cast_takes_media_by_its_ports() -> None:
    steps = [RecipeStep(id="s1", tool="blur_image", params={}, inputs={"image": ("asset:1",)})]
    spell = made("Soft", steps, tool_of).as_tool()
    assert open_ports(spell, {}) == ("image",)
    assert cast(spell, {}, {"image": ("A3",)})[0].inputs == {"image": ("A3",)}
    with pytest.raises(BlankMissing):
        cast(spell, {}, {})
    with pytest.raises(BadBlank):
        cast(spell, {}, {"image": ("A1", "A2")})
    with pytest.raises(BadBlank):
        cast(spell, {}, {"image": ("A1",), "mask": ("A2",)})


def test_what_is_missing_unknown_or_too_much_is_said() -> None:
    tool = STICKER.as_tool()
    assert missing(tool, {}) == missing(tool, {"subject": ""}) == ("subject",)
    with pytest.raises(BlankMissing) as lacking:
        cast(tool, {}, {})
    assert lacking.value.facts["blanks"] == ["subject"]
    for wrong in ({"subject": "a", "colour": "red"}, {"subject": 4}, {"subject": "x" * 9000}):
        with pytest.raises(BadBlank):
            cast(tool, wrong, {})


def test_a_blank_that_is_all_of_a_value_keeps_its_type_and_an_open_one_leaves_no_hole() -> None:
    assert filled("{w}", {"w": 512}) == 512
    assert filled("{w}", {}) is None
    assert filled("a {kind}, {colour}, cat", {"kind": "small"}) == "a small, cat"
    assert filled("a  b, , {{x}}", {}) == "a  b, , {x}"


@given(st.text(max_size=60))
def test_any_text_can_mean_itself(text: str) -> None:
    assert blanks_in(plain(text)) == []
    assert filled(plain(text), {}) == text


@given(st.text(max_size=60), st.text(min_size=1, max_size=30))
def test_what_is_filled_in_is_never_read_again(before: str, value: str) -> None:
    assert filled(plain(before) + "|{name}", {"name": value}) == f"{before}|{value}"


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("a fox in the snow, watercolor", "a fox"),
        ("portrait of an old sailor, oil painting", "an old sailor"),
        ("A cute kawaii sticker of a sleeping cat with thick outlines", "a sleeping cat"),
        ("cyberpunk cityscape at night", "cyberpunk cityscape"),
        ("an old building in Paris", "an old building"),
        ("a bowl of fruit on a table", "a bowl of fruit"),
        ("a red fox as a sticker with a white outline", "a red fox"),
        ("oil painting", None),
        ("in the style of Monet: a pond", None),
        ("", None),
    ],
)
def test_the_phrase_that_another_person_would_replace(prompt: str, subject: str | None) -> None:
    assert subject_of(prompt) == subject


def test_a_phrase_is_replaced_only_as_a_whole() -> None:
    spell = made("C", [drawn("a cat among catalogues, a cat in a hat")], tool_of)
    assert spell.steps[0].params["prompt"] == "{subject} among catalogues, {subject} in a hat"


def test_an_exported_spell_comes_back_the_same() -> None:
    document = exchange.exported(STICKER)
    assert exchange.imported(json.dumps(document).encode(), tool_of) == STICKER
    assert exchange.imported(document, tool_of) == STICKER
    assert of_tool(STICKER.as_tool()).steps == STICKER.steps


def signed(**changes: Any) -> dict[str, Any]:
    """What somebody sends who knows how to make a digest."""
    body = {**exchange.exported(STICKER)["spell"], **changes}
    return {"format": exchange.FORMAT, "version": 1, "digest": exchange.digest(body), "spell": body}


STEP = {"id": "s1", "tool": "text_to_image", "params": {"prompt": "{subject}"}}
HOSTILE: dict[str, Any] = {
    "another format": {**signed(), "format": "other"},
    "a later version": {**signed(), "version": 2},
    "a changed word": {**signed(), "spell": {**signed()["spell"], "title": "Other"}},
    "an unknown tool": signed(steps=[{**STEP, "tool": "rm -rf"}]),
    "a tool of its own": signed(steps=[{**STEP, "tool": "my/3fa9c1@1"}]),
    "a parameter out of range": signed(steps=[{**STEP, "params": {"prompt": "{subject}", "width": 10**9}}]),
    "a parameter that is not there": signed(steps=[{**STEP, "params": {"prompt": "{subject}", "path": "/etc"}}]),
    "a blank that is not there": signed(steps=[{**STEP, "params": {"prompt": "{subject} {other}"}}]),
    "a blank that nothing uses": signed(blanks={"subject": {"type": "string"}, "b": {"type": "string"}}),
    "a blank of a wrong type": signed(steps=[{**STEP, "params": {"prompt": "{subject}", "width": "{subject}"}}]),
    "a single brace": signed(steps=[{**STEP, "params": {"prompt": "{subject} {"}}]),
    "an input from nowhere": signed(steps=[{"id": "s1", "tool": "blur_image", "inputs": {"image": ["s2"]}}], blanks={}),
    "an asset of somebody": signed(steps=[{"id": "s1", "tool": "blur_image", "inputs": {"image": ["asset:1"]}}], blanks={}),
    "a wrong kind": signed(
        steps=[{"id": "s1", "tool": "blur_image", "inputs": {"image": ["$v"]}}], blanks={}, ports={"v": {"kind": "video"}}
    ),
    "too many steps": signed(steps=[{**STEP, "id": f"s{n}"} for n in range(1, 20)]),
    "no steps": signed(steps=[]),
    "steps of one name": signed(steps=[STEP, STEP]),
    "an odd id": signed(steps=[{**STEP, "id": "../x"}]),
    "nothing delivered": signed(steps=[{**STEP, "deliver": False}]),
    "an unknown field": signed(owner="me"),
    "a number for a title": signed(title=4),
    "a long title": signed(title="x" * 81),
    "a list": [],
    "deep nesting": {"format": exchange.FORMAT, "version": 1, "spell": json.loads("[" * 40 + "]" * 40)},
    "half a surrogate pair": json.dumps(signed()).replace("Sticker", "\\ud800"),
    "not a number": json.dumps(signed()).replace("512", "NaN"),
    "no JSON": "{",
    "endless nesting": "[" * 100_000,
    "bytes": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_a_reason(what: str) -> None:
    sent = HOSTILE[what]
    data = sent if isinstance(sent, bytes) else (sent if isinstance(sent, str) else json.dumps(sent)).encode()
    with pytest.raises(BadSpell) as refused:
        exchange.imported(data, tool_of)
    assert refused.value.detail
    assert len(refused.value.detail) < 300


def test_too_large_is_said_before_it_is_read() -> None:
    with pytest.raises(SpellTooLarge):
        exchange.imported(b" " * (exchange.MAX_BYTES + 1), tool_of)


def test_a_spell_with_a_private_workflow_is_not_exported() -> None:
    step = drawn("a {{fox}}").model_copy(update={"tool": "my/3fa9c1@1"})
    with pytest.raises(BadSpell):
        exchange.exported(STICKER.model_copy(update={"steps": (step,)}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["title", "blanks", "ports", "steps", "outputs", "description"]), json_values))
def test_nothing_that_is_sent_raises_anything_untyped(changes: dict[str, Any]) -> None:
    try:
        spell = exchange.imported(json.dumps(signed(**changes)).encode(), tool_of)
    except Problem:
        return
    assert checked(spell, tool_of) == spell


def test_a_number_may_be_a_blank() -> None:
    body = {"title": "Wide", "steps": [{**STEP, "params": {"prompt": "a fox", "width": "{w}"}}], "outputs": {},
            "blanks": {"w": {"type": "integer", "default": 512}}}  # fmt: skip
    spell = checked(Spell.model_validate(body), tool_of)
    assert cast(spell.as_tool(), {}, {})[0].params["width"] == 512
    assert cast(spell.as_tool(), {"w": 640}, {})[0].params["width"] == 640


def test_what_changed_is_named() -> None:
    step = STICKER.steps[0].model_copy(update={"params": {"prompt": "{subject}, gold foil"}})
    new = STICKER.model_copy(update={"title": "Foil", "steps": (step, STICKER.steps[1]),
                                     "blanks": {"subject": Parameter(type="string", required=True)}})  # fmt: skip
    changed = {line["what"]: (line["before"], line["after"]) for line in diff(STICKER, new)}
    assert changed["title"] == ("Sticker maker", "Foil")
    assert changed["steps.s1.params.prompt"] == ("{subject} as a sticker, white outline", "{subject}, gold foil")
    assert changed["steps.s1.params.width"] == (512, None)
    assert diff(new, new) == []
