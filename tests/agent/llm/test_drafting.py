"""Seeds, and what an answer's names mean."""

from __future__ import annotations

from typing import Any

import pytest

from agent.llm import prompt
from agent.llm.drafting import Drafted, drafted
from agent.llm.parse import Head, Unusable
from agent.model import Action, Control, PlanningRequest
from tests.agent.llm.builders import OLD_SEED, SEED, asking, creation, intent, picture, step

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
