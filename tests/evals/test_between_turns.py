"""What a conversation shows after an answer: runs that were stopped, batches that were fed onward."""

from __future__ import annotations

from agent.model import Action
from evals.model import Answer, Case, CaseTurn, ControlAnswer
from evals.stage import Stage, after, opening
from tools.model import MediaKind, Plan, Step, StepRef
from tools.service import load_tools

TOOLS = {tool.name: tool for tool in load_tools()}
TRAIN = {"ref": "run:r9:s1", "tool": "text_to_image", "params": {"prompt": "a steam train"}}
TURN = CaseTurn(text="whatever", expect={})


def stage_of(**fields: object) -> Stage:
    return opening(Case(name="one", text="whatever", expect={}, **fields))


def test_a_cancelled_run_shows_nothing_more() -> None:
    stage = stage_of(shown=[TRAIN], running=["r9", "r10"])
    ended = after(stage, TURN, Answer(controls=(ControlAnswer(action=Action.CANCEL, target="r9"),)), TOOLS)
    assert ended.running == ("r10",)
    assert ended.shown() == ()


def test_a_confirmed_run_is_at_work_and_still_to_come() -> None:
    stage = stage_of(shown=[TRAIN], waiting="r9")
    ended = after(stage, TURN, Answer(controls=(ControlAnswer(action=Action.CONFIRM),)), TOOLS)
    assert (ended.running, ended.waiting) == (("r9",), None)
    assert [item.ref for item in ended.shown()] == ["run:r9:s1"]


def test_each_picture_of_a_batch_has_its_own_result() -> None:
    drawn = Step(
        id="s1", tool="text_to_image", title="", params={"prompt": "bells", "count": 2}, outputs={"image": MediaKind.IMAGE}
    )
    plan = Plan(id="p", summary="", steps=(drawn, _flipped(0), _flipped(1)))
    ended = after(stage_of(), TURN, Answer(plan=plan), TOOLS)
    assert [(item.handle, item.tool, item.parents) for item in ended.shown()] == [
        ("A1", "text_to_image", ()), ("A2", "text_to_image", ()), ("A3", "flip_image", ("A1",)), ("A4", "flip_image", ("A2",)),
    ]  # fmt: skip


def _flipped(index: int) -> Step:
    source = StepRef(step_id="s1", index=index)
    return Step(
        id=f"s2-{index + 1}", tool="flip_image", title="", params={"direction": "horizontal"},
        inputs={"image": (source,)}, outputs={"image": MediaKind.IMAGE},
    )  # fmt: skip
