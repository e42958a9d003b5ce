"""What a model is shown. First what never changes, so that providers' caches work; then the tools, then this turn.

Everything that did not come from us is JSON within a tag, `<` and `>` escaped: it cannot end its tag, and the rules
say that it is data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from agent.llm.protocols import Message
from agent.model import Exchange, PlanningRequest, Shown
from tools import rules
from tools.model import Capabilities, Parameter, Plan, StepRef, Tool
from tools.protocols import Found

MAX_TOOLS = 8
MAX_UNAVAILABLE = 3
MAX_SHOWN = 24
"""Rows of the handle table: the newest, and whatever this message names."""
HISTORY_CHARS = 3_000
EXCHANGE_CHARS = 500
WORDS_CHARS = 400
MAX_EXAMPLES = 2
MAX_FILES = 12


def messages(request: PlanningRequest) -> list[Message]:
    """The system prompt, and one message with tools and turn."""
    return [{"role": "system", "content": system()}, {"role": "user", "content": "\n".join(_sections(request))}]


def correction(answer: str, reasons: Sequence[str]) -> list[Message]:
    """What goes back when an answer was refused."""
    listed = "\n".join(f"- {reason}" for reason in reasons)
    words = f"That answer was refused:\n{listed}\nAnswer again, with the whole corrected JSON object and nothing else."
    return [{"role": "assistant", "content": answer or "{}"}, {"role": "user", "content": words}]


def offered(request: PlanningRequest) -> dict[str, Tool]:
    """The tools that a plan may use, best first: those found that can run now, among them what made the pictures this
    is about, without which "the same but at night" could not be done."""
    able = [found.tool for found in request.found if found.availability.available]
    about = {*request.attached, request.focus}
    makers = {item.tool for item in request.shown if item.ref in about or item.handle in about}
    remade = [tool for tool in able[MAX_TOOLS:] if tool.name in makers][:MAX_TOOLS]
    return {tool.name: tool for tool in (*able[: MAX_TOOLS - len(remade)], *remade)}


@cache
def system() -> str:
    """The rules, the same bytes for every request."""
    return (resources.files("agent.llm") / "system.md").read_text(encoding="utf-8").strip()


def _sections(request: PlanningRequest) -> Iterator[str]:
    tools = offered(request)
    files = _files(request.capabilities)
    # By name, not by rank: the same tools found for other words are then the same bytes.
    yield _tagged("tools", (_tool(tools[name], files) for name in sorted(tools)))
    yield _tagged("unavailable", _unavailable(request.found))
    yield _tagged("pictures", (_picture(item) for item in _listed(request)))
    yield _tagged("earlier", _history(request.history))
    yield _tagged("state", [_state(request, list(tools))])
    yield _tagged("message", [request.text])


def _tagged(tag: str, values: Iterable[Any]) -> str:
    return "\n".join([f"<{tag}>", *(_data(value) for value in values), f"</{tag}>"])


def _data(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _tool(tool: Tool, files: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return _without_empty(
        {
            "name": tool.name,
            "does": tool.description,
            "inputs": {name: _port(port.kind.value, port.count) for name, port in tool.inputs.items()},
            "params": {name: _parameter(spec, files.get(name, ())) for name, spec in tool.params.items()},
            "gives": [port.kind.value for port in tool.outputs.values()],
            "for": [example.text for example in tool.examples[:MAX_EXAMPLES]],
        }
    )


def _port(kind: str, count: tuple[int, int]) -> str:
    return kind if count == (1, 1) else f"{count[0]} to {count[1]} {kind}"


def _files(capabilities: Iterable[Capabilities]) -> dict[str, list[str]]:
    """What a model parameter may name: the files that some instance lists."""
    able = list(capabilities)
    return {
        name: sorted({file for c in able for file in c.models.get(folder, ())})[:MAX_FILES]
        for name, folder in rules.MODEL_FOLDERS.items()
    }


def _parameter(spec: Parameter, files: Sequence[str]) -> str:
    """`integer 256..2048 step 16, default 768; Pixels.`"""
    choices = files if spec.type == "model" else spec.choices
    sort = " | ".join(choices) if choices else spec.type
    limits = "" if spec.minimum is None or spec.maximum is None else f" {_number(spec.minimum)}..{_number(spec.maximum)}"
    step = "" if spec.step is None else f" step {_number(spec.step)}"
    need = ", required" if spec.required else "" if spec.default in (None, "") else f", default {_data(spec.default)}"
    return f"{sort}{limits}{step}{need}; {spec.description}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def _unavailable(found: Iterable[Found]) -> list[dict[str, Any]]:
    missing = [f for f in found if not f.availability.available][:MAX_UNAVAILABLE]
    return [{"title": f.tool.title, "why": f.availability.reason} for f in missing]


def _listed(request: PlanningRequest) -> list[Shown]:
    """The newest, and older ones that the message names, in the order of the handles."""
    words = set(request.text.upper().replace(",", " ").replace(".", " ").split())
    named = {*request.attached, request.focus}
    recent = {item.ref for item in request.shown[-MAX_SHOWN:]}
    return [i for i in request.shown if i.ref in recent or i.ref in named or i.handle in named or i.handle in words]


def _picture(item: Shown) -> dict[str, Any]:
    return _without_empty(
        {
            "handle": item.handle or item.ref,
            "kind": item.kind,
            "origin": item.origin,
            "size": None if item.size is None else f"{item.size.width}x{item.size.height}",
            "rendering": item.asset_id is None,
            "made_by": item.tool,
            "from": list(item.parents),
            "params": {name: _clipped(value) for name, value in item.params.items() if value not in (None, "")},
            "words": "" if item.words == item.params.get("prompt") else _clipped(item.words),
        }
    )


def _history(history: Sequence[Exchange]) -> list[dict[str, Any]]:
    """The last exchanges that fit the budget, oldest first."""
    kept: list[dict[str, Any]] = []
    left = HISTORY_CHARS
    for exchange in reversed(history):
        text, reply = exchange.text[:EXCHANGE_CHARS], exchange.reply[:EXCHANGE_CHARS]
        left -= len(text) + len(reply)
        if left < 0:
            break
        kept.insert(0, _without_empty({"person": text, "you": reply, "gave": list(exchange.handles)}))
    return kept


def _state(request: PlanningRequest, best_first: list[str]) -> dict[str, Any]:
    return _without_empty(
        {
            "it": request.focus,
            "attached": list(request.attached),
            "running": list(request.running),
            "waits_for_yes": request.waiting,
            "last_plan": None if request.last_plan is None else _plan(request.last_plan),
            "clicked": request.choice,
            "sketch_only": any(f.availability.sketch for f in request.found),
            "tools_by_fit": best_first,
        }
    )


def _plan(plan: Plan) -> dict[str, Any]:
    steps = [
        {
            "tool": step.tool,
            "params": {name: _clipped(value) for name, value in step.params.items()},
            "inputs": {p: [s.step_id if isinstance(s, StepRef) else s.handle for s in refs] for p, refs in step.inputs.items()},
        }
        for step in plan.steps
    ]  # fmt: skip
    estimate = plan.estimate
    return {"summary": plan.summary, "steps": steps, "credits": estimate.credits, "seconds": estimate.seconds}


def _clipped(value: Any) -> Any:
    return value[:WORDS_CHARS] if isinstance(value, str) else value


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, False)}
