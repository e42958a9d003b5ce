"""Words of a clause as parameters of a tool that makes films, sounds or models: prompt, duration, lyrics, size. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.embedded import settings, words
from agent.embedded.creating import canvas, defaults, within
from tools.model import Tool

_AMOUNT = r"(?P<number>\d+(?:\.\d+)?|one|two|three|four|five|six|eight|ten|fifteen|twenty|thirty|forty|sixty|ninety|half an?|an?)"
_DURATION = re.compile(
    rf"(?:,\s*)?\b(?:(?:with )?a (?:duration|length) of |(?:lasting|for|about|around|exactly) )?{_AMOUNT}[ -]?(?P<unit>s|sec|secs|seconds?|min|mins|minutes?)\b"
    r"(?:[ -]?(?:long|in length))?(?: of\b)?",
    re.I,
)
_VALUES = {
    "an": 1, "a": 1, "half a": 0.5, "half an": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10,
    "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90,
}  # fmt: skip
_LYRICS = re.compile(r",?\s*(?:with (?:the |these )?|using (?:the |these )?)?(?:lyrics|words)\s*(?:are|is|:|go)?\s*[\"“](?P<said>[^\"”]+)[\"”]", re.I)
_FPS = re.compile(r"\b(\d{1,3}) ?(?:fps|frames (?:per|a) second)\b", re.I)
_CARRIER = re.compile(
    r"^(?:(?:please )?(?:make|create|generate|produce|render|compose|write|record|film|show|give|get|sing|play|animate|turn|convert|transform|let|bring)\b"
    r"|i(?:'d| would) like|i (?:want|need))(?: me| us)?\s*", re.I
)  # fmt: skip
_FILM = r"(?:(?:short|little|long|new|quick|looping|vertical|widescreen|wide-?screen|wide|square|portrait|landscape|cinematic|upright) )*(?:text to |image to )?(?:videos?|clips?|movies?|films?|animations?|gifs?|footage)"
_OF_A_FILM = re.compile(
    rf"^(?:an?|some|the|it|this|that)?\s*(?:into |to |as )?(?:an?\s+)?{_FILM}\s*(?:(?:clip|file)\b)?\s*[:,]?\s*(?:of (?!a\d)|about|showing|with|in which|where|that|:)?\s*",
    re.I,
)
_AS_A_FILM = re.compile(rf",?\s*\b(?:as|into|to|in) (?:an? )?{_FILM}$", re.I)
_ABOUT = re.compile(
    r"\b(?:(?:of|from|out of|between|with|to|into|and) )?(?:a\d+|(?:my|this|that|the) (?:photo|picture|image|pic|video|clip|film|song|music|track|one)|"
    r"the (?:first|second|third|last)(?: (?:one|picture|image|photo))?|this one|\bit\b|\bthis\b|\bthese\b|\bthem\b)\b", re.I
)  # fmt: skip
_MODEL = re.compile(r"^(?:an?|the)?\s*3-?d (?:models?|mesh(?:es)?|objects?|assets?|prints?|sculptures?)\s*(?:of|from|:)?\s*", re.I)
_SHAPE = re.compile(r"\b(?:vertical|widescreen|wide-?screen|portrait|landscape|square|upright)\b(?= (?:video|clip|film|movie))", re.I)


def duration(clause: str) -> float | None:
    """Seconds that the clause names."""
    found = _DURATION.search(clause)
    if found is None:
        return None
    said = found["number"].lower()
    number = _VALUES.get(said) or float(said if said[0].isdigit() else 0)
    return (number * 60 if found["unit"].lower().startswith("m") else number) or None


def numbers(clause: str) -> dict[str, float]:
    """Seconds and frames that the clause names, by parameter."""
    fps = _FPS.search(clause)
    found = {"duration": duration(clause), "fps": None if fps is None else float(fps[1])}
    return {name: value for name, value in found.items() if value is not None}


def params_of(clause: str, tool: Tool, seed: int, prompt: str) -> dict[str, Any]:
    """What of the clause the tool has a parameter for; `prompt` is what it shall show or sound like."""
    told = settings.said(clause)
    given: dict[str, Any] = {"prompt": prompt, "seed": seed, "duration": duration(clause)}
    if (lyrics := _LYRICS.search(clause)) is not None:
        given["lyrics"] = lyrics["said"].strip()
    given |= {name: int(value) for name, value in numbers(clause).items() if name == "fps"}
    if (many := words.count(clause)) is not None:
        given["count"] = many
    if (times := words.factor(clause)) is not None:
        given |= {"scale": times, "factor": times}
    if {"width", "height"} <= set(tool.params):
        given |= canvas(_format(clause), tool)
    said = {name: value for name, value in given.items() if value is not None}
    return within(settings.applied(told, said, defaults(tool)), tool)


def wanted(clause: str) -> frozenset[str]:
    """The parameters that the clause asks for by name: a tool that has them goes before one that has not."""
    names = {"duration"} if duration(clause) else set()
    return frozenset(names | ({"lyrics"} if _LYRICS.search(clause) else set()))


def of_new(clause: str, kind: str) -> str:
    """What something new shall be: `make me a 5 second clip of a candle` -> `a candle`, `a song about tea` stays one."""
    text = _plain(clause)
    if kind == "model3d":
        return _MODEL.sub("", text).strip(" ,.") or text
    if kind == "audio":
        return re.sub(r"^(?:an?|some|the)\s+(?=\S)", "", _LYRICS.sub("", text), flags=re.I).strip(" ,.") or text
    what = _OF_A_FILM.sub("", _AS_A_FILM.sub("", text), count=1)
    return what.strip(" ,.") or text


def of_change(clause: str) -> str:
    """How what is there shall move or change: `make a video of A1 where the waves move` -> `the waves move`; "" where nothing is said."""
    text = _AS_A_FILM.sub("", _plain(clause))
    text = _OF_A_FILM.sub("", text, count=1)
    left = _ABOUT.sub("", text).strip(" ,.:")
    left = re.sub(r"^(?:of|into|to|as|from|between|where|with|and|so that|in which|that)\b\s*(?:an? )?", "", left, flags=re.I)
    left = re.sub(rf"^{_FILM}\b[ ,:]*(?:of|where|with|in which|that|and)?\s*", "", left, flags=re.I).strip(" ,.:")
    return "" if re.fullmatch(r"(?:to life|into|to|life|video|move|in|a|so)*", left, re.I) else left


def _plain(clause: str) -> str:
    """Without its verb of making, its settings, its duration and its format."""
    text = settings.said(words.bare(clause)).rest or clause
    text = _DURATION.sub(" ", _CARRIER.sub("", text, count=1))
    text = words.without_format(re.sub(r"\s+", " ", text).strip(" ,."))
    return re.sub(r"^(?:an?|some) (?=,|$)", "", text).strip()


def _format(clause: str) -> str:
    """`a vertical video` says a format."""
    return f"{clause}, {said[0]} format" if (said := _SHAPE.search(clause)) else clause


def unnamed(params: Mapping[str, Any]) -> bool:
    """Whether nothing says what it shall be."""
    return not params.get("prompt")
