"""The life of runs and jobs: each verb changes rows and writes the run's events in the caller's transaction.

A run ends exactly once, and says nothing afterwards. A worker's verbs name the lease token; a lost lease raises LeaseLost, a run
that was cancelled or is over Stopped: either rolls everything back and throws the result away. Both are asked under the locks of
which `locks.py` tells the order. The phases are in `life/`, each on top of those that it needs.
"""

from __future__ import annotations

from executor.life.reviving import Reviving
from executor.life.setting import LeaseLost
from executor.life.telling import stream

__all__ = ["LeaseLost", "Lifecycle", "stream"]


class Lifecycle(Reviving):
    """What may happen to runs and jobs: the one door."""
