"""The gate: what the embedded planner understood when the baseline was taken, it still understands."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from base.settings import Settings
from evals import baseline, cases, runner, table
from evals.assembly import open_lab
from evals.model import Verdict
from tests.builds import keep, seed
from tests.untraced import untraced
from tools.embedding import MiniLmEncoder

TO_MEND = "Mend what fell, or where the new answer is as good: stationthis eval run --name now; stationthis eval accept now"


@pytest.fixture(scope="module")
def verdicts(encoder: MiniLmEncoder, tmp_path_factory: pytest.TempPathFactory) -> tuple[Verdict, ...]:
    """Every case of every suite, asked once."""
    settings = Settings(data=tmp_path_factory.mktemp("gate"), _env_file=None)
    seed(settings.data)
    with untraced():
        found = asyncio.run(_ask_everything(settings, encoder))
    keep(settings.data)
    return found


async def _ask_everything(settings: Settings, encoder: MiniLmEncoder) -> tuple[Verdict, ...]:
    async with open_lab(settings, encoder=encoder) as lab:
        return tuple([await runner.ask(case, lab.subject) for case in cases.select(())])


def test_nothing_that_was_understood_is_lost(verdicts: tuple[Verdict, ...]) -> None:
    fallen = baseline.fallen(verdicts, baseline.read())
    chats = Console(width=140, record=True, file=io.StringIO())
    table.explain(chats, [verdict for verdict in fallen if not verdict.case.held_out])
    held = [verdict.case.key for verdict in fallen if verdict.case.held_out]

    assert not fallen, f"{len(fallen)} cases fell.\n{chats.export_text()}\nheld out: {held}\n{TO_MEND}"


def test_the_planner_never_crashes(verdicts: tuple[Verdict, ...]) -> None:
    crashes = {
        verdict.case.key: turn.answer.detail
        for verdict in verdicts
        for turn in verdict.turns
        if (turn.answer.error or "").startswith("crash")
    }

    assert crashes == {}


def test_the_baseline_names_cases_that_there_are() -> None:
    assert set(baseline.read()) - {case.key for case in cases.select(())} == set()


def test_an_answer_is_the_same_each_time(encoder: MiniLmEncoder, tmp_path: Path, verdicts: tuple[Verdict, ...]) -> None:
    some = [verdict for verdict in verdicts if verdict.case.suite == "first"]

    seed(tmp_path)

    async def again() -> list[Verdict]:
        async with open_lab(Settings(data=tmp_path, _env_file=None), encoder=encoder) as lab:
            return [await runner.ask(verdict.case, lab.subject) for verdict in some]

    told = [[turn.answer.model_dump(exclude={"took": True, "plan": {"id"}}) for turn in v.turns] for v in some]
    retold = [[turn.answer.model_dump(exclude={"took": True, "plan": {"id"}}) for turn in v.turns] for v in asyncio.run(again())]
    assert retold == told
