"""How long work takes, as what was measured tells. Pure.

Seconds are counted in buckets, each a fifth longer than the one before, per kind of work: tool, size and device. A kind
that was seldom seen leans on the next size of the same tool and device, moved in proportion, and where there is none on
the tool's own estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RATIO = 2**0.25
SHIFT = 2  # buckets that a neighbouring size is away: half an octave, in quarters
LEAN = 3.0  # measurements that what is leaned on is worth
NEAR = 6  # sizes away that still tell something
KEPT = 200.0  # above so many, old and new are halved together, so that a driver or a disk that changed is learned
UNKNOWN_DEVICE = "unknown"  # of a server that tells nothing of itself
_LEAST_S = 0.01
_UNSURE = 1.5  # how much further a guess may be off than it says


@dataclass(frozen=True)
class Kind:
    """What durations are learned for. `size` is the class of `tools.rules.size_class`."""

    tool: str
    size: int
    device: str


@dataclass(frozen=True)
class Guess:
    """Seconds that are not known exactly: mean and variance."""

    mean: float
    variance: float

    def __add__(self, other: Guess) -> Guess:
        return Guess(self.mean + other.mean, self.variance + other.variance)

    def range(self, z: float) -> tuple[float, float]:
        """Low and high, `z` standard deviations of the logarithm away from its middle: never negative, longer upwards."""
        if self.mean <= 0:
            return 0.0, 0.0
        spread = math.log(1 + self.variance / self.mean**2)
        middle = math.log(self.mean) - spread / 2
        return math.exp(middle - z * math.sqrt(spread)), math.exp(middle + z * math.sqrt(spread))


NOW = Guess(0.0, 0.0)


@dataclass(frozen=True)
class Spread:
    """How often which duration was seen: bucket -> weight, never empty."""

    weights: Mapping[int, float]

    @property
    def total(self) -> float:
        return sum(self.weights.values())

    def guess(self) -> Guess:
        mean = sum(w * middle(b) for b, w in self.weights.items()) / self.total
        square = sum(w * (middle(b) - mean) ** 2 for b, w in self.weights.items()) / self.total
        return Guess(mean, square)

    def quantile(self, share: float) -> float:
        """Seconds within which this share of the work was done."""
        wanted, seen = share * self.total, 0.0
        for bucket in sorted(self.weights):
            weight = self.weights[bucket]
            if seen + weight >= wanted:
                return float(RATIO ** (bucket + (wanted - seen) / weight))
            seen += weight
        return float(RATIO ** (max(self.weights) + 1))

    def left(self, spent_s: float) -> Guess:
        """What is left of work that runs for `spent_s` already: only what takes longer than that still counts."""
        longer = {b: w for b, w in self.weights.items() if middle(b) > spent_s}
        if not longer:  # longer than anything seen: the longer it took, the longer it may
            return Guess(max(1.0, spent_s * 0.25), max(1.0, spent_s * 0.25) ** 2)
        rest = Spread(longer).guess()
        return Guess(rest.mean - spent_s, rest.variance)

    def moved(self, buckets: int, weight: float) -> Spread:
        """The same shape elsewhere, worth so much altogether."""
        factor = weight / self.total
        return Spread({b + buckets: w * factor for b, w in self.weights.items()})

    def with_more(self, other: Mapping[int, float]) -> Spread:
        return Spread({b: self.weights.get(b, 0.0) + other.get(b, 0.0) for b in {*self.weights, *other}})


def bucket_of(seconds: float) -> int:
    return math.floor(math.log(max(seconds, _LEAST_S), RATIO))


def middle(bucket: int) -> float:
    """Seconds in the middle of a bucket."""
    return float(RATIO ** (bucket + 0.5))


def guessed(low_s: float, high_s: float, weight: float = LEAN) -> Spread:
    """What an estimate is worth that nothing measured stands behind: around its middle, wider than it says."""
    low = max(low_s, _LEAST_S)
    high = max(high_s, low * RATIO)
    centre, width = math.log(low * high) / 2, max(0.15, math.log(high / low) / 2.56 * _UNSURE)
    steps = [centre + width * z / 2 for z in range(-4, 5)]
    shares = [math.exp(-((z / 2) ** 2) / 2) for z in range(-4, 5)]
    weights: dict[int, float] = {}
    for at, share in zip(steps, shares, strict=True):
        bucket = bucket_of(math.exp(at))
        weights[bucket] = weights.get(bucket, 0.0) + share * weight / sum(shares)
    return Spread(weights)


class Learned:
    """What was measured: kind -> bucket -> weight. A value; what is new makes a new one."""

    def __init__(self, seen: Mapping[Kind, Mapping[int, float]] | None = None) -> None:
        self._seen = dict(seen or {})
        self._guesses: dict[tuple[Kind, tuple[float, float]], Guess] = {}
        self._sizes: dict[tuple[str, str], list[int]] = {}
        for kind in self._seen:
            self._sizes.setdefault((kind.tool, kind.device), []).append(kind.size)

    def spread(self, kind: Kind, estimate_s: tuple[float, float]) -> Spread:
        """How long this kind of work takes, when the tool itself says `estimate_s`."""
        return self._leaned_on(kind, estimate_s).with_more(self._seen.get(kind, {}))

    def guess(self, kind: Kind, estimate_s: tuple[float, float]) -> Guess:
        """The same in short, worked out once."""
        known = self._guesses.get((kind, estimate_s))
        if known is None:
            known = self._guesses[kind, estimate_s] = self.spread(kind, estimate_s).guess()
        return known

    def measured(self, tool: str, size: int, device: str | None, seconds: tuple[float, float]) -> tuple[float, float]:
        """Four of five take between these; `seconds`, the tool's own estimate, where nothing like it was ever measured."""
        kind = Kind(tool, size, device or UNKNOWN_DEVICE)
        if self._nearest(kind) is None:
            return seconds
        spread = self.spread(kind, seconds)
        return round(spread.quantile(0.1), 1), round(spread.quantile(0.9), 1)

    def heavy(self, bound: float) -> list[Kind]:
        """The kinds of which more measurements count than so many."""
        return [kind for kind, weights in self._seen.items() if sum(weights.values()) > bound]

    def _leaned_on(self, kind: Kind, estimate_s: tuple[float, float]) -> Spread:
        near = self._nearest(kind, other=True)
        if near is None:
            return guessed(*estimate_s)
        spread = Spread(self._seen[near])
        low, high = spread.quantile(0.1), spread.quantile(0.9)
        factor = RATIO ** (SHIFT * (kind.size - near.size))
        return guessed(low * factor, high * factor)

    def _nearest(self, kind: Kind, *, other: bool = False) -> Kind | None:
        sizes = self._sizes.get((kind.tool, kind.device), [])
        near = [s for s in sizes if abs(s - kind.size) <= NEAR and not (other and s == kind.size)]
        return Kind(kind.tool, min(near, key=lambda s: (abs(s - kind.size), s)), kind.device) if near else None


def time_left(fraction: float, spent_s: float, expected: Spread) -> float:
    """Seconds until work is done that is at `fraction` after `spent_s`.

    In the beginning what was learned counts, towards the end what this very run shows.
    """
    learned = expected.left(spent_s).mean
    if fraction <= 0.0:
        return learned
    shown = spent_s * (1 - fraction) / fraction
    return fraction * shown + (1 - fraction) * learned if fraction < 1.0 else 0.0


def together(guesses: Iterable[Guess]) -> Guess:
    """One after another."""
    total = NOW
    for guess in guesses:
        total += guess
    return total
