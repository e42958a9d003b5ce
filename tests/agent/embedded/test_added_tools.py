"""A tool that no table of the grammar knows."""

from __future__ import annotations

from agent.embedded import changing
from agent.embedded.drafting import Drafting
from agent.embedded.reading import Reading
from agent.model import PlanningRequest
from tests.agent.embedded.scenes import found, output, sketcher
from tools.model import Example
from tools.protocols import Found


def test_a_tool_that_somebody_added_is_used_by_its_example() -> None:
    """A tool that no table of the grammar knows is found by its title or an example, with its defaults."""
    mirror = next(f for f in found((sketcher(),)) if f.tool.name == "flip_image")
    added = mirror.tool.model_copy(
        update={
            "name": "kaleido_image",
            "title": "Kaleidoscope",
            "params": {},
            "derive": None,
            "examples": (Example(text="make a kaleidoscope of it"),),
        }
    )
    request = PlanningRequest(
        "make a kaleidoscope of it",
        (output("A1"),),
        focus="A1",
        found=(Found(added, 1.0, mirror.availability),),
    )
    work = Drafting()
    assert changing.edit(work, Reading("edit", request.text), request, "A1")
    assert [step.tool for step in work.steps] == ["kaleido_image"]
