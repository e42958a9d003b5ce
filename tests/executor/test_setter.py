"""A job's status has one writer, which asks the table and keeps times, lease and ending in step with it."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor import rules, store
from executor.life import setting
from executor.model import AT_WORK, OVER, JobEnding, JobStatus
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOMS = ("base", "accounts", "tools", "executor", "agent", "bots", "web", "evals")


def _calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {f.attr if isinstance(f, ast.Attribute) else f.id for f in names if isinstance(f, ast.Attribute | ast.Name)}


def test_nobody_but_the_setter_reaches_the_statements_that_write_a_status() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    callers = {str(path.relative_to(ROOT)) for path in files if _calls(path) & {"set_job", "insert_job"}}
    assert callers == {"executor/life/setting.py"}
    others = [path for path in files if path.name != "store.py" or path.parent.name != "executor"]
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in others}
    writers = {name: text for name, text in texts.items() if "update(jobs)" in text or "insert(jobs)" in text}
    assert "executor/waiting/store.py" in writers  # a place in the line is no status
    del writers["executor/crowding.py"]  # a measurement, on a line and a database of its own
    assert [name for name, text in writers.items() if re.search(r"insert\(jobs\)|values\([^)]*\bstatus", text)] == []


async def test_the_other_statements_refuse_a_status(both: Floor) -> None:
    async with both.db.write() as tx:
        with pytest.raises(TypeError):
            await store.change_job(tx, "x", AT_WORK, status=JobStatus.COMPLETED)
        with pytest.raises(TypeError):
            await store.change_leased(tx, "x", "token", status=JobStatus.COMPLETED)


@given(st.sampled_from(JobStatus), st.sampled_from(JobStatus), st.none() | st.sampled_from(JobEnding))
def test_an_entry_is_a_step_of_the_table_with_an_ending_exactly_at_the_end(
    now: JobStatus, then: JobStatus, ending: JobEnding | None
) -> None:
    same = now is then and then not in OVER
    unsent = (now, then) == (JobStatus.QUEUED, JobStatus.COMPLETED)
    misnamed = (then in OVER) != (ending is not None) or unsent != (ending is JobEnding.CACHED)
    if not same and (then not in rules.ALLOWED[now] or misnamed):
        with pytest.raises(rules.ForbiddenTransition):
            rules.entry(now, then, NOW, ending)
        return
    values = rules.entry(now, then, NOW, ending)
    if same:
        assert values == {}
        return
    assert values["status"] is then
    assert (values.get("ended_at"), values.get("ending")) == ((NOW, ending) if then in OVER else (None, None))
    assert (then in AT_WORK) == ("lease_token" not in values)
    assert then not in rules.MOMENTS or values[rules.MOMENTS[then]] == NOW


async def test_a_jump_that_the_table_forbids_changes_nothing(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url, work=False) as executor:
        run_id = await both.start(executor, create())
    async with both.db.write() as tx:
        [job] = await store.open_jobs(tx, run_id)
        row = await setting.locked(tx, job["id"], [JobStatus.QUEUED])
        with pytest.raises(rules.ForbiddenTransition):
            await setting.enter(tx, row, JobStatus.COMPLETED, NOW, JobEnding.DONE)
    async with both.db.read() as tx:
        row = await store.job(tx, job["id"])
    assert row is not None
    assert row["status"] == JobStatus.QUEUED
