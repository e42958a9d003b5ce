"""Nobody's words in a log line or on the terminal, whatever goes wrong and however much the libraries like to talk."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from agent.errors import ModelProblem
from agent.llm.planner import LlmPlanner
from agent.testing import Cuts, Fails, Page, Refuses, Says, ScriptedModel
from base import log
from tests.agent.llm.builders import SECRET, Listener, asking, creation, picture, step


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """The house's log at DEBUG, in memory; put back as it was afterwards."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    sink = io.StringIO()
    log.configure("DEBUG", sink)
    yield sink
    root.handlers = before
    root.setLevel(level)


@pytest.mark.parametrize(
    "replies",
    [
        [creation(summary=SECRET, reply=SECRET, steps=[step("text_to_image", prompt=SECRET)])],
        [Says(SECRET), creation(steps=[step(SECRET)]), creation(steps=[step("crop_image", [SECRET])])],
        [Fails(400, {"message": SECRET})], [Fails(429, {"message": SECRET})], [Fails(500, {"message": SECRET})],
        [Cuts(SECRET)], [Refuses(SECRET)], [Page(SECRET)],
    ],
)  # fmt: skip
async def test_nobodys_words_reach_a_log_or_the_terminal(
    scripted: ScriptedModel, planner: LlmPlanner, everything_logged: io.StringIO, capfd: pytest.CaptureFixture[str], replies: Any
) -> None:
    scripted.then(*replies)
    listener = Listener()
    request = asking(f"make {SECRET}", shown=(picture(words=SECRET),))
    problems = []
    try:
        await planner.plan(request, listener.check, listener.understood, listener.speak)
    except ModelProblem as problem:
        logging.getLogger("test").exception("a rim logs what reaches it")
        problems.append(problem.as_dict())
    assert SECRET not in json.dumps(problems)
    assert SECRET in json.dumps(scripted.requests), "the words did go to the model"
    logged = everything_logged.getvalue()
    printed = capfd.readouterr()
    assert "model" in logged, "the log works"
    assert not any("walrus" in text for text in (logged, printed.out, printed.err))
    assert "sk-scripted" not in logged
