"""What was measured, as this process knows it: read now and then, counted with every job that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from base.clock import Clock
from base.db import Tx
from executor.model import Claim, Cost
from executor.waiting import store
from executor.waiting.durations import KEPT, Kind, Learned, bucket_of
from tools.model import Step

FRESH_S = 20.0  # what other processes measured is known here after so long
_NOT_LEARNED = "incognito"


class Measures:
    """`learned` is always there and never waits; `refresh` brings it up to date."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.learned = clock, Learned()
        self._read_at = float("-inf")

    async def refresh(self, tx: Tx) -> Learned:
        """What is known, at most some seconds old."""
        if self._clock.monotonic() - self._read_at >= FRESH_S:
            seen: dict[Kind, dict[int, float]] = {}
            for row in await store.measured(tx):
                seen.setdefault(Kind(row["tool"], row["size"], row["device"]), {})[row["bucket"]] = row["weight"]
            self.learned, self._read_at = Learned(seen), self._clock.monotonic()
        return self.learned

    async def note(self, tx: Tx, claim: Claim, costs: Mapping[str, Cost], device: str | None) -> None:
        """Count what a job took. Nothing of an incognito one; nothing of several steps in one graph, whose shares are a
        guess."""
        kind = self._kind([one.step for one in claim.steps], device)
        if kind is None or claim.owner.tier == _NOT_LEARNED:
            return
        seconds = sum(cost.gpu_s for cost in costs.values())
        if seconds <= 0:
            return
        await store.count(tx, kind, bucket_of(seconds))

    async def age(self, tx: Tx) -> None:
        """Let old and new weigh half where much is known. By one process at a time: it takes many rows, and whoever counts
        takes one."""
        self._read_at = float("-inf")
        for kind in (await self.refresh(tx)).heavy(KEPT):
            await store.halve(tx, kind)

    def _kind(self, steps: Sequence[Step], device: str | None) -> Kind | None:
        if len(steps) != 1 or steps[0].size is None or device is None:
            return None
        return Kind(steps[0].tool, steps[0].size, device)
