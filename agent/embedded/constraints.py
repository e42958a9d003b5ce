"""Within which bounds a person wants it: quickly, cheaply, in the best quality, under ten credits. Pure.

Such words are no part of the picture. They are cut out of the request, stand on the intent, and move parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.model import DraftStep
from tools.model import Tool

#: Preset -> share of the usual steps, and the least side in pixels of a new picture.
PRESETS: dict[str, tuple[float, int | None]] = {
    "draft": (0.4, None), "quick": (0.5, None), "cheap": (0.5, None), "high": (1.5, 1024), "best": (2.0, 1024), "ultra": (3.0, 1024),
}  # fmt: skip
_LEAD = r"(?:,|;| -|^|\band\b|\bbut\b|\bplease\b)?\s*(?<!\w)"
_ASIDE = r"(?:(?:please|just|only|in|as|with|at|of|to|for|make it|make this|do it|keep it|it has to be|it should be|i want|i need|give me|let's have|the|a|an|your|you|can|we|i)\s+)*"
_QUALITY: tuple[tuple[str, str], ...] = (
    ("ultra", r"(?:ultra|maximum|max|highest|top)[- ](?:quality|detail|settings)|ultra\b(?! ?(?:wide|violet|marine))"),
    ("best", r"(?:the )?(?:very )?best (?:possible )?quality(?: (?:you(?:'ve got| can do| can| have)?|possible|there is|available))*|best you can(?: do)?|as good as (?:you can|possible)"
     r"|quality (?:is|matters) (?:most|more than anything)|take your time|spare no expense|final quality|print quality"),
    ("high", r"(?:high|good|great|better|higher)[- ]quality|in quality\b"),
    ("draft", r"(?:quick|rough|fast|low[- ]?quality|cheap)(?:,? (?:and|&) (?:dirty|rough))?,? (?:first )?(?:draft|preview|sketchy version)|(?:as |in )?(?:an? )?(?:draft|preview)(?: quality| mode| version)?(?= of\b|\s*$|,| first| only| please| will do)|low quality(?: is fine)?"
     r"|quality (?:doesn't|does not) matter|don't (?:need|care about) (?:the |high )?quality"),
    ("quick", r"quickly|as (?:fast|quick(?:ly)?) as (?:you can|possible)|asap|the (?:fastest|quickest) way|(?:i'm|i am|we're) in a (?:hurry|rush)|real(?:ly)? (?:quick|fast)|in a hurry|hurry(?: up)?|fast(?= please|$|,)"
     r"|quick(?= one\b)|(?:it )?(?:doesn't|must not|shouldn't|mustn't) take (?:too )?long|speed matters"),
    ("cheap", r"cheap(?= (?:picture|image|photo|drawing|render)s? of\b)|cheap(?:ly|er|est)?(?: (?:as possible|version|one|way|option))?(?=\s*(?:$|,|please|and\b|way|version|one|option|as\b))|as cheap(?:ly)? as possible|for (?:as )?(?:few|little) credits(?: as possible)?|low cost|on a budget|without spending (?:too )?much"),
)  # fmt: skip
_PRESET = tuple(
    (
        name,
        re.compile(
            rf"{_LEAD}\b{_ASIDE}(?:{pattern})(?: (?:please|if possible|this time|is fine|will do|is enough|instead))*(?:\s+(?=of\b|for\b))?",
            re.I,
        ),
    )
    for name, pattern in _QUALITY
)
_NUMBER = r"(?P<number>\d+(?:\.\d+)?)"
_BELOW = r"(?:under|below|less than|no more than|not more than|at most|max(?:imum)?(?: of)?|within|up to|for)"
_BUDGET = re.compile(
    rf"{_LEAD}{_ASIDE}(?:spend |cost(?:ing)? |stay |keep (?:it|this) |use )*{_BELOW} {_NUMBER} credits?(?: please)?|{_LEAD}(?:a )?budget (?:of |is )*(?P<n2>\d+(?:\.\d+)?) credits?",
    re.I,
)
_TIME = re.compile(
    rf"{_LEAD}{_ASIDE}(?:stay |keep (?:it|this) |done |finished |ready )*(?:in )?(?:under|below|less than|at most|within) {_NUMBER} (?P<unit>seconds?|secs?|s|minutes?|mins?)\b",
    re.I,
)
_FILE = re.compile(
    rf"{_LEAD}{_ASIDE}(?:stay |keep (?:it|this|the file) |a file |file size )*(?:under|below|less than|smaller than|at most|max(?:imum)?) {_NUMBER} ?(?P<unit>mb|kb|megabytes?|kilobytes?)\b",
    re.I,
)
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")


_DRAFTS = re.compile(r"\b(\d|two|three|four|five|six|some|a few) (?:quick |rough |fast |cheap )?(?:drafts|previews)(?= of\b)", re.I)


def cut(text: str) -> tuple[str, dict[str, Any]]:
    """The text without such words, and what they said: `quality`, `credits`, `seconds`, `file`. Quoted text is left alone."""
    found: dict[str, Any] = {}
    text = _DRAFTS.sub(r"quick draft: \1 pictures", text)
    masked = _QUOTED.sub(lambda m: "\x00" * len(m[0]), text)
    for name, pattern in (("credits", _BUDGET), ("seconds", _TIME), ("file", _FILE)):
        if (said := pattern.search(masked)) is not None:
            found[name] = _value(name, said)
            text, masked = _without(text, said), _without(masked, said)
    for name, pattern in _PRESET:
        while (said := pattern.search(masked)) is not None:
            found.setdefault("quality", name)
            text, masked = _without(text, said), _without(masked, said)
    return (_tidy(text) if found else text), found


def without_budget(text: str) -> str:
    """The same request with no bound on what it costs."""
    said = _BUDGET.search(text)
    return _tidy(_without(text, said)) if said is not None else text


def _value(name: str, said: re.Match[str]) -> Any:
    if name == "file":
        return said[0].strip(" ,;-")
    number = float(next(said[g] for g in ("number", "n2") if g in said.re.groupindex and said[g]))
    return number * 60 if name == "seconds" and said["unit"].lower().startswith("m") else number


def _without(text: str, said: re.Match[str]) -> str:
    return f"{text[: said.start()]} {text[said.end() :]}"


def _tidy(text: str) -> str:
    """Without the commas and small words that are left over at the ends."""
    text = re.sub(r"\s+([,.:;])", r"\1", re.sub(r"\s{2,}", " ", text))
    text = re.sub(r"([,:;])(?:\s*[,:;])+", r"\1", text)
    text = re.sub(r"^[\s,:;.-]+|[\s,:;-]+$", "", text)
    return re.sub(
        r"^(?:of|but|and|for) |\s+(?:but|and|in|with|as|at|it's|do it)$", "", text, flags=re.I
    ).strip(" ,")


def bounded(step: DraftStep, tool: Tool, wished: Mapping[str, Any], *, new: bool) -> tuple[DraftStep, str]:
    """A step within the bounds, and in few words what they changed. Only what samples has a quality to trade."""
    preset = wished.get("quality") or ("quick" if "seconds" in wished else None)
    if preset is None or "steps" not in tool.params:
        return step, ""
    share, side = PRESETS[preset]
    spec = tool.params["steps"]
    usual = int(step.params.get("steps") or spec.default or 0)
    if not usual:
        return step, ""
    steps = round(min(spec.maximum or usual, max(spec.minimum or 1, usual * share)))
    params = {**step.params, "steps": steps}
    if side is not None and new and "width" in tool.params:
        params |= _enlarged(step.params, tool, side)
    size = (
        f", {params['width']} x {params['height']} pixels"
        if params.get("width") != step.params.get("width")
        else ""
    )
    return replace(step, params=params), f"{preset.capitalize()}: {steps} steps instead of {usual}{size}."


def _enlarged(params: Mapping[str, Any], tool: Tool, side: int) -> dict[str, int]:
    """At least so many pixels on the longer side, in the same shape."""
    width, height = (int(params.get(name) or tool.params[name].default or side) for name in ("width", "height"))
    scale = side / max(width, height)
    if scale <= 1:
        return {}
    return {"width": round(width * scale / 16) * 16, "height": round(height * scale / 16) * 16}


def unkept(wished: Mapping[str, Any]) -> str:
    """What cannot be promised, said honestly; empty where everything can."""
    if "file" in wished:
        return f"I cannot promise a file size ({wished['file']}): pictures are kept as PNG. A smaller picture has a smaller file."
    return ""
