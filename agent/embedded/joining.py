"""Two pictures or more become one: blended into one another, or side by side. Pure.

A clause joins when it says so of pictures: of several (`blend the two`, `put them side by side`), or of one and another
that it names. `Put a lamp next to the dog` joins nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.embedded.references import HANDLE, ORDINAL, THING

_HANDLE = HANDLE.replace("?P<number>", "")
_ONE = rf"(?:{_HANDLE}|(?:the|my) (?:{ORDINAL}|last|other|original|previous|new)(?: {THING})?|the (?:[\w-]+ ){{0,2}}{THING}|it|this|that|one|the other)"
_SEVERAL = (
    rf"(?:them(?: all)?|these|those|both(?: of them| {THING})?|all (?:of them|\w+)|each other|one another|together|"
    rf"(?:the|these|those|my|last|first)? ?(?:two|three|four|2|3|4)\b(?: {THING})?|{THING.removesuffix('?')})"
)
_BLEND = r"(?:blend|merge|mix|fuse|double[- ]expos(?:e|ure)|superimpose|overlay|lay|cross-?fade|fade|dissolve|melt|multiply|morph)\w*"
_BLENDS = re.compile(
    rf"\b{_BLEND}\b.*?(?:\b{_SEVERAL}|\b{_ONE} (?:into|over|onto|on top of|with|and|on|in|by) {_ONE})"
    rf"|\bdouble exposure\b|\bdifference (?:between|of) (?:the )?(?:two|both|{_ONE}|them)|\b(?:screen|multiply|overlay|soft light|difference) (?:mode|blend)\b"
    rf"|\b(?:a |one )?(?:blend|mix|merge|fusion|composite) of (?:{_SEVERAL}|{_ONE} and {_ONE})",
    re.I,
)
_PUT = r"(?:put|place|set|show|lay|arrange|join|stitch|glue|combine|attach|stick|line|paste|have|see|give me|make|tile|get)"
_COMBINES = re.compile(
    rf"\bside[- ]by[- ]side\b|\b(?:next to|beside|alongside|above|below|under|on top of) (?:each other|one another)\b|\bone (?:above|below|beside|under|next to|over|on top of) the other\b"
    rf"|\bcollage\b|\bdiptych\b|\btriptych\b|\bcontact sheet\b|\bmood ?board\b|\bphoto wall\b|\bbefore ?(?:/|and|&|-|\|) ?after\b|\bsplit screen\b|\b(?:in|as|into) (?:a |one )?(?:\d ?x ?\d )?grid\b"
    rf"|\bstack(?:ed|ing)? (?:{_SEVERAL}|vertically|{_ONE})|\bin (?:a|one) (?:single |long |big )?(?:row|line|column|strip)\b"
    rf"|\b(?:combine|stitch|join|glue|put|merge|bring) (?:{_SEVERAL}|{_ONE} and {_ONE})(?: \w+)* (?:in|into|to|as) (?:a |one |the same )?(?:single |same |one )?(?:picture|image|photo|file|canvas|frame|page|sheet|one)\b"
    rf"|\b(?:combine|stitch|join|glue)(?:d)? (?:{_SEVERAL}|{_ONE} (?:and|with|to) {_ONE})"
    rf"|\b{_PUT} {_ONE}(?: \w+)? (?:next to|beside|alongside|to the (?:left|right) of|left of|right of|above|below|under|on top of) {_ONE}(?: {THING})?\s*$"
    rf"|\bjoin (?:it|the \w+(?: one)?) (?:to|on|onto) (?:the )?(?:left|right|top|bottom)\b",
    re.I,
)
_MODES = (
    ("multiply", r"\bmultipl"), ("screen", r"\bscreen\b(?! shot)|\bdouble[- ]expos"), ("soft_light", r"\bsoft[- ]?light\b"),
    ("difference", r"\bdifference\b"), ("overlay", r"\boverlay (?:mode|blend)|\bin overlay\b|\bblend mode overlay\b"),
)  # fmt: skip
_INTO = re.compile(rf"(?P<upper>{_ONE}|the [\w ]+?) (?:into|over|onto|on top of|on|in) (?P<lower>{_ONE}|the \w+)", re.I)
_SIDES = (
    ("down", False, r"\b(?:above|over|atop|on top of)\b"),
    ("down", True, r"\b(?:below|beneath|under(?:neath)?)\b"),
    ("right", False, r"\b(?:to the )?left of\b|\bon the left of\b|\bbefore on the left\b"),
    ("right", True, r"\b(?:to (?:the )?|on the )?right of\b"),
)  # fmt: skip
_DOWN = re.compile(
    r"\bstack|\bcolumn\b|\bvertical|\babove\b|\bbelow\b|\bon top\b|\bunder|\btop (?:to|and) bottom\b|\bone over the other\b",
    re.I,
)


@dataclass(frozen=True)
class Join:
    """The tool, its parameters, and whether the pictures are taken the other way round than they are named."""

    tool: str
    params: dict[str, Any] = field(default_factory=dict, repr=False)
    reverse: bool = False
    beside_last: bool = False
    """The result of this message goes to the named side of the picture that is named."""

    @property
    def saying(self) -> str:
        if self.tool == "blend_images":
            mode = self.params.get("mode")
            return f"Blending{f' ({mode.replace(chr(95), chr(32))})' if mode else ''}"
        return "Stacking" if self.params.get("direction") in ("down", "up") else "Putting side by side"


def recognise(clause: str, *, several: bool = False) -> Join | None:
    """How the clause joins pictures; None when it does not. `several` says that it names more than one picture."""
    if _COMBINES.search(clause) or (several and _PUT_BESIDE.search(clause)):
        return _combine(clause)
    if _BLENDS.search(clause) or (several and _BLEND_VERB.search(clause)):
        return _blend(clause)
    return None


_BLEND_VERB = re.compile(rf"^(?:\w+ ){{0,3}}?{_BLEND}\b", re.I)
_PUT_BESIDE = re.compile(
    rf"^(?:\w+ ){{0,3}}?(?:{_PUT})\b.*\b(?:next to|beside|alongside|(?:left|right) of|above|below|under(?:neath)?|on top of)\b", re.I
)


def ordered(clause: str, words_of: Sequence[str], join: Join) -> list[int]:
    """The places of the pictures in the order in which their own words are said: `dog above the cat`."""
    places = list(range(len(words_of)))
    lowered = clause.lower()
    said = [
        _first_said(lowered, words, [w for i, w in enumerate(words_of) if i != n])
        for n, words in enumerate(words_of)
    ]
    if all(place is not None for place in said):
        places.sort(key=lambda n: said[n] or 0)
    elif sum(place is not None for place in said) == 1:
        last = _LAST.search(lowered) is not None
        if last or _FIRST.search(lowered):
            places.sort(key=lambda n: (said[n] is None) != last)
    return places[::-1] if join.reverse else places


_FIRST = re.compile(r"\b(?:on top|at the top|on the left|first)\b")
_LAST = re.compile(r"\b(?:underneath|below|beneath|at the bottom|on the right|second|last)\b")


def _first_said(clause: str, words: str, others: Sequence[str]) -> int | None:
    """Where a word of this picture that no other has stands in the clause."""
    theirs = {word for other in others for word in re.findall(r"[a-z]{3,}", other.lower())}
    own = [word for word in re.findall(r"[a-z]{3,}", words.lower()) if word not in theirs]
    found = [place.start() for word in own if (place := re.search(rf"\b{word}s?\b", clause))]
    return min(found, default=None)


def _combine(clause: str) -> Join:
    for direction, reverse, pattern in _SIDES:
        if re.search(pattern, clause, re.I) and not re.search(
            r"\beach other\b|\bone another\b|\bthe other\b", clause, re.I
        ):
            return Join("combine_images", {"direction": direction} | _gap(clause), reverse, beside_last=True)
    direction = "down" if _DOWN.search(clause) else "right"
    return Join("combine_images", {"direction": direction} | _gap(clause))


def _gap(clause: str) -> dict[str, Any]:
    found = re.search(
        r"(?:(\d{1,3}) ?(?:px|pixels?) )?(?:(white|black|red|green|blue) )?(?:gap|space|border|line|strip|margin)\b",
        clause,
        re.I,
    )
    if found is None:
        return {}
    return {"gap": int(found[1] or 16)} | ({"gap_color": found[2].lower()} if found[2] else {})


def _blend(clause: str) -> Join:
    params: dict[str, Any] = {}
    mode = next((name for name, pattern in _MODES if re.search(pattern, clause, re.I)), None)
    if mode is not None:
        params["mode"] = mode
    if (share := _share(clause)) is not None:
        params["amount"] = share
    elif mode in ("multiply", "difference", "screen"):
        params["amount"] = 1.0 if mode != "screen" else 0.5
    into = _INTO.search(clause)
    return Join(
        "blend_images", params, reverse=into is not None and not re.match(r"one\b", into["upper"], re.I)
    )


def _share(clause: str) -> float | None:
    if found := re.search(r"(\d{1,3}(?:\.\d+)?) ?(?:%|percent\b)", clause, re.I):
        return min(1.0, float(found[1]) / 100)
    if found := re.search(
        r"\b(?:amount|opacity|strength|factor)(?: of| to| at)? (0?\.\d+|1(?:\.0)?)\b|\bat (0?\.\d+)\b",
        clause,
        re.I,
    ):
        return float(found[1] or found[2])
    if re.search(
        r"\bhalf and half\b|\bfifty[- ]fifty\b|\b50 ?/ ?50\b|\bequal(?:ly| parts)\b|\bhalf\b", clause, re.I
    ):
        return 0.5
    if re.search(r"\b(?:a (?:bit|little|hint|touch)|slightly|faint(?:ly)?|subtl[ey])\b", clause, re.I):
        return 0.25
    return None
