"""Every web and worker of a house is restarted under load, and nobody notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.chaos.rolling import SMALL, roll_over
from tests.builds import seed


@pytest.mark.xdist_group("chaos")
async def test_a_rolling_restart_loses_no_event_and_no_job(tmp_path: Path) -> None:
    seed(tmp_path / "data")
    said: list[str] = []
    report = await roll_over(SMALL, tmp_path, said.append)
    assert (report.findings.lost, report.findings.doubled, report.findings.orphaned) == ([], [], []), said
    assert report.deeds["restart"] == 4
    assert min(report.figures["runs"], report.figures["turns"]) >= 4
