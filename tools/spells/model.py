"""A spell: a saved plan with named blanks, for things to say, and ports, for media to bring."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tools.model import Example, Parameter, Port, RecipeStep, Tool

MAX_STEPS = 12
MAX_BLANKS = 12
MAX_PORTS = 8
NAME = r"[a-z][a-z0-9_]{0,31}"

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Named = Annotated[str, StringConstraints(pattern=rf"^{NAME}$")]


class Spell(BaseModel):
    """What is kept, exchanged and cast. A blank is a Parameter: its type, range, default and whether it must be said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Title
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    blanks: Annotated[dict[Named, Parameter], Field(max_length=MAX_BLANKS)] = {}
    ports: Annotated[dict[Named, Port], Field(max_length=MAX_PORTS)] = {}
    outputs: Annotated[dict[Named, Port], Field(max_length=MAX_STEPS)]
    steps: Annotated[tuple[RecipeStep, ...], Field(min_length=1, max_length=MAX_STEPS)]

    def as_tool(self) -> Tool:
        """How the catalogue sees it: blanks are parameters, ports are inputs. The shelf gives it its name and owner.

        It is not `generative`, though steps of it may be: it is no tool that paints whatever one says.
        """
        said = self.title.lower()
        return Tool(
            name="my/spell", title=self.title, description=self.description or describe(self), family="spell",
            tags=("spell",), inputs=self.ports, outputs=self.outputs, params=self.blanks, implementations=(),
            recipe=self.steps, examples=(Example(text=f"cast {said}"), Example(text=said)),
        )  # fmt: skip


def of_tool(tool: Tool, described: bool = True) -> Spell:
    """The spell behind a tool of the shelf."""
    return Spell(
        title=tool.title, description=tool.description if described else "", blanks=tool.params, ports=tool.inputs,
        outputs=tool.outputs, steps=tool.recipe,
    )  # fmt: skip


def describe(spell: Spell) -> str:
    """What it does, in the words of its own prompts, for search and for people."""
    prompts = [str(step.params[name]) for step in spell.steps for name in ("prompt", "text") if step.params.get(name)]
    tools = ", then ".join(step.tool.replace("_", " ") for step in spell.steps)
    told = "; ".join([*prompts, tools])
    return told if len(told) <= 500 else told[:499] + "…"
