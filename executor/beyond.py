"""Jobs that this process cannot read, as those of a newer version in a rolling upgrade: they keep it from nothing else."""

from __future__ import annotations

from base.clock import Clock
from base.log import get_logger
from executor.life.steps import Unreadable

log = get_logger(__name__)
#: What reading a row raises that another version wrote.
WRONG = (Unreadable, ValueError, TypeError, LookupError)


class Beyond:
    """They are looked at again after `again_s`: somebody may have mended them."""

    def __init__(self, clock: Clock, again_s: float) -> None:
        self._clock, self._again_s = clock, again_s
        self._until: dict[str, float] = {}

    def holds(self, job_id: str) -> bool:
        """Whether it was found to be so a while ago."""
        return self._until.get(job_id, float("-inf")) > self._clock.monotonic()

    def note(self, job_id: str, error: Exception) -> None:
        """Say so in the log, by the kind of error alone: its words show what was written."""
        now = self._clock.monotonic()
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[job_id] = now + self._again_s
        log.warning("job_not_readable", job_id=job_id, error=type(error).__name__)
