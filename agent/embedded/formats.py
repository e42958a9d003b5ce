"""One picture in several formats: `crop it to 16:9 and 4:3`, `a harbour in square and widescreen`. Pure."""

from __future__ import annotations

import re

from agent.embedded.words import RATIO_WORDS, drawable

_RATIO = r"\d{1,2}(?:\.\d+)? ?: ?\d{1,2}(?:\.\d+)?|\d{2,5} ?x ?\d{2,5}(?: ?px| ?pixels)?"
_WORD = rf"(?:an? )?(?:{'|'.join(RATIO_WORDS)})(?: (?:format|mode|orientation|shape))?"
_FORMAT = rf"(?:(?:once )?(?:to|into|in|as|at|for) )?(?:{_RATIO}|{_WORD})(?: (?:format|ratio|aspect ratio|version|crop))?"
_AND = r"\s*(?:,\s*(?:and|or|plus)?|/|&|\b(?:and|plus|as well as|or)\b)\s*(?:also |then )?(?:once (?:more )?)?(?:(?:one|another|an? (?:second|third|other)(?: one)?)\s)?"
_LISTED = re.compile(
    rf"^(?P<stem>.*?)[:,]?\s*(?:\b(?P<prep>to|into|in|as|at|for)\s+)?(?:(?:both|two|three|four|the|these|all|different|formats?|ratios?|aspect ratios?|shapes?|sizes?)[ :]+)*"
    rf"(?<![\w.:])(?P<list>{_FORMAT}(?:{_AND}{_FORMAT})+)(?P<tail>[,;]? (?:too|please|each|both|for me|separately|formats?|(?:aspect )?ratios?|versions?|crops?))*[\s.!]*$", re.I
)  # fmt: skip
_ONE_RATIO = re.compile(_RATIO)
_CROPS = re.compile(r"\b(?:crop|cut|trim|format|ratio|aspect)\w*\b", re.I)


def formatted(part: str) -> list[str] | None:
    """A request for each of the formats; None where one is named, or words that need not be formats."""
    said = _LISTED.match(part.strip())
    if said is None:
        return None
    formats = [re.sub(r"^(?:once )?(?:to|into|in|as|at|for) ", "", each.strip(), flags=re.I) for each in re.split(_AND, said["list"], flags=re.I) if each.strip()]
    numbers = [each for each in formats if _ONE_RATIO.match(each)]
    if (not numbers and not _CROPS.search(part)) or any(not _possible(each) for each in numbers):
        return None
    stem = said["stem"].strip(" ,:")
    return [f"{stem} {said['prep'] or _linked(stem)} {each}".strip() for each in formats]


def _linked(stem: str) -> str:
    """`crop it` goes on with `to`, a subject with `in`."""
    return "to" if _CROPS.match(stem) else "in"


def _possible(each: str) -> bool:
    across = re.split(r" ?[:x] ?", re.sub(r"[a-z ]+$", "", each, flags=re.I))
    return "x" in each or drawable(":".join(across[:2]))
