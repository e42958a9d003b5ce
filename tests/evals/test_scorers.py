"""A scorer, an answer, an expected verdict: one oddity each."""

from __future__ import annotations

import pytest

from agent.model import Action
from evals.model import Answer, ChoiceAnswer, ControlAnswer, PictureFacts
from evals.runner import known
from evals.scorers import LAYERS, SCORERS, score
from evals.stage import opening
from tests.evals.subjects import TOOLS, intents, parsed, planned, step

A1 = "{handle: A1, tool: text_to_image, params: {prompt: a red fox, seed: 11, width: 640, steps: 30}}"
A2 = "{handle: A2, tool: adjust_color, parents: [A1], params: {contrast: 0.2}}"


def scored(expect: str, answer: Answer, *, alt: str = "[]", shown: str = f"{A1}, {A2}") -> dict[str, int]:
    case = parsed(f"- {{name: n, text: t, shown: [{shown}], expect: {expect}, alt: {alt}}}")
    return score(case.dialogue()[0], answer, known(opening(case), TOOLS))


def test_what_is_not_expected_is_not_scored() -> None:
    assert scored("{kinds: [chat]}", Answer(intents=intents("chat"))) == {"kinds": 1}


@pytest.mark.parametrize(
    ("wanted", "given", "right"),
    [("[create]", "create", 1), ("[create, chain]", "chain create", 0), ("[create]", "create chat", 0), ("[]", "", 1)],
)
def test_kinds_are_compared_in_order(wanted: str, given: str, right: int) -> None:
    assert scored(f"{{kinds: {wanted}}}", Answer(intents=intents(*given.split()))) == {"kinds": right}


@pytest.mark.parametrize(
    ("wanted", "right"),
    [("[A2, A1]", 1), ("[A1]", 0), ("[]", 0), ("[[A1, A2], []]", 1), ("[[], [A1, A2]]", 0), ("[[A1, A2]]", 0)],
)
def test_bindings_are_a_set_and_where_the_case_says_so_one_for_each_intent(wanted: str, right: int) -> None:
    answer = Answer(intents=(*intents("iterate", on=("A1", "A2")), *intents("query")))

    assert scored(f"{{on: {wanted}}}", answer) == {"on": right}


def test_asking_is_right_only_where_it_is_wanted() -> None:
    assert scored("{asks: true}", Answer(question="Which?")) == {"asks": 1}
    assert scored("{asks: false}", Answer(question="Which?")) == {"asks": 0}


def test_each_word_is_on_some_button() -> None:
    answer = Answer(question="?", choices=(ChoiceAnswer(label="A1, the Fox"), ChoiceAnswer(label="A3")))

    assert scored("{choices: [fox, A3]}", answer) == {"choices": 1}
    assert scored("{choices: [A1, A2]}", answer) == {"choices": 0}


def test_one_word_of_each_group_is_said() -> None:
    answer = Answer(reply="That is Free.", question="Shall I?")

    assert scored("{reply: [[credits, free], shall]}", answer) == {"reply": 1}
    assert scored("{reply: [free, seconds]}", answer) == {"reply": 0}


def test_an_action_is_alone_and_on_its_target() -> None:
    back = ControlAnswer(action=Action.SELECT, target="A1")

    assert scored("{action: select}", Answer(controls=(back,))) == {"action": 1}
    assert scored("{action: select, target: A2}", Answer(controls=(back,))) == {"action": 0}
    assert scored("{action: select}", Answer(controls=(back, back))) == {"action": 0}
    assert scored("{action: none}", Answer(controls=(back,))) == {"action": 0}
    assert scored("{action: none}", Answer()) == {"action": 1}


def test_what_is_needed_is_among_the_first_ten() -> None:
    found = tuple(f"t{place}" for place in range(1, 12))

    assert scored("{offered: [t10, t1]}", Answer(found=found)) == {"offered": 1}
    assert scored("{offered: [t11]}", Answer(found=found)) == {"offered": 0}


def test_a_plan_is_scored_by_tools_links_and_parameters_apart() -> None:
    first, second = "{tool: flip_image|crop_image, inputs: {image: A1}}", "tool: blur_image, inputs: {image: s1}"
    expect = f"{{steps: [{first}, {{{second}, params: {{radius: '>2'}}}}]}}"
    right = planned(step("s1", "crop_image", "A1"), step("s2", "blur_image", "s1", radius=3))
    unlinked = planned(step("s1", "crop_image", "A1"), step("s2", "blur_image", "A1", radius=3))
    weak = planned(step("s1", "crop_image", "A1"), step("s2", "blur_image", "s1", radius=2))

    assert scored(expect, right) == {"valid": 1, "tools": 1, "links": 1, "params": 1}
    assert scored(expect, unlinked) == {"valid": 1, "tools": 1, "links": 0, "params": 0}
    assert scored(expect, weak) == {"valid": 1, "tools": 1, "links": 1, "params": 0}
    assert scored(expect, Answer()) == {"tools": 0, "links": 0, "params": 0}
    assert scored("{steps: []}", right) == {"valid": 1, "tools": 0}
    assert scored("{plans: false}", right) == {"valid": 1, "plans": 0}


