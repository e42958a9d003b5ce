"""What the monkey does and when: the same for the same seed, however long it is listened to. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What can happen to a program, or to the connections that lead to it."""

    #: the process ends without a word, and is started again
    KILL = "kill"
    #: the process stands still for longer than a lease, then goes on as if nothing had happened
    FREEZE = "freeze"
    #: every connection breaks
    CUT = "cut"
    #: one direction of every connection ends, the other stays
    HALVE = "halve"
    #: every connection stays and nothing passes, as behind a router that forgot it
    SILENCE = "silence"
    #: everything takes its time
    SLOW = "slow"
    #: Redis forgets
    FLUSH = "flush"


ABLE: Mapping[str, tuple[Deed, ...]] = {
    "worker": (Deed.KILL, Deed.FREEZE),
    "web": (Deed.KILL, Deed.FREEZE),
    "renderer": (Deed.KILL, Deed.FREEZE, Deed.CUT, Deed.HALVE, Deed.SLOW),
    "redis": (Deed.KILL, Deed.FLUSH, Deed.CUT, Deed.HALVE, Deed.SILENCE, Deed.SLOW),
    "postgres": (Deed.CUT, Deed.HALVE, Deed.SILENCE, Deed.SLOW),
}
"""Kind of target -> what may happen to it. PostgreSQL itself stays: it is the truth."""

OFTEN: Mapping[str, int] = {"worker": 4, "renderer": 3, "redis": 2, "postgres": 1, "web": 1}
"""Kind of target -> its share of what comes after the first round. What is hit most loses jobs most easily; a web that is
killed over and over would show how long Python imports."""


@dataclass(frozen=True)
class Act:
    """Seconds to wait before it, and how many it lasts."""

    wait_s: float
    deed: Deed
    target: str
    for_s: float


def acts(seed: int, cast: Sequence[str], *, every_s: float, lease_s: float) -> Iterator[Act]:
    """For ever. First every deed once on each kind of target, in a shuffled order; then as often as `OFTEN` says. `cast` are
    names such as `worker-2`."""
    chance = random.Random(seed)
    kinds = sorted({kind_of(name) for name in cast})
    pairs = [(deed, kind) for kind in kinds for deed in ABLE[kind]]
    chance.shuffle(pairs)
    yield from (_act(chance, deed, kind, cast, every_s, lease_s) for deed, kind in pairs)
    while True:
        [kind] = chance.choices(kinds, [OFTEN[kind] for kind in kinds])
        deed = chance.choice(ABLE[kind])
        yield _act(chance, deed, kind, cast, every_s, lease_s)


def once_each(cast: Sequence[str]) -> int:
    """How many acts it takes until everything happened once."""
    return sum(len(ABLE[kind]) for kind in {kind_of(name) for name in cast})


def kind_of(name: str) -> str:
    return name.partition("-")[0]


def _act(chance: random.Random, deed: Deed, kind: str, cast: Sequence[str], every_s: float, lease_s: float) -> Act:
    target = chance.choice(sorted(name for name in cast if kind_of(name) == kind))
    longest = {Deed.KILL: 3.0, Deed.FREEZE: 2.5 * lease_s, Deed.SILENCE: 8.0, Deed.SLOW: 6.0}.get(deed, 0.0)
    return Act(chance.uniform(0.3, 1.7) * every_s, deed, target, chance.uniform(0.2, 1.0) * longest)
