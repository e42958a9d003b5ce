"""The planner with the real litellm, against a scripted model."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import ModelMisbehaved, ModelOverloaded, ModelRefused, ModelUnreachable
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import MAX_REPAIRS, LlmPlanner
from agent.model import Action, Control, IntentKind, Planned, PlanningRequest
from agent.testing import Cuts, Fails, FallsSilent, Page, Refuses, Says, ScriptedModel
from base.testing import ManualClock
from tests.agent.llm.builders import SEED, Listener, asking, creation, found, intent, picture, step
from tests.agent.llm.conftest import MODEL, SPARE, Gateways
from tests.patience import PATIENCE_S
from tools.protocols import Found


async def planned(planner: LlmPlanner, listener: Listener, request: PlanningRequest | None = None) -> Planned:
    return await planner.plan(request or asking(), listener.check, listener.understood, listener.speak)


def corrections(scripted: ScriptedModel) -> list[str]:
    """The reasons that went back to the model."""
    return [body["messages"][-1]["content"] for body in scripted.requests[1:]]


async def test_a_good_answer_becomes_a_checked_plan(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(creation())
    answer = await planned(planner, listener)
    assert answer.plan is not None
    (made,) = answer.plan.steps
    assert (made.tool, made.params["prompt"], made.params["seed"]) == ("text_to_image", "a walrus", SEED)
    assert answer.intents[0].kind is IntentKind.CREATE
    assert answer.reply == listener.speech() == "I am painting a walrus on Saturn."
    assert answer.planner == "llm"


async def test_what_was_understood_is_told_after_the_checks_and_before_the_first_word(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(Says(json.dumps(creation()), chunk=3))
    await planned(planner, listener)
    assert listener.order() == ["check", "passed", "understood", "speak"]
    assert [name for name, _ in listener.heard].count("understood") == 1
    assert [name for name, _ in listener.heard].count("speak") > 3, "the reply is spoken as it grows"


async def test_the_plan_is_told_while_the_reply_is_still_coming(scripted: ScriptedModel, planner: LlmPlanner) -> None:
    text = json.dumps(creation())
    scripted.then(FallsSilent(text[: text.index("painting")]))
    told = asyncio.Event()

    class Eager(Listener):
        async def understood(self, planned: Planned) -> None:
            told.set()

    planning = asyncio.create_task(planned(planner, Eager()))
    async with asyncio.timeout(PATIENCE_S):
        await told.wait()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning


async def test_tokens_and_model_are_reported(scripted: ScriptedModel, planner: LlmPlanner, listener: Listener) -> None:
    scripted.then(Says("{", tokens=(1000, 1)), Says(json.dumps(creation()), tokens=(1100, 90)))
    usage = (await planned(planner, listener)).usage
    assert (usage.model, usage.prompt_tokens, usage.completion_tokens, usage.repairs) == (MODEL, 2100, 91, 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Says("I would rather chat."), "not a JSON object"),
        (Says(json.dumps(creation())[:-40]), "not valid JSON"),
        (creation(steps=[step("make_coffee")]), "make_coffee is not among the tools"),
        (creation(steps="none"), "steps"),
        (creation(steps=[step("text_to_image", prompt="x", width="wide")]), "width of Text to image is a whole number"),
        (creation(steps=[step("text_to_image", prompt="x", width=90_000)]), "between 256 and 2048"),
        (creation(steps=[step("adjust_color", ["A9"], grayscale=True)]), "There is no A9"),
        (creation(intents=[intent("iterate")], steps=[step("adjust_color", ["A1"])]), "bind `on` to a handle"),
        (creation(steps=[step("crop_image", None)]), "needs 1 image"),
        (creation(intents=[intent("iterate", "A7")], steps=[]), "There is no A7"),
        (creation(steps=[], summary="", reply=""), "reply is empty"),
        (creation(clarification={"question": "Which?", "choices": []}), "either steps or a clarification"),
        (creation(steps=[], controls=[{"action": "cancel", "target": None}]), "nothing to cancel"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_goes_back_with_the_reason(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener, bad: Any, reason: str
) -> None:
    scripted.then(bad, creation(reply="Now it is right."))
    answer = await planned(planner, listener, asking(shown=(picture(),)))
    assert (answer.reply, answer.usage.repairs) == ("Now it is right.", 1)
    (correction,) = corrections(scripted)
    assert reason in correction
    assert listener.speech() == "Now it is right.", "nothing of the refused answer was spoken"
    assert scripted.requests[1]["messages"][:2] == scripted.requests[0]["messages"]


async def test_a_tool_that_was_not_offered_is_refused(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(creation(), creation(steps=[step("sdxl", prompt="x")]))
    request = asking(found=tuple(f for f in asking().found if f.tool.name == "sdxl"))
    answer = await planned(planner, listener, request)
    assert answer.plan is not None
    assert answer.plan.steps[0].tool == "sdxl"
    assert "text_to_image is not among the tools; they are sdxl." in corrections(scripted)[0]


async def test_after_two_corrections_the_model_has_misbehaved(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(*[Says("no")] * 4)
    with pytest.raises(ModelMisbehaved):
        await planned(planner, listener)
    assert len(scripted.requests) == 1 + MAX_REPAIRS
    assert listener.heard == []


async def test_a_fenced_answer_with_parameters_as_an_object_is_understood(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    loose = {"id": "s1", "tool": "adjust_color", "params": {"vibrance": "0.4"}, "inputs": {"image": "A1"}}
    whole = creation(intents=[intent("iterate", "A1")], steps=[loose])
    scripted.then(Says(f"Here it is:\n```json\n{json.dumps(whole)}\n```\nEnjoy!"))
    answer = await planned(planner, listener, asking("more vibrant", shown=(picture(),)))
    assert answer.plan is not None
    assert answer.plan.steps[0].params["vibrance"] == 0.4
    assert answer.usage.repairs == 0


async def test_a_reply_before_the_plan_waits_for_the_whole(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    whole = creation()
    scripted.then({"reply": whole.pop("reply"), **whole})
    answer = await planned(planner, listener)
    assert listener.order() == ["check", "passed", "understood", "speak"]
    assert answer.reply == "I am painting a walrus on Saturn."


async def test_a_question_comes_with_choices_that_are_messages(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    question = {"question": "Which one?", "choices": ["Crop A1", "Crop A2"]}
    scripted.then(creation(intents=[intent("chain")], steps=[], clarification=question, reply=""))
    answer = await planned(planner, listener)
    assert answer.clarification is not None
    assert [(c.label, c.then) for c in answer.clarification.choices] == [
        ("Crop A1", {"text": "Crop A1"}), ("Crop A2", {"text": "Crop A2"}),
    ]  # fmt: skip
    assert answer.plan is None
    assert (answer.clarification.question, answer.reply) == ("Which one?", ""), "a question is told once"


async def test_a_control_finds_its_target(scripted: ScriptedModel, planner: LlmPlanner, listener: Listener) -> None:
    controls = [{"action": "cancel", "target": None}, {"action": "select", "target": "A1"}]
    scripted.then(creation(intents=[intent("control")], steps=[], controls=controls, reply="Cancelled."))
    answer = await planned(planner, listener, asking("stop", shown=(picture(),), running=("run-1", "run-2")))
    assert answer.controls == (Control(Action.CANCEL, "run-2"), Control(Action.SELECT, "A1"))


async def test_a_refusal_is_typed(scripted: ScriptedModel, planner: LlmPlanner, listener: Listener) -> None:
    scripted.then(Refuses())
    with pytest.raises(ModelRefused):
        await planned(planner, listener)
    assert listener.heard == []


async def test_a_cut_before_the_plan_is_typed_and_tells_nothing(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(Cuts(json.dumps(creation())[:100]))
    with pytest.raises(ModelUnreachable):
        await planned(planner, listener)
    assert listener.heard == []


async def test_a_cut_within_the_reply_keeps_the_plan_that_was_told(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    text = json.dumps(creation())
    scripted.then(Cuts(text[: text.index(" on Saturn")], chunk=1))
    answer = await planned(planner, listener)
    assert answer.plan is not None
    assert answer.reply == listener.speech() == "I am painting a walrus"


@pytest.mark.parametrize("fault", [Fails(500), Refuses(), Page(), Cuts("{"), Fails(429)])
async def test_another_model_answers_for_one_that_fails_and_says_so(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock, listener: Listener, fault: Any
) -> None:
    scripted.then(fault, creation())
    answer = await planned(LlmPlanner(gateway, (MODEL, SPARE), clock), listener)
    assert [body["model"] for body in scripted.requests] == ["test", "spare"]
    assert answer.usage.model == SPARE
    assert answer.reply.startswith("I am painting a walrus on Saturn.\n\n(openai/spare answered this; openai/test: ")
    assert answer.reply == listener.speech()


async def test_when_all_models_fail_the_last_ones_problem_is_told(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock, listener: Listener
) -> None:
    scripted.then(Refuses(), Fails(503))
    with pytest.raises(ModelOverloaded):
        await planned(LlmPlanner(gateway, (MODEL, SPARE), clock), listener)


async def test_a_refusal_within_the_reply_is_not_answered_by_another_model(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock, listener: Listener
) -> None:
    scripted.then(Says(json.dumps(creation())[:-5], ends="content_filter"), creation())
    with pytest.raises(ModelRefused):
        await planned(LlmPlanner(gateway, (MODEL, SPARE), clock), listener)
    assert [name for name, _ in listener.heard].count("understood") == 1


async def test_a_silent_model_is_given_up(
    scripted: ScriptedModel, gateways: Gateways, clock: ManualClock, listener: Listener
) -> None:
    await gateways().warm()
    scripted.then(FallsSilent(), FallsSilent("{"))
    planner = LlmPlanner(gateways(silence_s=0.5), (MODEL, SPARE), clock)
    with pytest.raises(ModelUnreachable, match=r"said nothing for 0\.5 seconds"):
        await planned(planner, listener)
    assert len(scripted.requests) == 2


async def test_a_model_that_misses_a_tool_searches_once_and_is_asked_again(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock, listener: Listener
) -> None:
    sought: list[str] = []

    async def search(words: str, _capabilities: object, _limit: int) -> list[Found]:
        sought.append(words)
        return list(found("sharpen_image"))

    wanting = creation(intents=[intent("iterate", "A1")], search="sharpen", steps=[], reply="")
    sharp = creation(intents=[intent("iterate", "A1")], steps=[step("sharpen_image", ["A1"])])
    scripted.then(wanting, sharp)
    planner = LlmPlanner(gateway, (MODEL,), clock, tools=search)
    request = asking("schärfer", shown=(picture(),), found=found("crop_image"))
    answer = await planned(planner, listener, request)
    assert answer.plan is not None
    assert (answer.plan.steps[0].tool, answer.usage.repairs, sought) == ("sharpen_image", 0, ["sharpen"])
    offered = [body["messages"][1]["content"] for body in scripted.requests]
    assert ["sharpen_image(" in content for content in offered] == [False, True]


async def test_a_second_search_is_not_made(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(*[creation(search="unicorns", steps=[], reply=reply) for reply in ("", "That cannot be done here.")])
    answer = await planned(planner, listener)
    assert (answer.plan, answer.reply) == (None, "That cannot be done here.")
    assert len(scripted.requests) == 2


async def test_a_plan_that_the_model_is_not_sure_of_becomes_a_question_with_a_button_for_each_picture(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    doubtful = intent("transform", "A2", confidence=0.3, maybe=("A1", "A9"))
    scripted.then(creation(intents=[doubtful], steps=[step("crop_image", ["A2"], ratio="1:1")], reply="I crop A2."))
    shown = (picture(), picture("A2", words="a dog"))
    answer = await planned(planner, listener, asking("crop it", shown=shown))
    assert answer.plan is None
    assert answer.reply == "", "what the model would do is not said as if it were done"
    assert answer.clarification is not None
    assert [c.label for c in answer.clarification.choices] == ["A2: a dog", "A1: a castle"]
    clicked = replace(asking("A1: a castle", shown=shown), choice=answer.clarification.choices[1].then)
    done = await planned(planner, listener, clicked)
    assert len(scripted.requests) == 1, "a click is no guess"
    assert done.plan is not None
    (made,) = done.plan.steps
    (source,) = made.inputs["image"]
    assert (source.handle, made.params["ratio"], done.intents[0].on) == ("A1", "1:1", ("A1",))


async def test_a_doubtful_plan_without_other_pictures_is_asked_about_as_a_whole(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(creation(intents=[intent("create", summary="A walrus", confidence=0.2)]))
    answer = await planned(planner, listener)
    assert answer.clarification is not None
    assert [c.label for c in answer.clarification.choices] == ["A walrus"]


async def test_what_rendered_when_a_button_was_offered_is_found_by_its_handle_later(
    planner: LlmPlanner, listener: Listener
) -> None:
    rendering = picture(ref="run:r1:s1", handle=None, asset_id=None, run_id="r1", step_id="s1")
    cropping = {"id": "s1", "tool": "crop_image", "params": {}, "inputs": {"image": [rendering.ref]}, "deliver": None}
    draft = {"summary": "crop", "notes": [], "steps": [cropping]}
    intents = [{"kind": "chain", "summary": "crop", "on": [rendering.ref], "constraints": {}}]
    choice = {"text": "crop", "draft": draft, "intents": intents}
    finished = picture("A1", run_id="r1", step_id="s1")
    for shown, handle in ((rendering, rendering.ref), (finished, "A1")):
        answer = await planned(planner, listener, replace(asking("crop", shown=(shown,)), choice=choice))
        assert answer.plan is not None
        assert answer.intents[0].on == (handle,)


async def test_a_choice_that_cannot_be_done_any_more_is_left_to_the_model(
    scripted: ScriptedModel, planner: LlmPlanner, listener: Listener
) -> None:
    scripted.then(creation(steps=[], reply="A1 is gone."))
    cropping = {"id": "s1", "tool": "crop_image", "params": {}, "inputs": {"image": ["A1"]}, "deliver": None}
    draft = {"summary": "crop", "notes": [], "steps": [cropping]}
    answer = await planned(planner, listener, replace(asking("crop"), choice={"text": "crop", "draft": draft, "intents": []}))
    assert (answer.plan, answer.reply) == (None, "A1 is gone.")
