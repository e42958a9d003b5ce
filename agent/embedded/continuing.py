"""Go on from the last change: a bit less of it, even more, the other way round. Pure.

A slider that was moved is moved on the picture it was moved on, with the new amount: stacking two adjustments would lose
what the first one clipped, and taking back is exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from agent.embedded import words
from agent.embedded.operations import Operation
from agent.embedded.vocabulary import things
from agent.model import Shown

#: Parameters that a degree moves, with the range that they stay in.
_SLIDERS: dict[str, dict[str, tuple[float, float]]] = {
    "adjust_color": {
        **dict.fromkeys(("vibrance", "saturation", "brightness", "contrast", "temperature"), (-1.0, 1.0)),
        "hue": (-180.0, 180.0), "sepia": (0.0, 1.0),
    },
    "blur_image": {"radius": (1, 20)},
    "sharpen_image": {"amount": (0.05, 5.0)},
    "blend_images": {"amount": (0.0, 1.0)},
    "image_to_image": {"strength": (0.05, 1.0)},
    "upscale_image": {"factor": (1.0, 8.0)},
    "resize_image": {"factor": (0.05, 8.0)},
}  # fmt: skip
_DEFAULTS: dict[str, dict[str, Any]] = {
    "blur_image": {"radius": 6},
    "sharpen_image": {"amount": 0.8},
    "blend_images": {"amount": 0.5},
    "image_to_image": {"strength": 0.55},
}

_LOT = r"(?:much|a lot|lots|way|far|considerably|significantly|quite a bit)"
_BIT = r"(?:a (?:tiny |little |wee )?bit|a little|slightly|a touch|a tad|somewhat|a smidge|just a bit|ever so slightly)"
_AFTER = r"(?: (?:than (?:that|this|before|it)|of (?:it|that|this)|please|so|then|still|again|on it|strong(?:ly)?|of the (?:same|effect)))*"
_GO = r"(?:(?:make it|do(?: it| that)?|go|turn it|push it|take it|try|let's|give it|apply(?: it)?|i want|now|and|but|ok|okay|hmm?|no|it's|that's|it is|that is|this is|still)[ ,]+)*"
_EFFECT = r"(?:(?:the )?(?:effect|change|adjustment|filter)|it|that|this)"
_DEGREES: tuple[tuple[str, float], ...] = (
    (rf"(?:crank|turn|push|bump) {_EFFECT} (?:up|further)(?: a (?:notch|bit|little))?|up a notch|{_BIT}? ?(?:more|stronger|increase|boost|intensify) (?:of )?{_EFFECT}", 1.5),
    (rf"(?:reduce|cut|halve|lower) {_EFFECT} (?:by|in|to) half|halve {_EFFECT}", 0.5),
    (rf"(?:take|tone|turn|dial|bring|pull|tune) {_EFFECT} (?:down|back)(?: (?:a notch|{_BIT}))?|down a notch|back off|{_BIT}? ?(?:less|weaker|reduce|lower|soften|decrease) (?:of )?{_EFFECT}(?: {_BIT})?", 0.6),
    (rf"(?:{_LOT}|even|still) (?:more|further|stronger|harder)|more and more|twice (?:as (?:much|strong)|that)|double (?:it|that)", 2.0),
    (rf"{_BIT} (?:more|further|stronger|harder)|(?:more|further|stronger)", 1.5),
    (r"not (?:quite )?enough|too (?:little|weak|subtle)|(?:not|hardly) (?:strong|visible|noticeable)(?: enough)?|more of (?:that|it|this)", 1.6),
    (r"half (?:as (?:much|strong|intense)|of (?:that|it)|that|it)|halve (?:it|that)|(?:about )?half", 0.5),
    (rf"{_BIT} (?:less|weaker|softer|subtler|gentler|too (?:much|strong|far|intense))|(?:less|weaker|subtler|gentler|tone it down|dial it (?:back|down)|ease off)(?: {_BIT})?", 0.6),
    (rf"{_LOT} (?:less|weaker|subtler|too (?:much|strong|far|intense))", 0.3),
    (r"not (?:that|so|as|quite so|quite that) (?:much|strong|far|intense|strongly)|too (?:much|strong|far|intense)|over the top|overdone|(?:went|gone|going) too far", 0.5),
)  # fmt: skip
_ONLY = tuple(
    (
        re.compile(
            rf"^{_GO}(?:{pattern}){_AFTER}(?:[ ,]+(?:{_GO}){_BIT}? ?(?:less|more|weaker|stronger|back))?$",
            re.I,
        ),
        share,
    )
    for pattern, share in _DEGREES
)
_STAY = re.compile(
    r"\b(?:(?:stay|keep|stick|be|go) (?:it )?(?:much |a bit |a little )?closer to|(?:too|so) far (?:away )?from|closer to|more like|more faithful to|resembl\w+) (?:my |the |its )?(?:photo|original|picture|source|upload|sketch|image)\b",
    re.I,
)
_STRAY = re.compile(
    r"\b(?:be (?:much |a bit )?(?:bolder|looser|wilder|freer)|(?:much |a bit )?(?:looser|bolder|freer)|further from|farther from|less like|too (?:close|similar) to|take more liberties)\b",
    re.I,
)
_CORRECTED = re.compile(
    r"\b(?:i (?:meant|said|wanted)|instead|rather|than that|not that|wrong|no|nope|sorry|oops|actually)\b",
    re.I,
)
_MORE_OF = re.compile(
    r"^(?:(?:a bit|a little|much|some|even|way) )?(?P<way>more|less) (?:of )?(?P<what>(?:the |A)[\w ]+|it)$",
    re.I,
)


@dataclass(frozen=True)
class Again:
    """The last step again with other parameters, on what it was made of."""

    tool: str
    params: dict[str, Any] = field(repr=False)
    saying: str = ""


def degree(clause: str) -> float | None:
    """What share of the last amount is wanted, when a clause says nothing else: 0.5 for `not that much`."""
    text = clause.strip(" .!?,").lower()
    return next((share for pattern, share in _ONLY if pattern.match(text)), None)


def continued(item: Shown, clause: str, second: Shown | None = None) -> Again | None:
    """The last step of a picture again, by a degree or a correction; None when the words say anything else."""
    if not item.parents:
        return None
    if item.tool == "image_to_image" and (_STAY.search(clause) or _STRAY.search(clause)):
        return _moved(item, 0.65 if _STAY.search(clause) else 1.35)
    if item.tool == "blend_images" and (shifted := _shifted(item, clause, second)) is not None:
        return shifted
    share = degree(clause)
    return corrected(item, clause) if share is None else _moved(item, share)


def refined(item: Shown, operation: Operation, clause: str) -> Again | None:
    """The same tool once more: on the picture it worked on, where that gives the better picture or a correction is meant."""
    if operation.tool != item.tool or len(item.parents) != 1:
        return None
    corrected = _CORRECTED.search(clause) is not None
    if item.tool == "adjust_color":
        return _summed(item, operation, clause, corrected=corrected)
    if item.tool == "resize_image" and {"width", "height"} & set(operation.params):
        return Again(item.tool, dict(operation.params), operation.saying)
    if item.tool in ("blur_image", "sharpen_image") and re.search(
        r"\b(?:more|less|even|further|too|not)\b", clause, re.I
    ):
        return _moved(item, 0.5 if re.search(r"\b(?:less|too|not)\b", clause, re.I) else 1.6)
    if corrected:
        return Again(item.tool, {**item.params, **operation.params}, operation.saying)
    return None


_WAYS = {
    "flip_image": (("direction", "vertical", r"\b(?:vertical(?:ly)?|top (?:to|and) bottom|upside down)\b"), ("direction", "horizontal", r"\b(?:horizontal(?:ly)?|left (?:to|and) right|sideways)\b")),
    "crop_image": (*(("position", side, rf"\b{side}\b") for side in ("top", "bottom", "left", "right")), ("position", "center", r"\b(?:cent(?:er|re)|middle)\b")),
    "combine_images": (("direction", "down", r"\b(?:stack(?:ed)?|above|below|vertical(?:ly)?|on top)\b"), ("direction", "right", r"\b(?:side by side|horizontal(?:ly)?|next to)\b")),
}  # fmt: skip
_OTHER_WAY = re.compile(r"\b(?:the )?(?:other|wrong|opposite) (?:way|direction|axis|side)\b", re.I)
_TURNED = {"90": "270", "270": "90", "horizontal": "vertical", "vertical": "horizontal", "right": "left", "left": "right", "up": "down", "down": "up"}
_KEPT_PART = re.compile(r"\bkeep (?:the |its |his |her )?(?:top|bottom|left|right|middle|cent(?:er|re))\b", re.I)


def corrected(item: Shown, clause: str) -> Again | None:
    """`No, I meant vertically`, `keep the top`, `640 wide`: the same step with what was said wrong or heard wrong mended."""
    said = _CORRECTED.search(clause) is not None
    if item.tool == "resize_image" and any(words.pixels(clause)) and (said or len(clause.split()) <= 8) and not things(_BEFORE_NUMBER.sub("", clause)):
        width, height = words.pixels(clause)
        return Again("resize_image", {k: v for k, v in (("width", width), ("height", height)) if v}, "")
    if item.tool in ("upscale_image", "resize_image") and said and (times := words.factor(clause)) is not None:
        return Again(item.tool, {"factor": times}, "")
    if _OTHER_WAY.search(clause):
        turned = {name: _TURNED[str(value)] for name, value in item.params.items() if str(value) in _TURNED}
        return Again(item.tool or "", {**item.params, **turned}, "") if turned else None
    if not (said or _KEPT_PART.search(clause)):
        return None
    for name, value, pattern in _WAYS.get(item.tool or "", ()):
        if re.search(pattern, clause, re.I) and item.params.get(name) != value and len(clause.split()) <= 9:
            return Again(item.tool or "", {**item.params, name: value}, "")
    return None


_BEFORE_NUMBER = re.compile(r"^.*?\b(?:than (?:that|this)|hmm?|sorry|no|oops|i meant)\b[\s,]*", re.I)


def _summed(item: Shown, operation: Operation, clause: str, *, corrected: bool) -> Again | None:
    sliders = _SLIDERS["adjust_color"]
    if not operation.params or any(
        name not in item.params or name not in sliders for name in operation.params
    ):
        return None
    if re.search(r"\b(?:too|less|not (?:so|that|as|quite so))\b", clause, re.I) and all(float(item.params[n]) * float(v) < 0 for n, v in operation.params.items()):
        return _moved(item, 0.6 if "less" in clause.lower() else 0.5, only=operation.params)
    moved = dict(item.params)
    for name, value in operation.params.items():
        low, high = sliders[name]
        moved[name] = value if corrected else round(min(high, max(low, float(moved[name]) + float(value))), 3)
    return Again("adjust_color", moved, operation.saying)


def _moved(item: Shown, share: float, only: Collection[str] = ()) -> Again | None:
    """The sliders of the step at this share of what they were: all of them, or those that are named."""
    tool = item.tool or ""
    params = {**_DEFAULTS.get(tool, {}), **item.params}
    now = {
        name: _within(params[name], share, span)
        for name, span in _SLIDERS.get(tool, {}).items()
        if _is_number(params.get(name)) and (not only or name in only)
    }
    if not now or all(now[name] == params[name] for name in now):
        return None
    told = ", ".join(f"{name} {value:g} instead of {params[name]:g}" for name, value in now.items())
    return Again(tool, {**item.params, **now}, told)


def _within(value: Any, share: float, span: tuple[float, float]) -> int | float:
    """The share of a value inside its range; a whole number moves by one at least."""
    low, high = span
    moved = min(high, max(low, float(value) * share))
    if isinstance(low, int):
        return (
            round(moved)
            if round(moved) != value
            else int(min(high, max(low, value + (1 if share > 1 else -1))))
        )
    return round(moved, 3)


def _shifted(item: Shown, clause: str, second: Shown | None) -> Again | None:
    """`More of the forest` in a blend: towards the picture that is named."""
    said = _MORE_OF.match(clause.strip(" .!?"))
    if said is None or second is None:
        return None
    nouns = set(re.findall(r"[a-z]{3,}", said["what"].lower())) - {"the", "one", "picture"}
    towards = (
        bool(nouns & set(re.findall(r"[a-z]{3,}", second.words.lower())))
        or "second" in nouns
        or said["what"].upper() == second.handle
    )
    more = towards == (said["way"].lower() == "more")
    stood = float(item.params.get("amount", 0.5))
    amount = round(min(1.0, stood + 0.2) if more else max(0.0, stood - 0.2), 2)
    return Again("blend_images", {**item.params, "amount": amount}, f"amount {amount:g} instead of {stood:g}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
