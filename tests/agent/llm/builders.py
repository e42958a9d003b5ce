"""What the planner's tests build: requests over the real tools, a pool that has everything, and a person who listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.compose import compose
from agent.model import Draft, Planned, PlanningRequest, Shown
from tools import graph, rules
from tools.model import Capabilities, Plan, Size, Tool
from tools.protocols import Found
from tools.service import ToolCatalogue, load_tools

SEED = 4711
OLD_SEED = 1234
SECRET = "velvet walrus on Saturn"
"""Words of a person that may appear in no log and no error."""

TOOLS = {tool.name: tool for tool in load_tools()}


def everything() -> Capabilities:
    """An instance with all nodes and files."""
    implementations = [i for tool in TOOLS.values() for i in tool.implementations]
    models: dict[str, set[str]] = {folder: {f"any-{folder}.safetensors"} for folder in rules.MODEL_FOLDERS.values()}
    for file in (file for i in implementations for file in i.models):
        models.setdefault(file.folder, set()).add(file.file)
    nodes = frozenset(name for i in implementations for name in graph.node_classes(i))
    return Capabilities(nodes, {folder: frozenset(files) for folder, files in models.items()})


POOL = (everything(),)


BEST = ("text_to_image", "adjust_color", "crop_image", "upscale_image", "edit_image")
"""What search finds first here."""


def found(*names: str) -> tuple[Found, ...]:
    """These tools, or all of them."""
    tools: list[Tool] = [TOOLS[name] for name in names or dict.fromkeys((*BEST, *TOOLS))]
    return tuple(Found(tool, 1.0 - n / 100, rules.availability(tool, POOL)) for n, tool in enumerate(tools))


def picture(handle: str | None = "A1", **fields: Any) -> Shown:
    """A result of text_to_image, unless told otherwise."""
    made: dict[str, Any] = {
        "origin": "output", "tool": "text_to_image", "words": "a castle",
        "params": {"prompt": "a castle", "seed": OLD_SEED, "width": 768, "height": 512},
    }  # fmt: skip
    whole = {"ref": handle, "handle": handle, "kind": "image", "size": Size(768, 512), "asset_id": f"asset-{handle}", **made}
    return Shown(**{**whole, **fields})


def asking(text: str = f"make {SECRET}", **fields: Any) -> PlanningRequest:
    shown = fields.pop("shown", ())
    default: dict[str, Any] = {"focus": shown[-1].ref if shown else None, "found": found(), "capabilities": POOL, "seed": SEED}
    return PlanningRequest(text=text, shown=shown, **{**default, **fields})


def step(tool: str, sources: list[str] | None = None, id: str = "s1", **params: Any) -> dict[str, Any]:
    """A step as a model writes it."""
    return {
        "id": id, "tool": tool, "again": None, "inputs": [f"image={','.join(sources)}"] if sources else [],
        "params": [f"{name}={value}" for name, value in params.items()], "deliver": None,
    }  # fmt: skip


def intent(kind: str, *on: str, summary: str = "", confidence: float = 0.9, maybe: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "kind": kind, "on": list(on), "maybe": list(maybe), "confidence": confidence, "summary": summary or kind,
        "constraints": [],
    }  # fmt: skip


def creation(**parts: Any) -> dict[str, Any]:
    """An answer that makes a new picture."""
    return {
        "intents": [intent("create", summary="A walrus")], "search": None, "steps": [step("text_to_image", prompt="a walrus")],
        "clarification": None, "controls": [], "reply": "I am painting a walrus on Saturn.", **parts,
    }  # fmt: skip


@dataclass
class Listener:
    """The turn's side: checks drafts for real, and keeps what happened in its order."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    catalogue: ToolCatalogue = field(default_factory=lambda: ToolCatalogue(tuple(TOOLS.values()), None))  # type: ignore[arg-type]

    def check(self, draft: Draft, request: PlanningRequest) -> Plan:
        self.heard.append(("check", draft))
        plan = compose(draft, request, self.catalogue, "plan-1")
        self.heard.append(("passed", plan))
        return plan

    async def understood(self, planned: Planned) -> None:
        self.heard.append(("understood", planned))

    async def speak(self, text: str) -> None:
        self.heard.append(("speak", text))

    def order(self) -> list[str]:
        """What happened, runs of the same thing once."""
        names = [name for name, _ in self.heard]
        return [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]

    def speech(self) -> str:
        return "".join(text for name, text in self.heard if name == "speak")
