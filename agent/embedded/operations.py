"""What plain picture operations are called, and which parameters their words mean. Pure.

An operation is recognised by its words in a clause that is about an existing picture; whether the clause is that, the
reader decides before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.embedded import words


@dataclass(frozen=True)
class Operation:
    """A tool with parameters, and how to say it (`making {on} more vibrant`)."""

    tool: str
    params: dict[str, Any] = field(default_factory=dict, repr=False)
    saying: str = ""
    look: bool = False
    """Changes how the picture looks (iterate) rather than doing a further thing with it (chain)."""


@dataclass(frozen=True)
class _Entry:
    pattern: re.Pattern[str]
    read: Callable[[str], Operation | None]


def recognise(clause: str) -> list[Operation]:
    """Every operation the clause names, in the order of the table; colour changes are one operation together."""
    found: list[Operation] = []
    for entry in _TABLE:
        if entry.pattern.search(clause) and (operation := entry.read(clause)) is not None:
            found.append(operation)
            if not operation.look:
                break
    return merged(found)


def merged(operations: list[Operation]) -> list[Operation]:
    """Neighbouring colour adjustments become one."""
    result: list[Operation] = []
    for operation in operations:
        last = result[-1] if result else None
        if last is not None and last.tool == operation.tool == "adjust_color":
            saying = f"{last.saying} and {operation.saying}"
            result[-1] = Operation("adjust_color", last.params | operation.params, saying, look=True)
        else:
            result.append(operation)
    return result


def labelled(label: str, clause: str) -> Operation | None:
    """The operation that a prototype's label stands for: `vibrance+`, `rotate_image`; None for an unknown label."""
    if label in _LABELS:
        return _LABELS[label](clause)
    return None


def _color(name: str, up: str, down: str) -> Callable[[str], Operation]:
    def read(clause: str) -> Operation:
        return _adjust(name, up, down, words.amount(clause))

    return read


def _adjust(name: str, up: str, down: str, amount: words.Amount) -> Operation:
    degree = {0.18: "a little ", 0.65: "much "}.get(amount.strength, "")
    return Operation("adjust_color", {name: amount.signed}, degree + (up if amount.sign > 0 else down), look=True)


def _opposite(name: str, up: str, down: str) -> Callable[[str], Operation]:
    """For words that already say the other way: `darker`, `muted`, `cooler`."""

    def read(clause: str) -> Operation:
        amount = words.amount(clause)
        return _adjust(name, up, down, words.Amount(-amount.sign, amount.strength, amount.exact))

    return read


def _upscale(clause: str) -> Operation:
    times = words.factor(clause) or 2.0
    return Operation("upscale_image", {"factor": min(8.0, max(1.0, times))}, f"enlarging it {times:g} times")


def _resize(clause: str) -> Operation | None:
    width, height = words.pixels(clause)
    if width or height:
        params = {k: v for k, v in (("width", width), ("height", height)) if v}
        return Operation("resize_image", params, f"resizing it to {width or '…'} × {height or '…'} pixels")
    times = words.factor(clause)
    if times is None:
        times = 0.25 if "thumbnail" in clause.lower() else 0.5
    elif re.search(r"\b(smaller|shrink|reduce|down)\b", clause, re.I) and times > 1:
        times = 1 / times
    return Operation("resize_image", {"factor": round(times, 3)}, f"resizing it to {times:.0%}")


def _crop(clause: str) -> Operation:
    where = re.search(r"\b(left|right|top|bottom)\b", clause, re.I)
    params = {"ratio": words.ratio(clause) or "1:1", "position": where[1].lower() if where else "center"}
    shape = "square" if params["ratio"] == "1:1" else params["ratio"]
    return Operation("crop_image", params, f"cropping it {shape}")


def _rotate(clause: str) -> Operation:
    found = re.search(r"(-?\d+)\s?(?:°|deg)", clause) or re.search(r"\b(90|180|270)\b", clause)
    degrees = int(found[1]) if found else (180 if re.search(r"upside|half|around", clause, re.I) else 90)
    if re.search(r"counter|anti|to the left|\bleft\b", clause, re.I):
        degrees = -degrees
    angle = str(round(degrees / 90) * 90 % 360 or 90)
    return Operation("rotate_image", {"angle": angle}, f"turning it by {angle}°")


def _flip(clause: str) -> Operation:
    vertical = re.search(r"vertical|upside|top", clause, re.I)
    direction = "vertical" if vertical else "horizontal"
    return Operation("flip_image", {"direction": direction}, f"mirroring it {direction}ly")


def _blur(clause: str) -> Operation:
    radius = {0.18: 3, 0.65: 14}.get(words.amount(clause).strength, 6)
    return Operation("blur_image", {"radius": radius}, "softer", look=True)


def _sharpen(clause: str) -> Operation:
    strength = {0.18: 0.4, 0.65: 1.6}.get(words.amount(clause).strength, 0.8)
    return Operation("sharpen_image", {"amount": strength}, "sharper", look=True)


