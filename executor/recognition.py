"""Whether a process belongs to this installation: it has the master key of the others, and sees the folder of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from base.clock import Clock
from base.db import Database, persistently
from base.errors import Problem, Reportable, SchemaBehind
from base.log import get_logger
from executor.assets import sharing

log = get_logger(__name__)
_AGAIN_S = 2.0


class Keys(Protocol):
    """A key store, as far as it matters here."""

    async def recognise(self) -> None:
        """Raises WrongMasterKey, SchemaBehind."""
        ...


class Recognition:
    """`folder` is where media are kept, None where that is in a bucket or where this process carries none."""

    def __init__(self, db: Database, keys: Keys, clock: Clock, folder: Path | None) -> None:
        self._db, self._keys, self._clock, self._folder = db, keys, clock, folder
        self._done = False

    async def begin(self) -> None:
        """At the start. A schema that is behind says nothing yet: `done` waits for it. Raises WrongMasterKey, FolderNotShared."""
        try:
            await persistently(self._recognise, self._clock)
        except SchemaBehind as problem:
            log.warning("not_recognised_yet", code=problem.code)

    async def done(self) -> None:
        """Return once it is known that this process belongs here: who works, begins after it."""
        while not self._done:
            try:
                await self._recognise()
            except Reportable as problem:
                if isinstance(problem, Problem) and not isinstance(problem, SchemaBehind):
                    log.error("not_recognised", code=problem.code, reason=problem.detail, action=problem.next_step)
                await self._clock.sleep(_AGAIN_S)

    async def _recognise(self) -> None:
        await self._keys.recognise()
        if self._folder is not None and not self._db.is_sqlite:
            await sharing.recognise(self._db, self._folder)
        self._done = True
