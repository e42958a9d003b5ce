"""How the pictures of a conversation hang together: versions of one another, and sets that came together. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded.stems import stems
from agent.model import PlanningRequest, Shown


def find(request: PlanningRequest, ref: str | None) -> Shown | None:
    """The shown picture of a ref or handle."""
    return next((item for item in request.shown if ref is not None and ref in (item.ref, item.handle)), None)


def before(request: PlanningRequest, ref: str | None) -> Shown | None:
    """The version that a picture came from: what it refines, else its first parent, else the one that was drawn anew
    with the same seed."""
    item = find(request, ref)
    if item is None:
        return None
    if item.version_of is not None:
        return find(request, item.version_of)
    if item.parents:
        return find(request, item.parents[0])
    earlier = request.shown[: request.shown.index(item)]
    return next((other for other in reversed(earlier) if _drawn_anew(other, item)), None)


def versions(request: PlanningRequest, ref: str | None) -> list[Shown]:
    """From the first ancestor to this one."""
    chain: list[Shown] = []
    item = find(request, ref)
    while item is not None and item not in chain:
        chain.append(item)
        item = before(request, item.ref)
    return chain[::-1]


def root(request: PlanningRequest, ref: str) -> str:
    """The first ancestor of a picture: an upload, or what was created from nothing."""
    chain = versions(request, ref)
    return chain[0].ref if chain else ref


def after(request: PlanningRequest, ref: str | None) -> Shown | None:
    """The newest version that came from this one."""
    return next(
        (item for item in reversed(request.shown) if before(request, item.ref) == find(request, ref)), None
    )


def together(request: PlanningRequest) -> list[Shown]:
    """The set at hand: the newest that has several members, while all that came since was made from them."""
    if len(request.attached) > 1:
        return [item for ref in request.attached if (item := find(request, ref)) is not None]
    for item in reversed(request.shown):
        members = [other for other in request.shown if other.set is not None and other.set == item.set]
        if len(members) > 1:
            return members if _still_at_hand(request, members) else []
    return []


def counted(request: PlanningRequest) -> list[Shown]:
    """What "the second one" counts in: the set at hand, else everything."""
    return together(request) or list(request.shown)


def _still_at_hand(request: PlanningRequest, members: Sequence[Shown]) -> bool:
    newer = request.shown[request.shown.index(members[-1]) + 1 :]
    return all(any(other in members for other in versions(request, item.ref)) for item in newer)


def _drawn_anew(earlier: Shown, later: Shown) -> bool:
    """The same seed and mostly the same words: a version, though no pixel went from one to the other."""
    if (
        "seed" not in later.params
        or earlier.params.get("seed") != later.params["seed"]
        or earlier.set == later.set is not None
    ):
        return False
    few, many = sorted((stems(earlier.words), stems(later.words)), key=len)
    return bool(few) and len(few & many) * 2 > len(few)
