"""What fell and what rose between two runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.model import Case, Verdict


@dataclass(frozen=True)
class Pair:
    """A case in both runs, with how often it passed of how often it was asked."""

    case: Case
    before: tuple[int, int]
    after: tuple[int, int]
    verdicts: tuple[Verdict, ...] = ()
    """The failing answers of the second run."""

    @property
    def change(self) -> float:
        return self.after[0] / self.after[1] - self.before[0] / self.before[1]


@dataclass(frozen=True)
class Comparison:
    """Only cases that say the same in both runs are compared; `changed` asked or expected something else before."""

    fell: tuple[Pair, ...]
    rose: tuple[Pair, ...]
    same: int
    changed: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]


def compare(before: Sequence[Verdict], after: Sequence[Verdict]) -> Comparison:
    """Per case, by pass rates: 3 of 3 and then 2 of 3 has fallen."""
    old, new = _by_case(before), _by_case(after)
    both = [key for key in old if key in new]
    changed = [key for key in both if old[key][0].case.hash() != new[key][0].case.hash()]
    pairs = [_pair(old[key], new[key]) for key in both if key not in changed]
    return Comparison(
        fell=tuple(pair for pair in pairs if pair.change < 0), rose=tuple(pair for pair in pairs if pair.change > 0),
        same=sum(pair.change == 0 for pair in pairs), changed=tuple(changed),
        new=tuple(key for key in new if key not in old), gone=tuple(key for key in old if key not in new),
    )  # fmt: skip


def _by_case(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.case.key, []).append(verdict)
    return found


def _pair(before: Sequence[Verdict], after: Sequence[Verdict]) -> Pair:
    failing = tuple(verdict for verdict in after if not verdict.passed)
    return Pair(after[0].case, _rate(before), _rate(after), failing)


def _rate(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    return sum(verdict.passed for verdict in verdicts), len(verdicts)
