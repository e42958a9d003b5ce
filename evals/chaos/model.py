"""What is asked for and what is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Size:
    """How large the house is, how much it shall do, and how it is shaken."""

    jobs: int = 1000
    seed: int = 7
    workers: int = 3
    webs: int = 2
    renderers: int = 4
    conversations: int = 6
    messages: int = 3
    """In each conversation."""
    every_s: float = 1.5
    """Between two deeds of the monkey, on average."""
    lease_s: float = 6.0
    step_s: float = 0.05
    """Of each of the sampling steps of a picture, of which there are four."""
    storm_s: float = 1200.0
    """The monkey stops after so long, whatever is left to do."""
    bound_s: float = 300.0
    """Once the monkey has stopped: when nothing got on for so long, nothing will. However slow the machine is, something does."""


@dataclass
class Ordered:
    """One order of a customer: what was sent under which key, and what came of it."""

    key: str
    body: dict[str, Any]
    customer: int
    run_id: str | None = None
    refusal: str | None = None
    tries: int = 0


@dataclass
class Findings:
    """Sentences, one for each thing that is not as it must be. Ids only."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.lost) + len(self.doubled) + len(self.orphaned)

    def add(self, other: Findings) -> None:
        self.lost += other.lost
        self.doubled += other.doubled
        self.orphaned += other.orphaned


@dataclass
class Report:
    """The end of it."""

    size: Size
    findings: Findings
    deeds: Counter[str]
    failures: Counter[str]
    """Code of a run or turn that failed -> how often. A failure with a name is allowed."""
    figures: dict[str, float]

    @property
    def whole(self) -> bool:
        """Whether nothing was lost, doubled or orphaned."""
        return not self.findings.total
