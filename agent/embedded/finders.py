"""What the words of a mention name: one small function for each manner of speaking. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from agent.embedded import described
from agent.embedded.lineage import before, counted, find, root, together, versions
from agent.embedded.references import ORDINALS
from agent.embedded.stems import stems
from agent.embedded.vocabulary import things
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


def _refs(items: Iterable[Shown]) -> tuple[str, ...]:
    return tuple(item.ref for item in items)


def _one(item: Shown | None, what: str, sure: float = 0.9) -> Named:
    return Named((item.ref,), sure) if item is not None else Named(missing=what)


def handle(said: re.Match[str], request: PlanningRequest) -> Named | None:
    name = f"A{int(said['number'])}"
    if (
        find(request, name) is None
        and re.search(r"\b(?:in|to|as|for|on)\s+$", said.string[: said.start()], re.I)
        and len(name) == 2
    ):
        return None  # `print it in A4`: paper, where there is no such picture
    return _one(find(request, name), name, 1.0)


def from_to(said: re.Match[str], request: PlanningRequest) -> Named | None:
    first, last = int(said["first"]), int(said["last"])
    names = [f"A{number}" for number in range(first, min(last, first + 50) + 1)]
    known = [item for name in names if (item := find(request, name)) is not None]
    return Named(_refs(known), 1.0) if known and first < last else None


def numbered(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`picture 2`, `#3`: the handle's number."""
    item = find(request, f"A{int(said['number'] or said['hash'])}")
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


