"""The auditor: reads the tables as they lie there, and the pictures as a customer does. It believes no room of the house,
which is why its SQL names tables and columns by itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from base.db import Database
from base.http import client
from evals.chaos.model import Findings, Ordered

ENDS = {"completed": "run.completed", "failed": "run.failed", "cancelled": "run.cancelled"}
_OPEN_RUNS = "SELECT count(*) AS n FROM runs WHERE status NOT IN ('completed', 'failed', 'cancelled')"
_OVER_RUNS = "SELECT count(*) AS n FROM runs WHERE status IN ('completed', 'failed', 'cancelled') AND origin IS NULL"
_RUNS = "SELECT id, status, origin, error_code, credits, gpu_s FROM runs"
_COSTS = "SELECT run_id, sum(credits) AS credits, sum(gpu_s) AS gpu_s FROM jobs GROUP BY run_id"
_HELD = "SELECT id, status FROM jobs WHERE status NOT IN ('completed', 'failed', 'cancelled', 'dead')"
_TWICE = (
    "SELECT run_id, step_id, port, position, count(*) AS n FROM assets WHERE run_id IS NOT NULL"
    " GROUP BY run_id, step_id, port, position HAVING count(*) > 1"
)
_GAPS = (
    "SELECT s.id, s.last, count(e.number) AS n, coalesce(max(e.number), 0) AS top FROM streams s"
    " LEFT JOIN events e ON e.stream = s.id GROUP BY s.id, s.last"
    " HAVING count(e.number) <> s.last OR coalesce(max(e.number), 0) <> s.last"
)
_ENDS = (
    "SELECT stream, type, count(*) AS n FROM events WHERE stream LIKE 'run:%'"
    " AND type IN ('run.completed', 'run.failed', 'run.cancelled') GROUP BY stream, type"
)
_REFS = (
    "SELECT coalesce(b.key, a.blob) AS key, coalesce(b.refs, 0) AS refs, coalesce(a.n, 0) AS n FROM blobs b FULL JOIN"
    " (SELECT blob, count(*) AS n FROM assets GROUP BY blob) a ON a.blob = b.key"
    " WHERE coalesce(b.refs, 0) <> coalesce(a.n, 0)"
)
_CENT = 0.01


class Auditor:
    """Asks a PostgreSQL directly, past every broken link."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open_runs(self) -> int:
        return int((await self._all(_OPEN_RUNS))[0]["n"])

    async def over_runs(self) -> int:
        """Ordered runs that have ended."""
        return int((await self._all(_OVER_RUNS))[0]["n"])

    async def books(self, ordered: Sequence[Ordered]) -> tuple[Findings, Counter[str]]:
        """Everything that the rows tell, and the failures with a name."""
        runs = {row["id"]: row for row in await self._all(_RUNS)}
        found, failures = Findings(), Counter[str]()
        self._compare_orders(ordered, runs, found)
        self._compare_endings(runs, found, failures)
        await self._compare_costs(runs, found)
        await self._compare_events(runs, found)
        for row in await self._all(_HELD):
            found.lost.append(f"job {row['id']} is still {row['status']}")
        for row in await self._all(_TWICE):
            found.doubled.append(f"run {row['run_id']}: {row['n']} assets for {row['step_id']}.{row['port']}")
        for row in await self._all(_REFS):
            kind = found.orphaned if row["refs"] > row["n"] else found.lost
            kind.append(f"blob {row['key']} is counted {row['refs']} times and used {row['n']} times")
        return found, failures

    async def seconds_by_job(self) -> dict[str, float]:
        """Job -> GPU seconds of the execution that counted."""
        return {row["id"]: float(row["gpu_s"]) for row in await self._all("SELECT id, gpu_s FROM jobs")}

    def _compare_orders(self, ordered: Sequence[Ordered], runs: dict[str, Any], found: Findings) -> None:
        taken = Counter(one.run_id for one in ordered if one.run_id)
        found.doubled += [f"run {run} answers {n} orders" for run, n in taken.items() if n > 1]
        found.lost += [f"run {run} was promised and is not there" for run in taken if run not in runs]
        found.lost += [f"order {one.key} was never taken ({one.refusal})" for one in ordered if not one.run_id]
        uncalled = [run for run, row in runs.items() if row["origin"] is None and run not in taken]
        found.doubled += [f"run {run} was ordered by nobody" for run in uncalled]

    def _compare_endings(self, runs: dict[str, Any], found: Findings, failures: Counter[str]) -> None:
        for run, row in runs.items():
            if row["status"] not in ENDS or row["status"] == "cancelled":
                found.lost.append(f"run {run} is {row['status']}")
            elif row["status"] == "failed":
                failures[row["error_code"] or ""] += 1
                if not row["error_code"]:
                    found.lost.append(f"run {run} failed without a name")

    async def _compare_costs(self, runs: dict[str, Any], found: Findings) -> None:
        costs = {row["run_id"]: row for row in await self._all(_COSTS)}
        for run, row in runs.items():
            spent = costs.get(run, {"credits": 0.0, "gpu_s": 0.0})
            if any(abs(row[name] - spent[name]) > _CENT for name in ("credits", "gpu_s")):
                found.doubled.append(f"run {run} costs {row['gpu_s']:.2f} s, its jobs {spent['gpu_s']:.2f} s")

    async def _compare_events(self, runs: dict[str, Any], found: Findings) -> None:
        for row in await self._all(_GAPS):
            found.lost.append(f"stream {row['id']}: {row['n']} events, the last is {row['top']} of {row['last']}")
        ends: dict[str, Counter[str]] = {}
        for row in await self._all(_ENDS):
            ends.setdefault(row["stream"].removeprefix("run:"), Counter())[row["type"]] += row["n"]
        for run, row in runs.items():
            told = ends.get(run, Counter[str]())
            if row["status"] in ENDS and told != Counter({ENDS[row["status"]]: 1}):
                kind = found.doubled if told.total() > 1 else found.lost
                kind.append(f"run {run} is {row['status']} and told {dict(told)}")

    async def _all(self, statement: str) -> list[Any]:
        async with self._db.read() as tx:
            return await tx.all(text(statement))


