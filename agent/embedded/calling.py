"""Which picture is called by what it shows, what was done to it, its shape or its owner. Pure."""

from __future__ import annotations

import re

from agent.embedded import described
from agent.embedded.finders import Named, only_one, refs_of
from agent.embedded.lineage import find, root, versions
from agent.embedded.references import ORDINALS, THING
from agent.embedded.stems import stems
from agent.embedded.vocabulary import things
from agent.model import PlanningRequest


def nth_of_kind(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the second cactus`: among the pictures that show one."""
    items = [item for item in request.shown if described.known_by(item, said["what"])]
    position = ORDINALS[said["ordinal"].lower()]
    return Named((items[position].ref,), 0.85) if position < len(items) and len(items) > 1 else None


def other_of_kind(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the other puppy`: the one that shows it too, and is no version of the picture at hand."""
    line = versions(request, request.focus)
    items = [
        item for item in request.shown if item not in line and described.shows(item, said["what"], request)
    ]
    firsts = {root(request, item.ref) for item in items}
    return Named((items[-1].ref,), 0.8) if len(firsts) == 1 else None


def all_of_kind(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`all the owls`: every picture that shows one."""
    items = [item for item in request.shown if described.shows(item, said["what"], request)]
    return Named(refs_of(items), 0.85) if len(items) > 1 else None


def sent(said: re.Match[str], request: PlanningRequest) -> Named | None:
    brought = [item for item in request.shown if item.origin == "upload"]
    return only_one(brought[-1] if brought else None, "upload")


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


def before_that(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the version before the hat`, `before you cropped it`."""
    ref = described.before_that(said["what"], request)
    return Named((ref,)) if ref else Named(missing=said[0].lower().removeprefix("the "))


def showing(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the one with the red car`: one picture, several to choose from, or none."""
    what = _core(said["what"])
    match, end = described.match(what, request), said.start("what") + len(what)
    if not match.refs and (whole := described.match(_sentence(said["what"]), request)).clear:
        match, end = whole, said.start("what") + len(_sentence(said["what"]))
    if match.clear:
        return Named(match.refs, 0.9 if match.score > 0.9 else 0.75, end=end)
    if match.refs:
        return Named((), 0.4, candidates=match.refs, end=end)
    known_to_be = said["thing"].lower() == "one" or re.match(r"(?:the|that|my)\b", said["what"], re.I)
    if len(request.shown) < 2 or not known_to_be:
        return None
    return Named(missing=f"{said['thing'].lower()} {said.string[said.end('thing') + 1 : end]}", end=end)


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


def _sentence(what: str) -> str:
    return re.split(r"[,.;:!?]|\b(?:but|into|as|to|by|so that|look|instead|please)\b", what, maxsplit=1)[
        0
    ].rstrip()


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


def heading(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`Beach: warmer`."""
    items = [item for item in request.shown if described.known_by(item, said["what"])]
    return (
        Named((items[-1].ref,), 0.8)
        if items and len({root(request, item.ref) for item in items}) == 1
        else None
    )


def original_of(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the original polar bear`."""
    match = described.match(said["what"], request)
    return Named((root(request, match.refs[-1]),), 0.85) if match.clear else None


def undone(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`the uncropped photo`, `the sofa before you turned it`, `the elephants without the sepia`."""
    subject = said["subject"]
    if subject is None or (re.fullmatch(THING, subject.split()[-1], re.I) and not things(subject)):
        ref = described.before_that(said["what"], request)
        return Named((ref,), 0.85) if ref else None
    match = described.match(subject, request)
    ref = described.before_that(said["what"], request, match.refs[-1]) if match.refs else None
    return Named((ref,), 0.85) if ref else None


def when(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`when it was still day`: before the opposite came, else the newest that is known by the word."""
    word = said["what"].lower()
    if word in OPPOSITE and (ref := described.before_that(OPPOSITE[word], request)):
        return Named((ref,), 0.8)
    match = described.match(word, request)
    return Named(match.refs, 0.7) if match.clear and match.score == 1 else None


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


def uploads(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`both of my uploaded photos`."""
    brought = [item for item in request.shown if item.origin == "upload"]
    return (
        Named(refs_of(brought[-2:] if "both" in said[0].lower() else brought)) if len(brought) > 1 else None
    )


def pair(said: re.Match[str], request: PlanningRequest) -> Named | None:
    """`robot and castle, both sharper`."""
    matches = [described.match(said[name], request) for name in ("one", "other")]
    if not all(match.clear and match.score == 1 for match in matches):
        return None
    return Named(tuple(match.refs[0] for match in matches), 0.85)
