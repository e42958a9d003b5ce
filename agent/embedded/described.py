"""Which picture a description fits: `the one with the red car`, `the cropped version`, `my logo`. Pure.

A picture is known by the words that made it and its ancestors, by what was done to it, and by its file name when that is
a name and no sentence. Words count first; where none fits, nearness in meaning (`request.likeness`) may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.embedded.lineage import find, root, versions
from agent.embedded.stems import meaning, stem, stems
from agent.model import PlanningRequest, Shown

NEAR = 0.62  # a picture one of whose words is at least this near in meaning may be meant by a description
NEARER = 0.85  # and by a thing that is only mentioned: `the dog`
CLEAR = 0.12  # and is, when no other lineage comes as close as that
NAME_WORDS = 5  # a file name of more words is a sentence, and tells nothing


@dataclass(frozen=True)
class Match:
    """The pictures a description fits equally well, newest version of each lineage, and how well (0..1)."""

    refs: tuple[str, ...] = ()
    score: float = 0.0

    @property
    def clear(self) -> bool:
        return len(self.refs) == 1


NOTHING = Match()


def match(
    what: str, request: PlanningRequest, among: Iterable[Shown] | None = None, near: float = NEAR
) -> Match:
    """The pictures that `what` describes; several refs when it does not say which."""
    wanted = stems(what)
    items = list(request.shown if among is None else among)
    if not wanted or not items:
        return NOTHING
    done = {item.ref: len(wanted & _done(item)) / len(wanted) for item in items}
    if max(done.values()) == 1:
        return Match((next(ref for ref in reversed(done) if done[ref] == 1),), 1.0)
    told = {item.ref: len(wanted & story(item, request)) / len(wanted) for item in items}
    if max(told.values()) >= 0.5:
        return _told_apart(_best(told, request, items, 0.01), what, request)
    cosines = request.likeness.get(what.lower(), {})
    if max((cosines.get(ref, 0.0) for ref in told), default=0.0) < near:
        return NOTHING
    return _best({ref: cosines.get(ref, 0.0) for ref in told}, request, items, CLEAR)


def _told_apart(found: Match, what: str, request: PlanningRequest) -> Match:
    """Of several that the words fit equally well, the one whose meaning is clearly nearest: `in the rain`, a raincoat."""
    if len(found.refs) < 2:
        return found
    told = [story(item, request) for item in request.shown if item.ref in found.refs]
    rest = " ".join(word for word in meaning(what) if not all(stem(word) in known for known in told))
    near = request.likeness.get(rest, {}) if rest else {}
    first, second = sorted((near.get(ref, 0.0) for ref in found.refs), reverse=True)[:2]
    if first - second < CLEAR:
        return found
    return Match((max(found.refs, key=lambda ref: near.get(ref, 0.0)),), found.score)


def shows(item: Shown, what: str, request: PlanningRequest) -> bool:
    """Whether the words behind a picture speak of any of it."""
    return (
        bool(stems(what) & story(item, request))
        or request.likeness.get(what.lower(), {}).get(item.ref, 0) >= NEAR
    )


def known_by(item: Shown, what: str) -> bool:
    """Whether its own words speak of all of it."""
    return stems(what) <= stems(words_of(item)) and bool(stems(what))


def story(item: Shown, request: PlanningRequest) -> frozenset[str]:
    """The stems of everything that is known of a picture."""
    known: frozenset[str] = frozenset()
    for version in versions(request, item.ref):
        known |= stems(_name(version) if version.origin == "upload" else version.words) | _done(version)
    return known


def brought_by(item: Shown, request: PlanningRequest) -> frozenset[str]:
    """What this version has and the one before it had not."""
    chain = versions(request, item.ref)
    before = story(chain[-2], request) if len(chain) > 1 else frozenset()
    return story(item, request) - before


def before_that(what: str, request: PlanningRequest, line: str | None = None) -> str | None:
    """The version before `what` came into the picture: in the line of the focus (or of `line`), else in any other."""
    wanted = stems(what)
    own = versions(request, line or request.focus)
    others = [item for item in request.shown if item not in own and line is None]
    for item in (*reversed(own), *reversed(others)):
        chain = versions(request, item.ref)
        if len(chain) > 1 and wanted & brought_by(item, request):
            return chain[-2].ref
    return None


def words_of(item: Shown) -> str:
    """What nearness in meaning is measured against."""
    return _name(item) if item.origin == "upload" else item.words


def _name(item: Shown) -> str:
    name = re.sub(r"\.\w{2,4}$", "", item.words)
    return name if len(re.findall(r"[^\W\d_]+", name)) <= NAME_WORDS else ""


def _best(scores: Mapping[str, float], request: PlanningRequest, items: list[Shown], margin: float) -> Match:
    """The best of each lineage, as far as they are within the margin; the picture at hand stands for its lineage."""
    top = max(scores.values())
    best: dict[str, str] = {}
    for item in items:
        if scores[item.ref] >= top - margin:
            line = _line(item, request)
            if best.get(line) != request.focus:
                best[line] = item.ref
    refs = tuple(best.values())
    return Match((request.focus,) if request.focus in refs else refs, top)


def _line(item: Shown, request: PlanningRequest) -> str:
    """What is one thing to a person: a picture with its versions, and those that came together with it."""
    first = find(request, root(request, item.ref)) or item
    return first.set or first.ref


_DONE: Mapping[str, str] = {
    "crop_image": "cropped cut trimmed", "rotate_image": "rotated turned", "flip_image": "flipped mirrored",
    "blur_image": "blurred blurry soft softened", "sharpen_image": "sharp sharpened crisp", "invert_image": "inverted negative",
    "upscale_image": "upscaled enlarged big large bigger", "blend_images": "blended merged mixed", "combine_images": "combined joined",
}  # fmt: skip
_SIGNED: Mapping[str, tuple[str, str]] = {
    "vibrance": ("vibrant vivid colourful colorful", "dull muted"), "saturation": ("saturated", "desaturated muted faded"),
    "brightness": ("bright brighter brightened light lighter lightened", "dark darker darkened"), "contrast": ("contrast contrasty", "flat"),
    "temperature": ("warm warmer warmed", "cool cooler cooled cold"), "sepia": ("sepia", ""),
    "grayscale": ("black white gray grey grayscale greyscale monochrome bw", ""),
}  # fmt: skip


def _done(item: Shown) -> frozenset[str]:
    """The words for what was done to get this picture from the one before it."""
    said = [_DONE.get(item.tool or "", "")]
    if item.tool == "adjust_color":
        said += [
            signed[0 if value > 0 else 1]
            for name, signed in _SIGNED.items()
            if (value := _number(item.params.get(name)))
        ]
    if item.params.get("ratio") == "1:1":
        said.append("square")
    if item.tool == "resize_image" and "factor" in item.params:
        said.append(
            "small smaller shrunk"
            if _number(item.params.get("factor")) < 1
            else "big bigger enlarged upscaled"
        )
    return stems(" ".join(said))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


#: What most pictures have: "make the sky red" points at no other picture than the one at hand.
_EVERYWHERE = stems(
    "sky background foreground colour color colors light lighting ground water cloud sun moon tree grass floor wall shadow hair "
    "face eye hand mood style scene left right top bottom middle edge corner side street window door "
    "weather time season border frame centre center part area whole text word lettering picture image photo one version "
    "variation result upload drawing sketch painting shot original previous last other second first third same seed prompt "
    "size resolution contrast brightness saturation exposure quality detail steps format ratio image way look rest amount"
)
_ADJECTIVE = (
    r"\w+ing|red|green|blue|yellow|orange|purple|pink|brown|black|white|gr[ae]y|golden|old|young|new|little|big|small|tall|tiny|large|"
    r"cute|happy|sad|sepia|blurry|\w+ed|ancient|wooden|dark|bright|other|same|poor|sleepy|rusty"
)
_THE = re.compile(rf"\b(?:the|that|those|my|our)\s+((?:(?:{_ADJECTIVE})\s+)*[a-z'-]{{3,}})", re.I)


def things_meant(clause: str, *, everywhere: bool = False) -> list[str]:
    """The things with `the` before them: `put a scarf on the red fox` -> `red`, `fox`. Without those most pictures have."""
    nouns = [word for said in _THE.finditer(clause) for word in re.findall(r"[a-z]{3,}", said[1].lower())]
    return [
        noun for noun in dict.fromkeys(nouns) if stems(noun) and (everywhere or not stems(noun) & _EVERYWHERE)
    ]


_NOUNS = re.compile(r"\b(?:the|that|those|my|our)((?: [a-z'-]+){1,5})", re.I)


def _replaced(said: re.Match[str], known: frozenset[str], name: str) -> str:
    """`the neon diner sign`: as many words as are known of the picture, with the adjectives before them."""
    words = said[1].split()
    count = 0
    for number, word in enumerate(words, 1):
        if stems(word) and stems(word) <= known:
            count = number
        elif not re.fullmatch(_ADJECTIVE, word, re.I):
            break
    return " ".join([name, *words[count:]]) if count else said[0]


def unnamed(clause: str, request: PlanningRequest, ref: str, name: str = "it") -> str:
    """The clause with `it` (or a handle) where the whole picture is called by what it shows: `crop the castle square`."""
    item = next((item for item in request.shown if item.ref == ref), None)
    if item is None:
        return clause
    known = story(item, request)
    clause = _NOUNS.sub(lambda said: _replaced(said, known, name), clause)
    clause = _THE.sub(lambda said: name if shows(item, said[1].lower(), request) else said[0], clause)
    if item.origin != "upload":
        return clause
    named = {stem(word) for word in meaning(_name(item)) if len(word) > 3} - _EVERYWHERE
    return re.sub(r"[a-z]{4,}", lambda said: name if stem(said[0]) in named else said[0], clause, flags=re.I)
