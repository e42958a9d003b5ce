"""Jobs that this worker cannot take now, by no fault of theirs: they are left to others, or wait where there are none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from base.db import Tx
from base.errors import Problem
from executor import roster
from executor.errors import NoRoom
from executor.model import Tag
from tools.errors import ToolUnknown


class NotMine(Problem):
    """This worker cannot take it now, by no fault of the job."""

    def __init__(self, kind: type[Problem], reason: str, *, elsewhere: bool) -> None:
        super().__init__(reason)
        self.kind, self.elsewhere = kind, elsewhere
        """Another worker may take it: this one says nothing."""


async def without_room(tx: Tx, row: Any, owner: str, now: datetime, lease_s: float) -> NotMine:
    """The disk of `owner` is full."""
    elsewhere = await roster.others_have_room(tx, Tag(row["tag"]), now, lease_s, but=owner)
    return NotMine(NoRoom, "The disk of the machine that works is full; it starts as soon as there is room.", elsewhere=elsewhere)


async def unknown(tx: Tx, tool: str, row: Any, owner: str, now: datetime, lease_s: float) -> NotMine:
    """`owner` knows no such tool."""
    elsewhere = await roster.may_know(tx, tool, Tag(row["tag"]), now, lease_s, but=owner)
    return NotMine(ToolUnknown, f"No worker knows the tool {tool} yet; it starts as soon as one does.", elsewhere=elsewhere)
