"""From cases to a report, with subjects that answer as they are told; then with the real planner."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from agent.model import Action, Clarification, Control, Intent, IntentKind, Planned
from base.testing import ManualClock
from evals import report, runner
from evals.commands import evaluate
from evals.model import Answer, Case, Expected
from evals.subject import reduced
from tools.model import MediaKind, Plan, Step


class Told:
    """A subject that answers by name."""

    name = "told"

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = answers

    async def answer(self, case: Case) -> Answer:
        return self._answers[case.name]


CASES = (
    Case(name="right", text="hello", expect=Expected(kinds=("chat",), tools=())),
    Case(name="wrong", text="a cat", expect=Expected(kinds=("create",), tools=("paint",))),
)
SUBJECT = Told({"right": Answer(kinds=("chat",)), "wrong": Answer(kinds=("create",), error="broken")})


async def test_means_count_parts_and_whole_cases(clock: ManualClock) -> None:
    result = await runner.run("s", CASES, SUBJECT, clock, repeat=2)

    assert result.means() == {"intent": 1.0, "tool": 0.5, "all": 0.5}
    assert [verdict.case for verdict in result.verdicts] == ["right", "right", "wrong", "wrong"]


async def test_the_table_shows_what_came_only_where_something_is_wrong(clock: ManualClock) -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(report.table(await runner.run("s", CASES, SUBJECT, clock)))
    text = console.export_text()

    assert "problem broken" in text
    assert "2 answers, 50% right in every part" in text


async def test_the_report_is_json_with_its_means(clock: ManualClock, tmp_path: Path) -> None:
    report.write(await runner.run("s", CASES, SUBJECT, clock), tmp_path / "deep" / "r.json")
    body = json.loads((tmp_path / "deep" / "r.json").read_text())

    assert body["means"]["all"] == 0.5
    assert body["verdicts"][1]["answer"]["error"] == "broken"


def test_a_planners_answer_is_reduced_to_what_is_scored() -> None:
    step = Step(id="s1", tool="blur", title="Blur", params={"radius": 3}, outputs={"image": MediaKind.IMAGE})
    planned = Planned(
        intents=(Intent(IntentKind.CHAIN, "x", ("A1",)), Intent(IntentKind.CONTROL, "y", ("A1",))),
        confidence=0.5,
        plan=Plan(id="p", summary="s", steps=(step,)),
        clarification=Clarification("which?"),
        controls=(Control(Action.CANCEL),),
    )

    assert reduced(planned) == Answer(
        kinds=("chain", "control"), tools=("blur",), on=("A1",), params=({"radius": 3},), asks=True, actions=("cancel",),
        confidence=0.5,
    )  # fmt: skip


@pytest.mark.xdist_group("shared")
def test_the_command_asks_the_real_planner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))
    app = typer.Typer()
    app.command()(evaluate)
    outcome = CliRunner().invoke(app, ["first", "--json", str(tmp_path / "report.json")])
    body = json.loads((tmp_path / "report.json").read_text())

    assert outcome.exit_code == 0, outcome.output
    assert body["planner"] == "embedded"
    assert len(body["verdicts"]) == 40
    assert body["means"]["intent"] > 0.5
    assert not [verdict["answer"]["error"] for verdict in body["verdicts"] if verdict["answer"]["error"]]
