"""What the words of a mention name: one small function for each manner of speaking. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agent.embedded.lineage import before, counted, find, root, together, versions
from agent.embedded.references import ORDINALS
from agent.model import PlanningRequest, Shown

COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
COUNT = rf"(?:{'|'.join(COUNTS)}|\d{{1,2}})"


@dataclass(frozen=True)
class Named:
    """What a finder makes of the words it found; None for words that name no picture after all."""

    refs: Sequence[str] = ()
    sure: float = 0.9
    missing: str | None = None
    candidates: tuple[str, ...] = ()
    end: int | None = None
    """Where the words end that name it, when the pattern took more."""
    loose: bool = False
    """Names nothing new beside another mention: `the first batch, all three`."""


Finder = Callable[["re.Match[str]", PlanningRequest], Named | None]


def refs_of(items: Iterable[Shown]) -> tuple[str, ...]:
    return tuple(item.ref for item in items)


def only_one(item: Shown | None, what: str, sure: float = 0.9) -> Named:
    return Named((item.ref,), sure) if item is not None else Named(missing=what)


def handle(said: re.Match[str], request: PlanningRequest) -> Named | None:
    name = f"A{int(said['number'])}"
    if (
        find(request, name) is None
        and re.search(r"\b(?:in|to|as|for|on)\s+$", said.string[: said.start()], re.I)
        and len(name) == 2
    ):
        return None  # `print it in A4`: paper, where there is no such picture
    return only_one(find(request, name), name, 1.0)


def from_to(said: re.Match[str], request: PlanningRequest) -> Named | None:
    first, last = int(said["first"]), int(said["last"])
    names = [f"A{number}" for number in range(first, min(last, first + 50) + 1)]
    known = [item for name in names if (item := find(request, name)) is not None]
    return Named(refs_of(known), 1.0) if known and first < last else None


def back(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`third from last`, `two pictures ago`: so many back from the newest, or from the picture at hand."""
    if said["which"]:
        items, steps = counted(request), ORDINALS[said["which"].lower()]
        return Named((items[-1 - steps].ref,)) if steps < len(items) else Named(missing=said[0])
    steps = COUNTS.get(said["count"].lower(), 0) or int(said["count"])
    line = versions(request, request.focus)
    items = line if steps < len(line) else list(request.shown)
    return Named((items[-1 - steps].ref,), 0.8) if steps < len(items) else Named(missing=said[0])


