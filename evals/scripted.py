"""The language model's planner against a server that knows the answers: whether the path is sound, not how clever it is.

Everything between the planner and a model is real (requests over HTTP, streaming, reading, checks, mending); only what the
model says comes from the case.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from agent.testing import ScriptedModel, answer, oracle
from base.settings import Settings
from evals.model import Answer, Case, CaseTurn, Expected, StepExpected
from evals.stage import Stage
from evals.subject import PlannerSubject
from tools.model import Tool

MODEL = "openai/scripted"
TOKEN = 4
"""Characters of a token, about: the server has no tokenizer, so prompts are counted so."""


class ScriptedSubject:
    """Implements Subject: tells the server the right answer, then asks the real planner."""

    def __init__(self, subject: PlannerSubject, model: ScriptedModel) -> None:
        self.name = f"{subject.name} (scripted)"
        self.tools: Mapping[str, Tool] = subject.tools
        self._subject, self._model = subject, model

    async def answer(self, case: Case, turn: CaseTurn, stage: Stage) -> Answer:
        shown = [
            {"handle": item.ref, "tool": item.tool, "params": dict(item.params), "words": item.words}
            for item in stage.shown()
        ]
        told = as_written(turn, stage, self.tools, self._subject.able(case))
        self._model.forget()
        right = oracle(told, shown, self.tools)
        self._model.then(right, _search(told), right)  # the last two where a tool is not among those offered
        given = await self._subject.answer(case, turn, stage)
        sent = [message["content"] for request in self._model.requests for message in request["messages"]]
        spent = given.spent.model_copy(update={"prompt_tokens": sum(map(len, sent)) // TOKEN})
        refused = len(self._model.requests) > 1 and given.error is not None  # the last message says why
        return given.model_copy(update={"spent": spent, "detail": sent[-1][:500] if refused else given.detail})


def settings_for(settings: Settings, model: ScriptedModel) -> Settings:
    """The settings with this server for their model."""
    return Settings.model_validate(
        {**settings.model_dump(), "model": MODEL, "model_url": model.url, "model_key": "scripted", "model_fallbacks": ()}
    )


def as_written(turn: CaseTurn, stage: Stage, tools: Mapping[str, Tool], able: Collection[str]) -> dict[str, Any]:
    """What is expected, as an answer needs it: each choice decided for the first that can run, and whatever the case
    leaves open decided plainly."""
    expect = turn.expect
    said = expect.model_dump(mode="json", exclude_none=True)
    bound = _flat(expect.on) or [ref for ref in (_newest(stage, turn),) if ref]
    if "steps" not in said and (expect.plans or expect.delivered):
        said["steps"] = _plain_steps(expect, bound)
    if expect.action == "none":
        del said["action"]
    elif expect.action is not None and expect.target is None:
        said["target"] = {"select": bound[0] if bound else None, "confirm": stage.waiting}.get(expect.action, _run(stage))
    steps = said.get("steps", ())
    before = next((item.params for item in stage.shown() if bound and item.ref == bound[0]), {})
    for place, step in enumerate(steps):
        step["tool"] = _chosen(expect.steps[place], tools, able) if expect.steps else step["tool"]
        step["params"] = {name: _said(check, before.get(name)) for name, check in step.get("params", {}).items()}
        step["inputs"] = {port: [ref.partition("|")[0] for ref in refs] for port, refs in step.get("inputs", {}).items()}
        for port in set(tools[step["tool"]].inputs) - set(step["inputs"]):
            source = bound[place] if place < len(bound) and (len(bound) == len(steps) or place == 0) else f"s{place}"
            step["inputs"][port] = [source]
    if steps:
        keepable = set(expect.kept or ()) & set(tools[steps[-1]["tool"]].params) & set(before) - set(steps[-1]["params"])
        steps[-1]["params"].update({name: before[name] for name in sorted(keepable)})
    return said


def _chosen(step: StepExpected, tools: Mapping[str, Tool], able: Collection[str]) -> str:
    """The first of a choice that can run and makes what is wanted."""
    allowed = [
        name
        for either in step.tools
        for name, tool in tools.items()
        if fnmatchcase(name, either) and step.makes in (None, next(iter(tool.outputs.values())).kind)
    ]
    return next((name for name in allowed if name in able), allowed[0] if allowed else step.tools[0])


def _search(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a model answers that misses a tool: words to search for."""
    return answer(search=", ".join(step["tool"].replace("_", " ") for step in told.get("steps", ())) or "picture")


def _said(check: Any, before: Any) -> Any:
    """A text that has every word it must have and none that it must not, made from the earlier one; of two bounds the
    middle; anything else as it is."""
    if isinstance(check, str) and " & " in check and not check.startswith(("~", "!~")):
        bounds = [float(part.strip("<>= ")) for part in check.split(" & ")]
        return sum(bounds) / len(bounds)
    if not isinstance(check, str) or not check.startswith(("~", "!~")):
        return check
    text = str(before or "a picture")
    for part in check.split(" & "):
        word = part.lstrip("!").removeprefix("~").partition("|")[0].strip()
        if part.startswith("!"):
            text = re.sub(re.escape(word), "", text, flags=re.IGNORECASE)
        elif word.lower() not in text.lower():
            text = f"{text}, {word}"
    return text


def _plain_steps(expect: Expected, bound: Sequence[str]) -> list[dict[str, Any]]:
    """Some plan of the right shape, where a case asks for one and does not say which."""
    if not bound or "create" in (expect.kinds or ()):
        return [{"tool": "text_to_image", "params": {"prompt": "a picture", "count": expect.delivered or 1}}]
    if expect.changed or (expect.delivered or 0) > len(bound):
        return [{"tool": "text_to_image", "params": {"prompt": "a picture", "count": expect.delivered or 1}}]
    return [{"tool": "adjust_color", "params": {"contrast": 0.1}, "inputs": {"image": [ref]}} for ref in bound]


def _run(stage: Stage) -> str | None:
    return stage.running[-1] if stage.running else stage.waiting


def _newest(stage: Stage, turn: CaseTurn) -> str | None:
    shown = stage.shown()
    return turn.reply_to or stage.focus or (shown[-1].ref if shown else None)


def _flat(on: tuple[Any, ...] | None) -> list[str]:
    return [ref for each in on or () for ref in ((each,) if isinstance(each, str) else each)]