def nth_of_kind(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the second cactus`: among the pictures that show one."""
    items = [item for item in request.shown if described.known_by(item, said["what"])]
    position = ORDINALS[said["ordinal"].lower()]
    return Named((items[position].ref,), 0.85) if position < len(items) and len(items) > 1 else None


def ends(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the last two`, `the first three pictures`."""
    count = COUNTS.get(said["count"].lower(), 0) or int(said["count"])
    first = said["end"].lower() == "first"
    left_out = re.search(r"\b(?:but|except|besides|without)\b\W*$", said.string[: said.start()], re.I)
    items = list(counted(request)) if first or left_out else list(request.shown)
    chosen = items[:count] if first else items[-count:]
    return Named(_refs(chosen)) if chosen else Named(missing=said[0])


def last_but_one(said: re.Match[str], request: PlanningRequest) -> Named:
    items = counted(request)
    return _one(items[-2] if len(items) > 1 else None, "one before the last")


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
    return _one(earlier, "previous one", 0.85) if request.focus else None


def _neighbour(request: PlanningRequest) -> Shown | None:
    items = list(request.shown)
    item = find(request, request.focus)
    return items[items.index(item) - 1] if item is not None and items.index(item) > 0 else None


def other(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """The other of two; of more, the one before the picture at hand."""
    items = [item for item in counted(request) if item.ref != request.focus]
    if request.focus is None:
        return None
    if len(items) == 1:
        return Named((items[0].ref,))
    return _one(before(request, request.focus) or _neighbour(request), "other one", 0.7)


def others(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """All of the set but the picture at hand."""
    items = [item for item in counted(request) if item.ref != request.focus]
    return Named(_refs(items), 0.8) if items else Named(missing="other ones")


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
    refs = request.attached if len(request.attached) > 1 else _refs(items)
    return Named(refs, loose=True) if len(refs) > 1 else None


def all_of_kind(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`all the owls`: every picture that shows one."""
    items = [item for item in request.shown if described.shows(item, said["what"], request)]
    return Named(_refs(items), 0.85) if len(items) > 1 else None


def sent(said: re.Match[str], request: PlanningRequest) -> Named | None:
    brought = [item for item in request.shown if item.origin == "upload"]
    return _one(brought[-1] if brought else None, "upload")


def in_colour(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """The newest version before its colours went."""
    line = versions(request, request.focus)
    gray = next(
        (n for n, item in enumerate(line) if item.params.get("grayscale") or item.params.get("sepia")), 0
    )
    return Named((line[gray - 1].ref,), 0.85) if gray else None


def mine(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`my photo`: what was brought, in the version at hand."""
    brought = [item for item in request.shown if item.origin == "upload"]
    item = find(request, request.focus)
    if not request.shown and "my" in said[0].lower():
        return Named(missing="photo")
    if not brought or request.attached or item is None:
        return None
    first = find(request, root(request, item.ref))
    if first is not None and (
        first.origin == "upload" or ("the" in said[0].lower() and "photo" in stems(item.words))
    ):
        return None  # it is the picture at hand
    return Named((brought[-1].ref,), 0.85)


def medium(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the video`, `my song`: the newest of that kind, where there is one."""
    kind = "video" if re.search(r"video|clip|film|movie|footage", said[0], re.I) else "audio"
    items = [item for item in request.shown if item.kind == kind]
    return Named((items[-1].ref,)) if items else None


def at_work(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the one that is still rendering`."""
    waiting = [item for item in request.shown if item.handle is None]
    return Named((waiting[-1].ref,)) if waiting else None


def before_that(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the version before the hat`, `before you cropped it`."""
    ref = described.before_that(said["what"], request)
    return Named((ref,)) if ref else Named(missing=said[0].lower().removeprefix("the "))


def showing(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the one with the red car`: one picture, several to choose from, or none."""
    what = _core(said["what"])
    match, end = described.match(what, request), said.start("what") + len(what)
    if match.clear:
        return Named(match.refs, 0.9 if match.score > 0.9 else 0.75, end=end)
    if match.refs:
        return Named((), 0.4, candidates=match.refs, end=end)
    if len(request.shown) < 2 or said["thing"].lower() != "one":
        return None
    return Named(missing=f"one {said.string[said.end('thing') + 1 : end]}", end=end)


def called(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the fox one`, `the cropped version`, `my dog photo`: only where some picture is known by that."""
    what = said["what"].strip()
    match = described.match(what, request)
    unknown = re.search(r"\bone$", said[0], re.I) and len(request.shown) > 1
    if not things(what) and match.score != 1:
        return Named(missing=_short(said[0])) if unknown and _LOOK.search(what) else None
    if said["plural"]:
        return all_of_kind(said, request)
    if match.clear:
        return Named(match.refs, 0.85 if match.score > 0.9 else 0.7)
    if match.refs:
        return Named((), 0.4, candidates=match.refs)
    return Named(missing=_short(said[0])) if unknown else None


_LOOK = re.compile(
    r"\b(?:blue|black|white|gr[ae]y|dark|bright|warm|cool|cold|sepia|blurr?ed|blurry|cropped|flipped|rotated|inverted|upscaled)\b", re.I
)  # fmt: skip


def _core(what: str) -> str:
    """A description up to where the request goes on: `the sofa much brighter` -> `the sofa`."""
    what = re.split(r"[,.;:!?]|\b(?:but|into|as|to|by|so that|look|instead|please)\b", what, maxsplit=1)[
        0
    ].rstrip()
    words = what.split(" ")
    while len(words) > 1 and not things(words[-1]) and things(" ".join(words[:-1])):
        words.pop()
    return " ".join(words)


def _short(said: str) -> str:
    return re.sub(r"^(?:the|that|my|this) ", "", _core(said), flags=re.I)


def topic(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`The blurry ballerina, but cooler`: what the clause begins with, when it is known by these words."""
    match = described.match(said["what"], request)
    if match.clear and match.score >= 0.5:
        return Named(match.refs, 0.8)
    return Named((), 0.4, candidates=match.refs) if match.refs and match.score == 1 else None


def original_of(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the original polar bear`."""
    match = described.match(said["what"], request)
    return Named((root(request, match.refs[-1]),), 0.85) if match.clear else None


def undone(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the uncropped photo`, `the sofa before you turned it`, `the elephants without the sepia`."""
    match = (
        described.match(said["subject"], request)
        if said["subject"]
        else described.Match((request.focus or "",), 1.0)
    )
    line = match.refs[-1] if match.refs and said["subject"] else None
    ref = described.before_that(said["what"], request, line) if line or not said["subject"] else None
    return Named((ref,), 0.85) if ref else None


def opposite(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the daytime one`: the version before it was night, unless another is known by that word."""
    word = said["what"].lower()
    if described.match(word, request).score == 1:
        return None
    ref = described.before_that(OPPOSITE[word], request)
    return Named((ref,), 0.8) if ref else None


OPPOSITE = {
    "daytime": "night", "day": "night", "sunny": "rain storm night", "summer": "winter snow", "dry": "rain", "sharp": "blurred",
    "plain": "pattern", "empty": "people",
}  # fmt: skip


def shaped(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the tall one`, `the wide picture`, `the biggest one`: by the size, where one stands out."""
    items = [item for item in request.shown if item.size is not None]
    kind = said["what"].lower()
    upright, lying = (
        ("tall", "upright", "vertical", "tallest"),
        ("wide", "panoramic", "horizontal", "widest", "landscape"),
    )
    sizes = {item.ref: (item.size.width, item.size.height) for item in items if item.size}
    if kind in upright:
        fitting = [ref for ref, (width, height) in sizes.items() if height > 1.15 * width]
    elif kind in lying:
        fitting = [ref for ref, (width, height) in sizes.items() if width > 1.15 * height]
    else:
        most = (min if kind == "smallest" else max)((w * h for w, h in sizes.values()), default=0)
        fitting = [ref for ref, (width, height) in sizes.items() if width * height == most]
    if not fitting or len(fitting) == len(sizes) > 1:
        return None
    return Named((fitting[0],), 0.85) if len(fitting) == 1 else Named((), 0.4, candidates=tuple(fitting))


def middle_two(said: re.Match[str], request: PlanningRequest) -> Named | None:
    items = counted(request)
    return Named(_refs(items[len(items) // 2 - 1 : len(items) // 2 + 1])) if len(items) > 3 else None


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
        Named(_refs(several[position]))
        if -len(several) <= position < len(several)
        else Named(missing=said[0])
    )


def before_and_after(said: re.Match[str], request: PlanningRequest) -> Named | None:
    line = versions(request, request.focus)
    return Named((line[0].ref, line[-1].ref)) if len(line) > 1 else None


def uploads(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`both of my uploaded photos`."""
    brought = [item for item in request.shown if item.origin == "upload"]
    return Named(_refs(brought[-2:] if "both" in said[0].lower() else brought)) if len(brought) > 1 else None


def pair(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`robot and castle, both sharper`."""
    matches = [described.match(said[name], request) for name in ("one", "other")]
    if not all(match.clear and match.score == 1 for match in matches):
        return None
    return Named(tuple(match.refs[0] for match in matches), 0.85)
