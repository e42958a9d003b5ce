"""Which weight files an instance has loaded, as far as we can tell from what it was given.

ComfyUI keeps what it loaded until the memory is needed for something else, the oldest going first. What an instance that
was away had loaded is not known any more: it may have been started again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

GUESSED_BYTES = 2 << 30
"""Of a file whose size nobody wrote down."""
GUESSED_ROOM_GB = 8.0
"""Of an instance that does not tell its memory."""


@dataclass(frozen=True)
class Warm:
    """A file, by a hash of its name, that an instance loaded for a job at this moment."""

    file: str
    bytes: int
    used_at: datetime


def still_warm(noted: Sequence[Warm], cold_at: datetime | None) -> list[Warm]:
    """Without what was loaded before the instance was away."""
    return [each for each in noted if cold_at is None or each.used_at > cold_at]


def after(noted: Sequence[Warm], weights: Mapping[str, int], room_gb: float | None, now: datetime) -> list[Warm]:
    """What is loaded once a job with these weights runs: all of them, and of the others the newest that fit beside them."""
    room = int((room_gb or GUESSED_ROOM_GB) * 2**30) - sum(weights.values())
    kept = [Warm(file, size, now) for file, size in sorted(weights.items())]
    for each in sorted((w for w in noted if w.file not in weights), key=lambda w: (w.used_at, w.file), reverse=True):
        room -= each.bytes
        if room < 0:
            break
        kept.append(each)
    return kept
