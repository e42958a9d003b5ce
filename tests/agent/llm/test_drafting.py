"""Seeds, and what an answer's names mean."""

from __future__ import annotations

from typing import Any

import pytest

from agent.llm import prompt
from agent.llm.drafting import Drafted, drafted
from agent.llm.parse import Head, Unusable
from agent.model import Action, Control, PlanningRequest
from tests.agent.llm.builders import OLD_SEED, SEED, TOOLS, asking, creation, found, intent, picture, step

OLD = {"prompt": "a castle", "width": 768, "height": 512}


def draft(request: PlanningRequest, **parts: Any) -> Drafted:
    return drafted(Head.model_validate(creation(**parts)), request, prompt.offered(request))


def seeds(made: Drafted) -> list[int]:
    assert made.draft is not None
    return [s.params["seed"] for s in made.draft.steps]


def again(text: str, **params: Any) -> list[int]:
    """Seeds when a model makes A1 again with its own tool."""
    steps = [step("text_to_image", **params)]
    return seeds(draft(asking(text, shown=(picture(),)), intents=[intent("iterate", "A1")], steps=steps))


def test_a_new_picture_has_the_turns_seed_whatever_the_model_says() -> None:
    assert seeds(draft(asking("a walrus"), steps=[step("text_to_image", prompt="a walrus", seed=42)])) == [SEED]


def test_a_seed_that_the_person_names_is_kept() -> None:
    assert seeds(draft(asking("a walrus, seed 42"), steps=[step("text_to_image", prompt="x", seed=42)])) == [42]


def test_two_new_pictures_differ() -> None:
    steps = [step("text_to_image", prompt="a walrus"), step("text_to_image", id="s2", prompt="a walrus")]
    assert seeds(draft(asking("two"), steps=steps)) == [SEED, SEED + 1]


def test_a_picture_made_again_with_other_words_keeps_its_seed() -> None:
    assert again("at night", **{**OLD, "prompt": "a castle at night"}) == [OLD_SEED]


def test_a_picture_made_again_with_the_same_words_gets_another_seed() -> None:
    assert again("another one", **OLD, seed=OLD_SEED) == [SEED]
    assert again("four variations", **OLD, count=4) == [SEED]


def test_the_same_once_more_is_done_anew_and_a_change_need_not_be() -> None:
    def fresh(**params: Any) -> bool:
        steps = [step("text_to_image", **params)]
        made = draft(asking("again", shown=(picture(),)), intents=[intent("iterate", "A1")], steps=steps)
        return made.draft is not None and made.draft.steps[0].fresh

    assert fresh(**OLD)
    assert not fresh(**{**OLD, "prompt": "a castle at night"})


def test_a_tool_without_a_seed_gets_none() -> None:
    made = draft(asking("warmer", shown=(picture(),)), intents=[intent("iterate", "A1")], steps=[step("crop_image", ["A1"])])
    assert made.draft is not None
    assert made.draft.steps[0].params == {}


def test_a_later_intent_may_be_about_a_step_of_the_same_answer() -> None:
    steps = [step("text_to_image", prompt="x"), step("upscale_image", ["s1"], id="s2", factor=2)]
    made = draft(asking("a walrus, upscaled"), intents=[intent("create"), intent("chain", "s1")], steps=steps)
    assert [i.on for i in made.intents] == [(), ()]
    assert made.draft is not None
    assert made.draft.steps[1].inputs == {"image": ("s1",)}


