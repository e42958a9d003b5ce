"""What something costs beside the clock: processor of this process, and how often the database was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.engine import Engine


@dataclass
class Spent:
    """Seconds on the clock and of the processor, statements and transactions."""

    clock_s: float = 0.0
    cpu_s: float = 0.0
    statements: int = 0
    transactions: int = 0

    def note(self, count: int) -> str:
        """The cost of each of so many."""
        each = f"{1000 * self.cpu_s / count:.3g} ms of processor, {self.statements / count:.3g} statements"
        return f"{count} of them; each {each}, {self.transactions / count:.3g} transactions"


@contextmanager
def spending() -> Iterator[Spent]:
    """Filled when the block is through."""
    spent, clock, cpu = Spent(), time.monotonic(), time.process_time()

    def asked(*_: object) -> None:
        spent.statements += 1

    def begun(*_: object) -> None:
        spent.transactions += 1

    event.listen(Engine, "before_cursor_execute", asked)
    event.listen(Engine, "begin", begun)
    try:
        yield spent
    finally:
        event.remove(Engine, "before_cursor_execute", asked)
        event.remove(Engine, "begin", begun)
        spent.clock_s, spent.cpu_s = time.monotonic() - clock, time.process_time() - cpu
