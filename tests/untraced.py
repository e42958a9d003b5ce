"""What tries everything is not traced for coverage: that takes two to five times as long, and plain tests reach the same lines.

A whole module says `pytestmark = EXHAUSTIVE`; a fixture that does the work for all its tests does it within `untraced()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import coverage
import pytest

EXHAUSTIVE = pytest.mark.no_cover


@contextmanager
def untraced() -> Iterator[None]:
    """Nothing in the block counts as covered."""
    tracing = coverage.Coverage.current()
    if tracing is None:
        yield
        return
    tracing.stop()
    try:
        yield
    finally:
        tracing.start()
