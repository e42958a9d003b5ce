"""Conversations as plain values, and a planner to say things to. What a person sees, in one line a test can compare."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from agent.compose import compose
from agent.embedded.planner import EmbeddedPlanner
from agent.model import Draft, Planned, PlanningRequest, Shown
from agent.planning import ignore_speech, ignore_understood
from executor.comfy.capabilities import read_capabilities
from executor.renderer.config import Config
from executor.renderer.files import Folders
from executor.renderer.nodes.registry import Registry
from executor.renderer.nodes.table import all_nodes
from tools import facts
from tools.model import Availability, Capabilities, Plan, Size, Tool
from tools.protocols import Found
from tools.rules import availability
from tools.service import load_tools

SEED = 4711
_CURATED = load_tools()


@cache
def sketcher() -> Capabilities:
    """The embedded renderer alone."""
    with tempfile.TemporaryDirectory() as folder:
        config, folders = Config(Path(folder)), Folders(Path(folder))
        folders.prepare()
        info = Registry(all_nodes(config), folders).all_info()
    return read_capabilities(info, sketch=True, samplers=True)


@cache
def workshop() -> Capabilities:
    """A real ComfyUI with every model that the catalogue knows."""
    nodes = frozenset(facts.reference()["0.33.0"])
    models: dict[str, frozenset[str]] = {"upscale_models": frozenset({"RealESRGAN_x4plus.pth"})}
    for model in (m for tool in _CURATED for i in tool.implementations for m in i.models):
        models[model.folder] = models.get(model.folder, frozenset()) | {model.file}
    return Capabilities(nodes, models)


def upload(handle: str, name: str = "photo.jpg") -> Shown:
    """A picture that the person brought."""
    return Shown(handle, handle, "image", "upload", Size(1200, 800), f"asset-{handle}", words=name)


def output(
    handle: str, *parents: str, prompt: str = "a cyberpunk cityscape at night", tool: str = "text_to_image"
) -> Shown:
    """A picture that was made here."""
    params = {"prompt": prompt, "seed": 5} if tool == "text_to_image" else {}
    return Shown(
        handle,
        handle,
        "image",
        "output",
        Size(768, 768),
        f"asset-{handle}",
        f"run-{handle}",
        "s1",
        tool,
        params,
        parents,
        prompt,
    )


def rendering(run_id: str = "r1", prompt: str = "a fox") -> Shown:
    """A picture that is still being made."""
    params = {"prompt": prompt, "seed": 5}
    ref = f"run:{run_id}:s1"
    return Shown(
        ref, None, "image", "output", Size(768, 768), None, run_id, "s1", "text_to_image", params, (), prompt
    )


@dataclass(frozen=True)
class Scene:
    """What lies on the table when the person speaks. Focus is the newest unless said otherwise."""

    shown: tuple[Shown, ...] = ()
    attached: tuple[str, ...] = ()
    focus: str | None = None
    running: tuple[str, ...] = ()
    waiting: str | None = None
    last_plan: Plan | None = None
    instances: tuple[Capabilities, ...] = ()

    def request(self, text: str, **more: object) -> PlanningRequest:
        instances = self.instances or (sketcher(),)
        newest = self.shown[-1].ref if self.shown else None
        asked = PlanningRequest(
            text=text, shown=self.shown, attached=self.attached, focus=self.focus or newest, running=self.running,
            waiting=self.waiting, last_plan=self.last_plan, found=found(instances), capabilities=instances, seed=SEED,
        )  # fmt: skip
        return replace(asked, **more)  # type: ignore[arg-type]


EMPTY = Scene()
MADE = Scene((output("A1"),))
"""One picture made from words."""
CHAIN = Scene((output("A1"), output("A2", "A1", tool="adjust_color")))
"""A picture and its more vibrant child."""
THREE = Scene(
    (output("A1", prompt="a harbour"), output("A2", prompt="a red fox"), output("A3", prompt="an old bridge"))
)
BROUGHT = Scene((upload("A1"),), attached=("A1",))
"""A photo that comes with the message."""
EARLIER = Scene((upload("A1"),))
"""A photo that came with an earlier message."""
BUSY = Scene((rendering(),), running=("r1",))
WAITING = Scene((rendering(),), running=(), waiting="r1")
REAL = Scene((output("A1"),), instances=(workshop(),))


def found(instances: Sequence[Capabilities]) -> tuple[Found, ...]:
    """All tools, as a search that finds everything would give them."""
    return tuple(Found(tool, 0.5, availability(tool, instances)) for tool in _CURATED)


class Tools:
    """Every tool by name, as composing needs them."""

    def __init__(self) -> None:
        self._tools = {tool.name: tool for tool in _CURATED}

    def get(self, name: str) -> Tool:
        return self._tools[name]

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        return availability(tool, capabilities)


_TOOLS = Tools()


def check(draft: Draft, request: PlanningRequest) -> Plan:
    """The checks that every draft must pass."""
    return compose(draft, request, _TOOLS, "plan")


async def ask(planner: EmbeddedPlanner, request: PlanningRequest) -> Planned:
    """What the planner says, with nobody listening meanwhile."""
    return await planner.plan(request, check, ignore_understood, ignore_speech)


def told(planned: Planned) -> str:
    """`iterate A1: adjust_color`: kinds with handles, then tools; `?` where it asks back, the action of a control."""
    kinds = [" ".join([intent.kind.value, *intent.on]) for intent in planned.intents]
    tools = [step.tool for step in planned.plan.steps] if planned.plan else []
    asks = ["?"] if planned.clarification else []
    actions = [control.action.value for control in planned.controls]
    return f"{', '.join(kinds)}: {', '.join([*tools, *asks, *actions])}".strip().rstrip(":")
