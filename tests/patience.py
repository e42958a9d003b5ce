"""How long a test waits for what must come: so long that only a failure ever takes it, on a machine however busy."""

from __future__ import annotations

PATIENCE_S = 60.0
"""For what happens within processes that run."""

STARTING_S = 180.0
"""For a process that reads its models first."""