def _gray(_clause: str) -> Operation:
    return Operation("adjust_color", {"grayscale": True}, "black and white", look=True)


def _sepia(_clause: str) -> Operation:
    return Operation("adjust_color", {"sepia": 0.8}, "sepia", look=True)


def _invert(_clause: str) -> Operation:
    return Operation("invert_image", {}, "a negative", look=True)


_VIBRANCE = ("vibrance", "more vibrant", "less vibrant")
_SATURATION = ("saturation", "more saturated", "less saturated")
_BRIGHTNESS = ("brightness", "brighter", "darker")
_CONTRAST = ("contrast", "stronger in contrast", "softer in contrast")
_WARMTH = ("temperature", "warmer", "cooler")


def _entry(pattern: str, read: Callable[[str], Operation | None]) -> _Entry:
    return _Entry(re.compile(pattern, re.I), read)


_TABLE: tuple[_Entry, ...] = (
    _entry(r"\bblack[- ](?:and|&|n)[- ]white\b|\bb ?[&/] ?w\b|\bgr[ae]y ?-?scale\b|\bmonochrom|\bin gr[ae]y\b", _gray),
    _entry(r"\bsepia\b", _sepia),
    _entry(r"\binvert|\bnegative of\b|\ba negative\b|\bopposite colou?rs", _invert),
    _entry(r"\bvibran|\bvivid|\bcolou?rful|\bpop\b|\bpunch|\blive?lier\b|\blively\b", _color(*_VIBRANCE)),
    _entry(r"\b(?:dull|drab|pale|washed[- ]?out|lifeless|loud(?:er)?)\b", lambda _c: _adjust(*_VIBRANCE, words.Amount(1, 0.35))),
    _entry(r"\bdesaturat|\bmuted|\bfaded\b|\bmute\b", _opposite(*_SATURATION)),
    _entry(r"(?<!de)saturat", _color(*_SATURATION)),
    _entry(r"\bbright|\blighten|\blighter\b|\bexposure\b|\btoo light\b", _color(*_BRIGHTNESS)),
    _entry(r"\bdark(?:er|en)\b|\bdim(?:mer)?\b|\btoo dark\b|\bunderexposed\b", _opposite(*_BRIGHTNESS)),
    _entry(r"\bcontrast|\bflat\b", _color(*_CONTRAST)),
    _entry(r"\bwarm", _color(*_WARMTH)),
    _entry(r"\bcool(?:er)?\b|\bcold(?:er)?\b|\bblu(?:er|ish)\b", _opposite(*_WARMTH)),
    _entry(r"\bblur|\bsoft(?:en|er)\b|\bout of focus\b|\bdefocus", _blur),
    _entry(r"\bsharp(?:en|er)?\b|\bcrisp", _sharpen),
    _entry(r"\bcrop|\btrim\b|\bsquare\b|\bcut (?:it|this|that|the)\b.*\b(?:to|into)\b", _crop),
    _entry(r"\brotate|\bturn (?:it|this|that|the \w+) (?:\d|by|90|180|upside|around|to the (?:left|right)|clockwise|sideways)", _rotate),
    _entry(r"\bflip|\bmirror", _flip),
    _entry(r"\bthumbnail|\bshrink|\bsmaller\b|\bhalf (?:the|its|of)|\bhalve|\bdownscale|\bdownsize|\bscale (?:it |this |that )?down", _resize),
    _entry(r"\bresi[zs]e|\b\d{2,5} ?(?:x|by) ?\d{2,5}\b|\bscale\b.*\bto\b|\b\d{2,5} ?(?:px|pixels)\b|\bpixels? (?:wide|high)", _resize),
    _entry(r"\bup-?(?:scale|res|size|sample)|\benlarge|\bbigger\b|\blarger\b|\bsuper.?res|\bresolution\b|\bdouble\b|\btwice\b|\b\d(?:\.\d)?x\b|\bscale\b", _upscale),
)  # fmt: skip

_LABELS: dict[str, Callable[[str], Operation | None]] = {
    "vibrance+": lambda _c: _adjust(*_VIBRANCE, words.Amount(1, 0.35)),
    "saturation-": lambda _c: _adjust(*_SATURATION, words.Amount(-1, 0.35)),
    "brightness+": lambda _c: _adjust(*_BRIGHTNESS, words.Amount(1, 0.35)),
    "brightness-": lambda _c: _adjust(*_BRIGHTNESS, words.Amount(-1, 0.35)),
    "contrast+": lambda _c: _adjust(*_CONTRAST, words.Amount(1, 0.35)),
    "warmth+": lambda _c: _adjust(*_WARMTH, words.Amount(1, 0.35)),
    "warmth-": lambda _c: _adjust(*_WARMTH, words.Amount(-1, 0.35)),
    "grayscale": _gray,
    "upscale": _upscale,
    "resize": _resize,
    "crop": _crop,
    "rotate": _rotate,
    "flip": _flip,
    "blur": _blur,
    "sharpen": _sharpen,
}
