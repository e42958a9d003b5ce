"""What is said of how a picture is painted rather than of what it shows: seed, steps, guidance, strength, size, count. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from agent.embedded import words

_OF = r"(?:\s*(?:of|=|:|is|to|at|scale|value))*\s*"
_NUMBER = r"(?P<number>\d+(?:\.\d+)?)"
_PATTERNS: dict[str, tuple[str, ...]] = {
    "seed": (rf"\bseed(?: number)?{_OF}#?(?P<number>\d{{1,16}})\b",),
    "steps": (
        r"\b(?P<number>\d{1,3})(?: sampling)? steps?\b",
        rf"\b(?:sampling )?steps?{_OF}(?P<number>\d{{1,3}})\b",
    ),
    "cfg": (rf"\b(?:cfg|guidance)(?: scale)?{_OF}{_NUMBER}\b", rf"\b{_NUMBER} (?:cfg|guidance)\b"),
    "duration": (
        rf"\b(?:duration|length|running time){_OF}{_NUMBER} ?(?:s|secs?|seconds?)\b",
        rf"\b{_NUMBER} ?(?:s|secs?|seconds?)[ -]long\b",
    ),
    "strength": (rf"\b(?:denois(?:e|ing)(?: strength)?|(?:repaint |edit )?strength){_OF}(?P<number>(?:0?\.\d+|1(?:\.0)?))\b",),
}
_BY_NUMBER = {name: tuple(re.compile(p, re.I) for p in patterns) for name, patterns in _PATTERNS.items()}
_NAMED = {
    "steps": r"(?:sampling )?steps",
    "cfg": r"(?:the )?(?:cfg|guidance)(?: scale)?",
    "strength": r"(?:the )?(?:denois(?:e|ing)(?: strength)?|(?:repaint|edit) strength)",
}
_UP = r"more|increase|raise|higher|up|boost|bump up|crank up|turn up"
_DOWN = r"less|fewer|decrease|reduce|lower|down|drop|turn down"
_RELATIVE = {
    name: re.compile(
        rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b (?:the )?{named}\b|\b{named} (?:a (?:bit|little) )?(?:(?P<up2>up|higher)|(?P<down2>down|lower))\b", re.I
    )
    for name, named in _NAMED.items()
}  # fmt: skip
_NEGATIVE = re.compile(
    r"\b(?:add|put|include|with)?\s*(?P<what>[\w' ,-]+?) (?:to|in|into|as) (?:the |a )?negative(?: prompt)?\b|\bnegative(?: prompt)?\s*[:=]\s*(?P<what2>.+)$",
    re.I,
)
#: Steps that feet take.
_CLIMBED = re.compile(
    r"\b(?:stair\w*|ladder|temple|pyramid|stone|marble|wooden|spiral|dance|porch|front|door|climb\w*) (?:\w+ )?(?:with |of )?\d* ?steps?\b|\b(?:stair\w*|ladder|temple|pyramid)\b|\bsteps (?:leading|up|down|to|of)\b(?! \d)",
    re.I,
)
_STEP = {"steps": 0.5, "cfg": 0.25, "strength": 0.3}
"""How much of a value `more` or `less` of it is."""


@dataclass(frozen=True)
class Settings:
    """`exact` are values said by number, `relative` the share by which a value shall move; `rest` is the text without them."""

    exact: dict[str, Any] = field(default_factory=dict, repr=False)
    relative: dict[str, float] = field(default_factory=dict)
    rest: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.exact or self.relative)


def said(text: str) -> Settings:
    """Every setting that a text names."""
    exact: dict[str, Any] = {}
    relative: dict[str, float] = {}
    rest = text
    for name, patterns in _BY_NUMBER.items():
        for pattern in () if name == "steps" and _CLIMBED.search(text) else patterns:
            if (found := pattern.search(rest)) is not None:
                exact[name] = float(found["number"]) if name in ("cfg", "strength", "duration") else int(found["number"])
                rest = _cut(rest, found)
                break
    for name, pattern in _RELATIVE.items():
        if name not in exact and (found := pattern.search(rest)) is not None:
            sign = 1 if found["up"] or found["up2"] else -1
            relative[name] = sign * _STEP[name] * _degree(text)
            rest = _cut(rest, found)
    if (found := _NEGATIVE.search(rest)) is not None:
        exact["negative"] = (found["what"] or found["what2"]).strip(" ,")
        rest = _cut(rest, found)
    return Settings(exact, relative, _tidy(rest))


def applied(settings: Settings, params: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """The parameters with the settings in them: a relative one from where it stood."""
    changed = {**params, **{name: value for name, value in settings.exact.items() if name != "negative"}}
    for name, share in settings.relative.items():
        stood = float(params.get(name) or defaults.get(name) or 0)
        value = stood * (1 + share)
        changed[name] = round(value) if name == "steps" else round(value, 2)
    if "negative" in settings.exact:
        changed["negative"] = both(str(params.get("negative") or ""), settings.exact["negative"])
    return changed


def both(before: str, more: str) -> str:
    """Two lists of what must not be there, without doubles."""
    parts = [part.strip() for part in f"{before},{more}".split(",")]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _degree(text: str) -> float:
    strength = words.amount(text).strength
    return {0.18: 0.6, 0.65: 2.0}.get(strength, 1.0)


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


_HANGING = re.compile(r"[\s,]*\b(?:with|using|use|at|and|but|in|set|make it|change|to|a|the)\s*$", re.I)


def _tidy(text: str) -> str:
    text = re.sub(r"\s{2,}", " ", text).strip(" ,.")
    while (shorter := _HANGING.sub("", text)) != text:
        text = shorter
    return text.strip(" ,.")