def test_numbers_and_yes_written_as_text_are_read() -> None:
    steps = [step("adjust_color", ["A1"], grayscale="true", vibrance="-0.5", contrast="lots")]
    made = draft(asking("x", shown=(picture(),)), intents=[intent("iterate", "A1")], steps=steps)
    assert made.draft is not None
    assert made.draft.steps[0].params == {"grayscale": True, "vibrance": -0.5, "contrast": "lots"}


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({"action": "confirm", "target": None}, Control(Action.CONFIRM, "run-w")),
        ({"action": "cancel", "target": "run-1"}, Control(Action.CANCEL, "run-1")),
        ({"action": "cancel", "target": None}, Control(Action.CANCEL, "run-w")),
        ({"action": "select", "target": "A1"}, Control(Action.SELECT, "A1")),
        ({"action": "retry", "target": "whatever"}, Control(Action.RETRY)),
        ({"action": "select", "target": None}, None),
        ({"action": "select", "target": "A8"}, None),
        ({"action": "cancel", "target": "run-9"}, None),
        ({"action": "save_spell", "target": "A1", "title": " Sticker "}, Control(Action.SAVE_SPELL, "A1", "Sticker")),
        ({"action": "save_spell", "target": None, "title": "Sticker"}, Control(Action.SAVE_SPELL, "A1", "Sticker")),
        ({"action": "save_spell", "target": "A1"}, None),
        ({"action": "save_spell", "target": "A9", "title": "Sticker"}, None),
        ({"action": "share_spell", "target": "my/sticker-3fa9c1"}, None),
    ],
)
def test_a_control_means_something_that_is_there(control: dict[str, Any], expected: Control | None) -> None:
    request = asking("x", shown=(picture(),), running=("run-1",), waiting="run-w")
    parts = {"intents": [intent("control")], "steps": [], "controls": [control]}
    if expected is None:
        with pytest.raises(Unusable):
            draft(request, **parts)
    else:
        assert draft(request, **parts).controls == (expected,)


@pytest.mark.parametrize(("given", "kept"), [(0.4, 0.4), (87, 1.0), (-1, 0.0)])
def test_confidence_stays_between_zero_and_one(given: float, kept: float) -> None:
    assert draft(asking("x"), intents=[intent("create", confidence=given)]).confidence == kept


def remake(text: str, again: str | None = "A1", tool: str = "text_to_image", **params: Any) -> dict[str, Any]:
    """The parameters of a step that makes A1 again."""
    shown = (picture(), picture("A2", params={"prompt": "a dog", "seed": 77}))
    request = asking(text, shown=shown, found=found("text_to_image", "sdxl"))
    steps = [{**step(tool, **params), "again": again}]
    made = draft(request, intents=[intent("iterate", "A1")], steps=steps)
    assert made.draft is not None
    return made.draft.steps[0].params


@pytest.mark.parametrize("again", ["A1", None])
def test_a_refinement_names_what_changes_and_the_rest_is_carried_over(again: str | None) -> None:
    assert remake("wider", again, width=1024) == {**OLD, "width": 1024.0, "seed": OLD_SEED}


def test_variety_is_asked_for_by_a_new_seed() -> None:
    assert remake("another one", seed="new")["seed"] == SEED
    assert remake("another one at night", prompt="a castle at night", seed="new")["seed"] == SEED


def test_the_seed_of_another_picture_is_taken_by_its_handle_or_its_number() -> None:
    assert remake("with the seed of the dog", seed=77)["seed"] == 77
    assert remake("with a nicer seed", width=1024, seed=78)["seed"] == OLD_SEED, "a number out of nowhere"
    assert remake("with the seed of A2", seed="A2") == {**OLD, "seed": 77}


@pytest.mark.parametrize("again", ["A1", None])
def test_made_again_by_another_tool_for_words_it_keeps_what_both_know(again: str | None) -> None:
    made = remake("the same in better quality", again, tool="sdxl")
    assert (made["prompt"], made["seed"]) == ("a castle", OLD_SEED)


def test_a_slider_is_set_anew_on_what_it_was_set_on() -> None:
    warmer = picture("A2", tool="adjust_color", params={"temperature": 0.6, "contrast": 0.2}, parents=("A1",))
    steps = [{**step("adjust_color", temperature=0.3), "again": "A2"}]
    made = draft(asking("a bit less", shown=(picture(), warmer)), intents=[intent("iterate", "A2")], steps=steps)
    assert made.draft is not None
    (only,) = made.draft.steps
    assert (only.params, only.inputs) == ({"temperature": 0.3, "contrast": 0.2}, {"image": ("A1",)})


@pytest.mark.parametrize(
    ("again", "tool", "reason"),
    [("A9", "text_to_image", "no A9"), ("A1", "adjust_color", "text_to_image made it"), ("A2", "sdxl", "person brought it")],
)
def test_what_cannot_be_made_again_is_refused(again: str, tool: str, reason: str) -> None:
    request = asking("x", shown=(picture(), picture("A2", origin="upload", tool=None, params={})), found=found())
    with pytest.raises(Unusable) as raised:
        drafted(
            Head.model_validate(creation(steps=[{**step(tool), "again": again}])), request, {tool: TOOLS[tool]}
        )
    assert reason in " ".join(raised.value.reasons)