def from_side(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the second from the right`."""
    items, place = counted(request), ORDINALS[said["which"].lower()]
    items = items if said["end"].lower() == "left" else items[::-1]
    return Named((items[place].ref,), 0.85) if place < len(items) else Named(missing=said[0])


def oldest(said: re.Match[str], request: PlanningRequest) -> Named | None:
    return Named((request.shown[0].ref,)) if request.shown else None


def corner(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the top left one` of four that stand in a square."""
    items = together(request)
    if len(items) != 4:
        return None
    row, column = said["row"] or said["row2"], said["column"] or said["column2"]
    place = 2 * (row.lower() in ("bottom", "lower")) + (column.lower() == "right")
    return Named((items[place].ref,), 0.85)


def numeral(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`3`, `1 and 4`: places in a set that is at hand."""
    items = together(request)
    place = int(said["number"]) - 1
    return Named((items[place].ref,), 0.8) if place < len(items) else None


def numbered(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`picture 2`, `#3`: the handle's number."""
    item = find(request, f"A{_whole(said['number'] or said['hash'])}")
    return Named((item.ref,), 1.0) if item is not None else None


def counted_option(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`number two`, `option 3`: the place in the set."""
    number = COUNTS.get(said["number"].lower(), 0) or {"one": 1}.get(said["number"].lower(), 0)
    return _placed((number or int(said["number"])) - 1, f"number {said['number']}", said, request)


def ordinal(said: re.Match[str], request: PlanningRequest) -> Named | None:
    ordinal = (said["named"] or said["plain"] or said["further"] or said["listed"]).lower()
    return _placed(ORDINALS[ordinal], f"{ordinal} one", said, request)


def _placed(position: int, what: str, said: re.Match[str], request: PlanningRequest) -> Named | None:
    """In the set at hand; a version in the line of versions; else among all."""
    items = counted(request)
    if (
        re.search(r"\bversions?\b", said[0], re.I)
        and not together(request)
        and len(line := versions(request, request.focus)) > 1
    ):
        items = line
    if position >= len(items):
        items = list(request.shown)
    if not 0 <= position < len(items):
        return Named(missing=what)
    return Named((items[position].ref,))


def ends(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the last two`, `the first three pictures`."""
    count = COUNTS.get(said["count"].lower(), 0) or int(said["count"])
    first = said["end"].lower() == "first"
    left_out = re.search(r"\b(?:but|except|besides|without)\b\W*$", said.string[: said.start()], re.I)
    items = list(counted(request)) if first or left_out else list(request.shown)
    chosen = items[:count] if first else items[-count:]
    return Named(refs_of(chosen)) if chosen else Named(missing=said[0])


def last_but_one(said: re.Match[str], request: PlanningRequest) -> Named:
    items = counted(request)
    return only_one(items[-2] if len(items) > 1 else None, "one before the last")


def newest(said: re.Match[str], request: PlanningRequest) -> Named | None:
    return Named((request.shown[-1].ref,), 0.95) if request.shown else None


def middle(said: re.Match[str], request: PlanningRequest) -> Named | None:
    items = counted(request)
    return Named((items[len(items) // 2].ref,)) if len(items) > 2 else None


def side(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the left one`, of a set that stands side by side."""
    items = counted(request)[-4:] if together(request) else list(request.shown)[-2:]
    if len(items) < 2:
        return None
    return Named((items[0 if "left" in said[0].lower() else -1].ref,), 0.75)


def original(said: re.Match[str], request: PlanningRequest) -> Named | None:
    ref = next(iter(request.attached), request.focus)
    return Named((root(request, ref),)) if ref else Named(missing="original")


def previous(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """What the picture at hand was made from, else what was there before it."""
    earlier = before(request, request.focus) or _neighbour(request)
    return only_one(earlier, "previous one", 0.85) if request.focus else None


def _whole(said: str) -> int:
    return {"one": 1, **COUNTS}.get(said.lower(), 0) or int(said)


def _neighbour(request: PlanningRequest) -> Shown | None:
    items = list(request.shown)
    item = find(request, request.focus)
    return items[items.index(item) - 1] if item is not None and items.index(item) > 0 else None


def other(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """The other of two (versions of the one at hand are not another); of more, the one before the picture at hand."""
    if request.focus is None:
        return None
    line = versions(request, request.focus)
    items = [item for item in counted(request) if item.ref != request.focus]
    apart = [item for item in items if item not in line]
    for only in (items, apart):
        if len(only) == 1:
            return Named((only[0].ref,))
    return only_one(before(request, request.focus) or _neighbour(request), "other one", 0.7)


def others(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """All of the set but the picture at hand."""
    items = [item for item in counted(request) if item.ref != request.focus]
    return Named(refs_of(items), 0.8) if items else Named(missing="other ones")


def both(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """Two of them: what came with the message, else the set, else the last two."""
    items = [item.ref for item in counted(request)]
    refs = request.attached or tuple(items[-2:])
    return Named(refs[-2:], loose=True) if len(refs) > 1 else None


def every(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`all of them`, `every one`, `all three`, `all the owls`: the set at hand, else everything there is."""
    items = counted(request)
    if count := re.search(rf"\b{COUNT}\b", said[0], re.I):
        number = COUNTS.get(count[0].lower(), 0) or int(count[0])
        items = items if len(items) == number else list(request.shown)[-number:]
    elif re.search(r"\bpictures|images|everything\b", said[0], re.I):
        items = list(request.shown)
    refs = request.attached if len(request.attached) > 1 else refs_of(items)
    return Named(refs, loose=True) if len(refs) > 1 else None


def at_work(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the one that is still rendering`."""
    waiting = [item for item in request.shown if item.handle is None]
    return Named((waiting[-1].ref,)) if waiting else None


def middle_two(said: re.Match[str], request: PlanningRequest) -> Named | None:
    items = counted(request)
    return Named(refs_of(items[len(items) // 2 - 1 : len(items) // 2 + 1])) if len(items) > 3 else None


def batch(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the first batch`, `the previous set`: among those of several pictures."""
    sets: dict[str, list[Shown]] = {}
    for item in request.shown:
        sets.setdefault(item.set or item.ref, []).append(item)
    several = [items for items in sets.values() if len(items) > 1]
    which = said["which"].lower()
    position = {
        "previous": -2,
        "earlier": -2,
        "last": -1,
        "latest": -1,
        "new": -1,
        "newest": -1,
        "old": 0,
    }.get(which, ORDINALS.get(which, 0))
    return (
        Named(refs_of(several[position]))
        if -len(several) <= position < len(several)
        else Named(missing=said[0])
    )


def before_and_after(said: re.Match[str], request: PlanningRequest) -> Named | None:
    line = versions(request, request.focus)
    return Named((line[0].ref, line[-1].ref)) if len(line) > 1 else None