def test_what_was_not_named_is_kept_through_the_line_of_versions() -> None:
    again = planned(step("s1", "text_to_image", prompt="a red fox at night", seed=11, width=640, steps=30), on=("A1",))
    anew = planned(step("s1", "text_to_image", prompt="a red fox", seed=5, width=640, steps=30), on=("A1",))

    assert scored("{kept: [seed, width, steps], changed: [prompt]}", again)["kept"] == 1
    assert scored("{kept: [seed, width, steps], changed: [prompt]}", again)["changed"] == 1
    assert scored("{kept: [seed]}", anew)["kept"] == 0
    assert scored("{changed: [prompt]}", anew)["changed"] == 0
    same = planned(step("s1", "text_to_image", prompt="a red fox", seed=11))
    assert scored("{on: [A2], kept: [seed, prompt]}", same)["kept"] == 1


def test_a_tool_without_the_parameter_keeps_it_and_cannot_change_it() -> None:
    warmer = planned(step("s1", "adjust_color", "A1", temperature=0.3), on=("A1",))

    assert scored("{kept: [seed, prompt]}", warmer)["kept"] == 1
    assert scored("{changed: [seed]}", warmer)["changed"] == 0


def test_nothing_is_kept_where_nothing_is_made() -> None:
    assert scored("{kept: [seed]}", Answer(intents=intents("iterate", on=("A1",)))) == {"kept": 0}


def test_batches_are_counted_picture_by_picture() -> None:
    owls = step("s1", "text_to_image", prompt="owls", count=4)

    assert scored("{delivered: 5}", planned(owls, step("s2", "upscale_image", "A1")))["delivered"] == 1
    assert scored("{delivered: 1}", planned(owls))["delivered"] == 0
    assert scored("{delivered: 1}", planned(step("s1", "flip_image", "A1")))["delivered"] == 1
    assert scored("{delivered: 2}", planned(step("s1", "flip_image", "A1")))["delivered"] == 0


def test_an_error_is_wrong_in_every_part() -> None:
    assert scored("{kinds: [chat], plans: false}", Answer(error="broken")) == {"kinds": 0, "valid": 0, "plans": 0}


def facts(**more: object) -> PictureFacts:
    return PictureFacts.model_validate({"step": "s1", "size": (100, 80), "comparable": True, **more})


@pytest.mark.parametrize(
    ("wanted", "seen", "right"),
    [
        ("{size: [100, 80]}", facts(), 1),
        ("{size: [80, 100]}", facts(), 0),
        ("{gray: true, blank: false}", facts(gray=True), 1),
        ("{alpha: true}", facts(), 0),
        ("{changed: true}", facts(), 0),
        ("{changed: true}", facts(comparable=False), 1),
        ("{changed: false}", facts(changed_box=(0, 0, 1, 1)), 0),
        ("{unchanged_outside: [10, 10, 20, 20]}", facts(changed_box=(10, 10, 20, 20)), 1),
        ("{unchanged_outside: [10, 10, 20, 20]}", facts(changed_box=(9, 10, 5, 5)), 0),
        ("{unchanged_outside: [10, 10, 20, 20]}", facts(comparable=False), 0),
    ],
)
def test_pictures_are_as_expected(wanted: str, seen: PictureFacts, right: int) -> None:
    assert scored(f"{{picture: {wanted}}}", Answer(pictures=(seen,))) == {"picture": right}


def test_pictures_are_scored_only_where_plans_are_run() -> None:
    assert scored("{picture: {blank: false}}", Answer()) == {}
    assert scored("{picture: {blank: false}}", Answer(pictures=())) == {"picture": 0}


def test_the_best_of_the_right_answers_counts_as_a_whole() -> None:
    expect, alt = "{kinds: [iterate], steps: [{tool: crop_image}]}", "[{kinds: [chain], steps: [{tool: flip_image}]}]"

    assert scored(expect, planned(step("s1", "flip_image"), kinds=("chain",)), alt=alt) == {"kinds": 1, "valid": 1, "tools": 1}
    assert scored(expect, planned(step("s1", "flip_image"), kinds=("iterate",)), alt=alt)["tools"] == 0


def test_every_part_belongs_to_one_layer() -> None:
    parts = [part for layer in LAYERS.values() for part in layer]

    assert sorted(parts) == sorted(SCORERS)