async def look_at_pictures(url: str, tokens: Sequence[str], ordered: Sequence[Ordered]) -> Findings:
    """Every output of every run, fetched and hashed as its customer would."""
    found, waiting = Findings(), iter([one for one in ordered if one.run_id])
    async with client(url, read_s=60) as http:

        async def look() -> None:
            for one in waiting:
                headers = {"Authorization": f"Bearer {tokens[one.customer]}"}
                answer = await http.get(f"/api/v1/runs/{one.run_id}", headers=headers)
                if answer.status_code != 200:
                    found.lost.append(f"run {one.run_id} answers {answer.status_code}")
                elif answer.json()["status"] == "completed":
                    await _check_outputs(http, headers, answer.json(), found)

        await asyncio.gather(*(look() for _ in range(4)))
    return found


async def _check_outputs(http: Any, headers: dict[str, str], run: dict[str, Any], found: Findings) -> None:
    wanted = {step["id"] for step in run["plan"]["steps"] if step["deliver"]}
    there = Counter(asset["step_id"] for asset in run["outputs"])
    found.lost += [f"run {run['id']}: {step} has no output" for step in sorted(wanted - set(there))]
    found.doubled += [f"run {run['id']}: {step} has {n} outputs" for step, n in there.items() if n > 1]
    for asset in run["outputs"]:
        content = await http.get(f"/api/v1/assets/{asset['id']}/content", headers=headers)
        if content.status_code != 200 or hashlib.sha256(content.content).hexdigest() != asset["sha256"]:
            found.lost.append(f"asset {asset['id']} is not the bytes it was ({content.status_code})")
