"""The language model's path from a case to its verdict: real requests to a server that knows the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from base.settings import Settings
from evals import runner
from evals.assembly import Lab, open_lab
from evals.errors import ModelNotNamed
from tests.evals.subjects import parsed
from tools.testing import HashEncoder

FOX = "{handle: A1, tool: text_to_image, params: {prompt: a red fox in the snow, seed: 11}}"
CASES = (
    f"- {{name: plan, shown: [{FOX}], text: adjust colour, expect: {{kinds: [iterate], on: [A1], steps: ["
    "{tool: adjust_color, params: {temperature: '>0'}, inputs: {image: A1}}]}}",
    "- {name: talk, turns: [{text: generate a picture from words, expect: {steps: [{tool: text_to_image|sdxl}]}},"
    " {text: flip or mirror the picture, expect: {on: [A1], steps: [{tool: flip_image}]}}]}",
    f"- {{name: asks, shown: [{FOX}], text: which, expect: {{asks: true, choices: [A1]}}}}",
    "- {name: stop, text: stop, running: [r1], expect: {kinds: [control], action: cancel, target: r1}}",
)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    settings = Settings(data=tmp_path, _env_file=None)
    async with open_lab(settings, "llm", scripted=True, encoder=HashEncoder()) as opened:
        yield opened


async def test_what_the_model_says_passes_the_real_planner(lab: Lab) -> None:
    verdicts = [await runner.ask(parsed(text), lab.subject) for text in CASES]

    assert {v.case.name: [turn.answer.detail for turn in v.turns] for v in verdicts if not v.passed} == {}
    assert all(turn.answer.spent.prompt_tokens > 100 for verdict in verdicts for turn in verdict.turns)


async def test_an_answer_that_the_planner_refuses_is_an_error_with_its_reason(lab: Lab) -> None:
    steps = "{tool: text_to_image, params: {steps: 900}}"
    case = parsed(f"- {{name: n, text: adjust colour, expect: {{kinds: [create], steps: [{steps}]}}}}")
    (turn,) = (await runner.ask(case, lab.subject)).turns

    assert turn.answer.error is not None
    assert turn.scores == {"kinds": 0, "valid": 0, "tools": 0, "params": 0}


async def test_without_a_model_its_planner_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(ModelNotNamed):
        async with open_lab(Settings(data=tmp_path, _env_file=None), "llm", encoder=HashEncoder()):
            pass
