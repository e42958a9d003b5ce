"""A person's own workflow before a language model: it is offered under its name, with its words, and planned with."""

from __future__ import annotations

from agent.compose import compose
from agent.llm import prompt, toolsheet
from agent.llm.drafting import drafted
from agent.llm.parse import Head
from tests.agent.llm.builders import POOL, TOOLS, asking, creation, found, intent, picture, step
from tools import recorded, rules
from tools.protocols import Found
from tools.service import ToolCatalogue
from tools.templates.weights import Sources
from tools.workflows.drafting import draft
from tools.workflows.facts import gathered

NEGATIVE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "mine"}},
}
NAME = "my/pale-negative-3fa9c1"


def test_it_is_offered_described_and_planned_with() -> None:
    made = draft(NEGATIVE, gathered(recorded.reference()), Sources({}), title="Pale negative").tool
    assert made is not None
    tool = made.model_copy(update={"name": NAME, "description": "The look of an old film negative.", "owner": "me"})
    mine = Found(tool, 1.5, rules.availability(tool, POOL))
    request = asking("use pale negative on this", shown=(picture(),), found=(mine, *found()), own=(tool,))

    offered = prompt.offered(request)
    assert NAME in offered
    line = next(line for line in toolsheet.lines(offered.values(), POOL) if NAME in line)
    assert "old film negative" in line
    answer = Head.model_validate(creation(intents=[intent("transform", "A1")], steps=[step(NAME, ["A1"])]))
    result = drafted(answer, request, offered).draft
    assert result is not None
    plan = compose(result, request, ToolCatalogue(tuple(TOOLS.values()), None), "plan-1")  # type: ignore[arg-type]
    assert [(each.tool, list(each.inputs)) for each in plan.steps] == [("my/3fa9c1@1", ["image"])]
