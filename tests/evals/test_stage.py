"""The conversation around a case: what a planner is given, before and after an answer."""

from __future__ import annotations

from agent.model import Action
from evals.model import Answer, Case, ChoiceAnswer, ControlAnswer
from evals.stage import Stage, after, arrived, opening, request
from tests.evals.subjects import TOOLS, parsed, planned, step

FOX = "{handle: A1, tool: text_to_image, params: {prompt: a red fox, seed: 11}}"
DIALOGUE = f"- {{name: n, shown: [{FOX}], turns: [{{text: one, expect: {{}}}}, {{text: two, expect: {{}}}}]}}"


def follow(case: Case, answer: Answer) -> Stage:
    """The stage of the second turn, after this answer to the first."""
    first = case.dialogue()[0]
    return after(arrived(opening(case), first), first, answer, TOOLS)


def test_what_was_made_together_is_a_set_and_uploads_have_their_names() -> None:
    sets = "{handle: A2, set: r1, tool: sdxl}, {handle: A3, set: r1, tool: sdxl}"
    case = parsed(f"- {{name: n, text: t, shown: [{FOX}, {sets}, {{handle: A4, origin: upload, words: cat.jpg}}], expect: {{}}}}")
    a1, a2, a3, a4 = opening(case).shown()

    assert a2.set == a3.set not in (a1.set, a4.set)
    assert (a1.words, a4.words, a4.origin) == ("a red fox", "cat.jpg", "upload")


def test_the_newest_is_in_focus_unless_the_scene_says_otherwise() -> None:
    turn = parsed(DIALOGUE).dialogue()[0]
    chosen = parsed(f"- {{name: n, text: t, focus: A1, shown: [{FOX}, {{handle: A2, tool: sdxl}}], expect: {{}}}}")

    assert request(opening(parsed(DIALOGUE)), turn, (), ()).focus == "A1"
    assert request(opening(chosen), chosen.dialogue()[0], (), ()).focus == "A1"


def test_a_reply_comes_before_attachments_and_new_uploads_get_the_next_handles() -> None:
    turns = "[{text: t, reply_to: A1, attached: [{words: hat.png, size: [64, 64]}], expect: {}}]"
    case = parsed(f"- {{name: n, shown: [{FOX}], turns: {turns}}}")
    turn = case.dialogue()[0]
    wanted = request(arrived(opening(case), turn), turn, (), ())

    assert wanted.attached == ("A1", "A2")
    assert wanted.focus == "A2"
    assert wanted.shown[1].words == "hat.png"


def test_delivered_steps_get_handles_and_inner_ones_are_walked_through() -> None:
    chain = planned(step("s1", "adjust_color", "A1", deliver=False), step("s2", "upscale_image", "s1", factor=2))
    fox, large = follow(parsed(DIALOGUE), chain).shown()

    assert (large.handle, large.tool, large.parents, large.words) == ("A2", "upscale_image", ("A1",), "a red fox")
    assert large.size is not None
    assert fox.size is not None
    assert large.size.width == 2 * fox.size.width


def test_a_batch_gets_a_handle_each() -> None:
    stage = follow(parsed(DIALOGUE), planned(step("s1", "text_to_image", prompt="owls", count=3, seed=4)))

    assert [item.handle for item in stage.shown()] == ["A1", "A2", "A3", "A4"]
    assert len({item.set for item in stage.shown()[1:]}) == 1


def test_going_back_moves_the_focus_until_something_new_is_made() -> None:
    case = parsed(DIALOGUE)
    first, second = case.dialogue()
    more = follow(case, planned(step("s1", "flip_image", "A1")))
    back = after(more, second, Answer(controls=(ControlAnswer(action=Action.SELECT, target="A1"),)), TOOLS)
    still = after(back, second, Answer(reply="hello"), TOOLS)
    anew = after(still, second, planned(step("s1", "flip_image", "A2")), TOOLS)

    assert [request(stage, first, (), ()).focus for stage in (more, back, still, anew)] == ["A2", "A1", "A1", "A3"]


def test_history_and_last_plan_are_those_of_the_conversation() -> None:
    answer = planned(step("s1", "flip_image", "A1"), reply="Flipped.")
    wanted = request(follow(parsed(DIALOGUE), answer), parsed(DIALOGUE).dialogue()[1], (), ())

    assert [(each.text, each.reply, each.handles) for each in wanted.history] == [("one", "Flipped.", ("A2",))]
    assert wanted.last_plan == answer.plan


def test_a_click_says_what_its_button_stands_for() -> None:
    turns = "[{text: one, expect: {}}, {click: the fox, expect: {}}]"
    case = parsed(f"- {{name: n, shown: [{FOX}], turns: {turns}}}")
    button = ChoiceAnswer(label="A1, The Fox", then={"text": "flip A1", "on": ["A1"]})
    stage = follow(case, Answer(question="?", choices=(button,)))
    wanted = request(stage, case.dialogue()[1], (), ())

    assert (wanted.text, wanted.choice) == ("flip A1", {"text": "flip A1", "on": ["A1"]})


def test_what_still_renders_has_a_ref_and_no_handle() -> None:
    shown = "{ref: 'run:r1:s1', tool: sdxl, params: {prompt: owl}}"
    case = parsed(f"- {{name: n, text: t, running: [r1], shown: [{shown}], expect: {{}}}}")
    wanted = request(opening(case), case.dialogue()[0], (), ())

    assert (wanted.shown[0].ref, wanted.shown[0].handle) == ("run:r1:s1", None)
    assert (wanted.focus, wanted.running) == ("run:r1:s1", ("r1",))
