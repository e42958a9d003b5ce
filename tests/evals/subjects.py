"""Cases and a subject that answers by case, for the tests of measuring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals import cases
from evals.model import Answer, Case, CaseTurn, IntentAnswer
from evals.stage import Stage
from tools.model import AssetRef, MediaKind, Plan, Step, StepRef, Tool
from tools.service import load_tools

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in load_tools()}


class Told:
    """A subject that answers as it is told: by case a list of answers, one a turn."""

    name = "told"
    tools = TOOLS

    def __init__(self, answers: Mapping[str, Sequence[Answer]]) -> None:
        self._answers = answers
        self.asked: list[str] = []
        self.stages: list[Stage] = []

    async def answer(self, case: Case, turn: CaseTurn, stage: Stage) -> Answer:
        self.asked.append(case.name)
        self.stages.append(stage)
        return self._answers[case.name][stage.turn]


def parsed(text: str, suite: str = "made-up") -> Case:
    """The one case of a YAML text."""
    (case,) = cases.parse(suite, text, {})
    return case


def intents(*kinds: str, on: Sequence[str] = ()) -> tuple[IntentAnswer, ...]:
    return tuple(IntentAnswer(kind=kind, on=tuple(on)) for kind in kinds)


def step(id: str, tool: str, *refs: str, deliver: bool = True, **params: Any) -> Step:
    """A step fed by handles (A1) or steps (s1)."""
    inputs = tuple(AssetRef(asset_id=f"asset-{r}", handle=r) if r[0] == "A" else StepRef(step_id=r) for r in refs)
    return Step(
        id=id, tool=tool, title=tool, params=params, inputs={"image": inputs} if refs else {},
        outputs={"image": MediaKind.IMAGE}, deliver=deliver,
    )  # fmt: skip


def planned(*steps: Step, kinds: Sequence[str] = ("create",), on: Sequence[str] = (), **more: Any) -> Answer:
    """An answer with a plan."""
    return Answer(intents=intents(*kinds, on=on), plan=Plan(id="p", summary="s", steps=steps), **more)
