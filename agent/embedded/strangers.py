"""Which tools, of those that the grammar has no words for, the clauses of a message ask for: zero-shot, by `agent.taskplan`.

So a tool that somebody adds, or one of hundreds of templates, is used from the day it is in the catalogue, with its defaults.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.embedded import finishing, words
from agent.embedded.clauses import Clause
from agent.model import PlanningRequest
from agent.taskplan.model import Inventory, ToolSpec
from agent.taskplan.planner import TaskPlanner
from tools.model import MediaKind, SourceKind, Tool

#: The grammar has words of its own for these.
KNOWN = frozenset(
    {
        "adjust_color", "blur_image", "crop_image", "flip_image", "invert_image", "resize_image", "rotate_image",
        "sharpen_image", "upscale_image", "blend_images", "combine_images", *finishing.TOOLS,
    }
)  # fmt: skip
MOST_TEMPLATES = 6
"""So many of the best found templates are compared; what else they do has words of its own (see `wishes`)."""
SURE = 0.7
"""A guess at a stranger must be better than even: the grammar would have had its own idea of the clause."""


async def strangers(
    clauses: Iterable[Clause], request: PlanningRequest, planner: TaskPlanner
) -> dict[str, str]:
    """Clause (bare, in lower case) -> name of the tool it asks for. Nothing is embedded while every tool is known."""
    able = [found for found in request.found if found.availability.available and not found.tool.generative]
    near = [found for found in able if found.tool.source.kind is SourceKind.TEMPLATE][:MOST_TEMPLATES]
    tools = [found.tool for found in able if found.tool.source.kind is not SourceKind.TEMPLATE or found in near]
    if not any(_usable(tool) for tool in tools):
        return {}
    inventory = Inventory(tuple(_spec(tool) for tool in tools))
    meant: dict[str, str] = {}
    for text in {words.bare(clause.text).lower() for clause in clauses}:
        needed = (await planner.evidence(text, inventory)).tools
        best = int(needed.argmax())
        if needed[best] >= SURE and _usable(tools[best]):
            meant[text] = tools[best].name
    return meant


def _usable(tool: Tool) -> bool:
    """It works on one picture and needs nothing besides."""
    plain = not any(spec.required for spec in tool.params.values()) and list(tool.inputs) == ["image"]
    gives = next(iter(tool.outputs.values())).kind
    return plain and gives is MediaKind.IMAGE and not tool.generative and tool.name not in KNOWN


def _spec(tool: Tool) -> ToolSpec:
    takes = tuple(port.kind.value for port in tool.inputs.values())
    gives = tuple(port.kind.value for port in tool.outputs.values())
    return ToolSpec(tool.title, tool.description, takes, gives, tuple(example.text for example in tool.examples))
