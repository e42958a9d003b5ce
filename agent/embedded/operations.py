"""What plain picture operations are called, and which parameters their words mean. Pure.

An operation is recognised by its words in a clause that is about an existing picture; whether the clause is that, the
reader decides before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from agent.embedded import limits, words
from agent.embedded.finishing import finished
from tools.derive import MAX_SIDE


@dataclass(frozen=True)
class Operation:
    """A tool with parameters, and how to say it (`making {on} more vibrant`)."""

    tool: str
    params: dict[str, Any] = field(default_factory=dict, repr=False)
    saying: str = ""
    note: tuple[str, str] | None = None
    """What the person should know: (code, message)."""
    instead: str = ""
    """Where it cannot be done: the nearest thing that can, as a person would ask for it. Then `note` says why."""
    whole: bool = False
    """Its own reader made sure that the clause is about the whole picture."""
    look: bool = False
    """Changes how the picture looks (iterate) rather than doing a further thing with it (chain)."""


TRIMMED = "trimmed "
"""Begins what stands for the ratio of a part of a picture (`trimmed 0.5`: half of it): known when its size is."""


@dataclass(frozen=True)
class _Entry:
    pattern: re.Pattern[str]
    read: Callable[[str], Operation | None]


def recognise(clause: str) -> list[Operation]:
    """Every operation the clause names, in the order of the table; colour changes are one operation together."""
    found: list[Operation] = []
    if (finish := finished(clause)) is not None:
        return [Operation(finish.tool, finish.params, finish.saying, whole=True, look=finish.look)]
    clause = _KEPT.sub("", clause) or clause
    for entry in _TABLE:
        match = entry.pattern.search(clause)
        if match and found and _AS_MUCH.fullmatch(match[0]):
            continue
        if match and (operation := entry.read(_own_words(clause, match))) is not None:
            found.append(operation)
            if not operation.look:
                break
    return merged(found)


#: `Twice as bright` says how much, not how large.
_AS_MUCH = re.compile(r"twice|double", re.I)
#: What shall stay as it is moves no slider: `brighter but keep the contrast`.
_KEPT = re.compile(r",?\s*\b(?:but |and )?(?:keep(?:ing)?|leave|leaving|without changing|don't (?:change|touch)) (?:the|its) (?!left|right|top|bottom|middle|cent)[\w ]+$", re.I)


def _own_words(clause: str, match: re.Match[str]) -> str:
    """`increase saturation and reduce brightness`: each slider moves as its own part of the clause says, where it does."""
    start = 0
    for border in _BORDER.finditer(clause):
        if border.start() >= match.end():
            part = clause[start : border.start()]
            return part if _DIRECTED.search(part) else clause
        if border.end() <= match.start():
            start = border.end()
    part = clause[start:]
    return part if start and _DIRECTED.search(part) else clause


_BORDER = re.compile(r"\s*(?:,|\s(?:and|but|with)\s)\s*", re.I)
_DIRECTED = re.compile(
    r"\b(?:more|less|fewer|increase|decrease|reduce|raise|lower|boost|drop|too|up|down|slightly|much|lot|bit|little|not|\w+er)\b|%|\d",
    re.I,
)


def merged(operations: list[Operation]) -> list[Operation]:
    """Neighbouring colour adjustments become one."""
    result: list[Operation] = []
    for operation in operations:
        last = result[-1] if result else None
        if last is not None and last.tool == operation.tool == "adjust_color":
            saying = f"{last.saying} and {operation.saying}"
            note = last.note or operation.note
            result[-1] = Operation("adjust_color", last.params | operation.params, saying, note, look=True)
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
    return Operation(
        "adjust_color", {name: amount.signed}, degree + (up if amount.sign > 0 else down), _most(name, amount), look=True
    )


def _most(name: str, amount: words.Amount) -> tuple[str, str] | None:
    if amount.beyond is None:
        return None
    return "rounded", f"{name.capitalize()} moves by 100% at most: it is that, not {amount.beyond:g}%."


def _kept(asked: int, low: int, high: int, what: str) -> tuple[int, tuple[str, str] | None]:
    """A number within its bounds, and what to say when it was not."""
    kept = max(low, min(high, asked))
    return kept, None if kept == asked else limits.rounded(what, low, high, kept, asked)


def _opposite(name: str, up: str, down: str) -> Callable[[str], Operation]:
    """For words that already say the other way: `darker`, `muted`, `cooler`."""

    def read(clause: str) -> Operation:
        amount = words.amount(clause)
        return _adjust(name, up, down, replace(amount, sign=-amount.sign))

    return read


def _upscale(clause: str) -> Operation:
    said = words.factor(clause)
    times = said or 2.0
    if 0 < times < 1:  # `scale it by 0.5` makes it smaller, `enlarge it by half` larger by so much
        times = 1 + times if _GROWS.search(clause) else times
    if times < 1:
        return Operation("resize_image", {"factor": max(0.05, times)}, f"resizing it to {times:.0%}")
    factor = min(MOST_TIMES, times)
    note = ("largest", f"{MOST_TIMES:g} times is the most that is enlarged at once: this is {factor:g} times, not {times:g}.") if times > factor else None
    if said == 2 and _TWICE.search(clause):
        note = ("twice", "I took “twice” as twice the sides. For two rounds of that say “upscale it 4x”.")
    return Operation("upscale_image", {"factor": factor}, f"enlarging it {factor:g} times", note)


MOST_TIMES = 8.0
_GROWS = re.compile(r"\b(?:enlarg\w*|up-?(?:scal|siz|sampl|res)\w*|bigger|larger|increas\w*|grow\w*)\b", re.I)
#: Which may mean the sides or two rounds: `upscale it twice`, not `twice the size`.
_TWICE = re.compile(r"\b(?:up-?\w+|enlarge|scale|bigger|larger)\b.*\b(?:twice|two times|2 times)$", re.I)


def _brightness(clause: str) -> Operation:
    if re.search(r"\boverexposed\b", clause, re.I):
        return _adjust(*_BRIGHTNESS, words.Amount(-1, 0.35))
    return _color(*_BRIGHTNESS)(clause)


def _darkness(clause: str) -> Operation:
    """`Darker` asks for it; `dark` alone complains: `it is so dark`, `rather dark`."""
    if re.search(r"\bunderexposed\b|^(?!(?:make|turn|go|let)\b)(?:.*\s)?(?<!too )dark\b", clause, re.I):
        return _adjust(*_BRIGHTNESS, words.Amount(1, 0.35))
    return _opposite(*_BRIGHTNESS)(clause)


def _contrast(clause: str) -> Operation:
    """`Flat` is a complaint, too little of it."""
    amount = words.amount(clause)
    if re.search(r"\bflat\b", clause, re.I):
        amount = words.Amount(1, amount.strength)
    return _adjust(*_CONTRAST, amount)


def _cast(clause: str) -> Operation:
    """A tint that is too much is countered from the other side."""
    return _adjust(*_WARMTH, words.Amount(1 if "blue" in clause.lower() else -1, 0.35))


def _resize(clause: str) -> Operation | None:
    width, height = words.pixels(clause)
    if max(width or 0, height or 0) > MOST_PIXELS:
        return Operation(
            "", note=("too_large", f"{MOST_PIXELS} pixels is the longest side that I make."),
            instead=f"resize it to {MOST_PIXELS} pixels {'wide' if width else 'high'}",
        )  # fmt: skip
    if width or height:
        params = {k: v for k, v in (("width", width), ("height", height)) if v}
        return Operation("resize_image", params, f"resizing it to {width or '…'} × {height or '…'} pixels")
    times = words.factor(clause)
    if times is None and not _SMALLER.search(clause):
        return Operation("", note=("which_size", "To which size?"), instead="make it half the size|make it twice the size|resize it to 1024 pixels wide")
    if times is None:
        times = 0.25 if "thumbnail" in clause.lower() else 0.5
    elif re.search(r"\b(smaller|shrink|reduce|down)\b", clause, re.I) and times > 1:
        times = 1 / times
    return Operation("resize_image", {"factor": round(times, 3)}, f"resizing it to {times:.0%}")


_SMALLER = re.compile(r"\b(?:thumbnail|shrink|smaller|half|halve|down|downscale|downsize|less|reduce|tiny)\b", re.I)
MOST_PIXELS = MAX_SIDE


_PART = re.compile(r"\b(?:to |out |only )?(?:the |its )?(left|right|top|bottom|upper|lower) (half|third|quarter|two thirds)\b", re.I)
_SHARE = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "two thirds": 2 / 3}


def _crop(clause: str) -> Operation:
    if part := _PART.search(clause):
        side = {"upper": "top", "lower": "bottom"}.get(part[1].lower(), part[1].lower())
        return Operation("crop_image", {"ratio": f"{TRIMMED}{_SHARE[part[2].lower()]:.3f}", "position": side}, f"cropping it to the {side} {part[2]}")
    where = re.search(r"\b(left|right|top|bottom)\b", clause, re.I)
    width, height = words.pixels(clause)
    if width and height:
        side = where[1].lower() if where else "center"
        return Operation("crop_image", {"width": width, "height": height, "position": side}, f"cropping it to {width} x {height} pixels")
    params = {"ratio": words.ratio(clause) or "1:1", "position": where[1].lower() if where else "center"}
    shape = "square" if params["ratio"] == "1:1" else params["ratio"]
    return Operation("crop_image", params, f"cropping it {shape}")


def _rotate(clause: str) -> Operation:
    found = re.search(r"(-?\d+)\s?(?:°|deg)", clause) or re.search(r"\b(90|180|270)\b", clause)
    degrees = int(found[1]) if found else (180 if re.search(r"upside|half|around", clause, re.I) else 90)
    if re.search(r"counter|anti|to the left|\bleft\b", clause, re.I):
        degrees = -degrees
    angle = str(round(degrees / 90) * 90 % 360 or 90)
    whole = degrees % 90 == 0
    if abs(degrees) < 45:
        return Operation("", note=("quarters", f"Pictures turn by quarters (90°) here, not by {abs(degrees)}°."), instead="rotate it by 90°")
    note = (
        None
        if whole
        else ("quarters", f"Pictures turn by quarters here, so {abs(degrees)}° became {angle}°.")
    )
    return Operation("rotate_image", {"angle": angle}, f"turning it by {angle}°", note)


def _flip(clause: str) -> Operation:
    vertical = re.search(r"vertical|upside|top", clause, re.I)
    if vertical and re.search(r"horizontal|both|sideways", clause, re.I):  # one after the other is half a turn
        return Operation("rotate_image", {"angle": "180"}, "mirroring it both ways")
    direction = "vertical" if vertical else "horizontal"
    return Operation("flip_image", {"direction": direction}, f"mirroring it {direction}ly")


def _blur(clause: str) -> Operation:
    if said := re.search(r"\bradius(?: of| to|:)? (\d{1,4})\b|\b(\d{1,4}) ?(?:px|pixels?)\b", clause, re.I):
        radius, note = _kept(int(said[1] or said[2]), 1, 20, "Blur takes a radius")
        return Operation("blur_image", {"radius": radius}, "softer", note, look=True)
    radius = {0.18: 3, 0.65: 14, 1.0: 20}.get(words.amount(clause).strength, 6)
    return Operation("blur_image", {"radius": radius}, "softer", look=True)


def _sharpen(clause: str) -> Operation:
    strength = {0.18: 0.4, 0.65: 1.6, 1.0: 3.0}.get(words.amount(clause).strength, 0.8)
    return Operation("sharpen_image", {"amount": strength}, "sharper", look=True)


def _gray(_clause: str) -> Operation:
    return Operation("adjust_color", {"grayscale": True}, "black and white", look=True)


def _sepia(clause: str) -> Operation:
    strength = {0.18: 0.4, 0.65: 1.0, 1.0: 1.0}.get(words.amount(clause).strength, 0.8)
    return Operation("adjust_color", {"sepia": strength}, "sepia", look=True)


def _hue(clause: str) -> Operation:
    """`Shift the hue by 90 degrees`."""
    found = re.search(r"(-?\d{1,3})", clause)
    degrees, note = _kept(int(found[1]), -180, 180, "Hue takes degrees") if found else (30, None)
    return Operation("adjust_color", {"hue": degrees}, f"of another hue ({degrees}°)", note, look=True)


def _invert(_clause: str) -> Operation:
    return Operation("invert_image", {}, "a negative", look=True)


_VIBRANCE = ("vibrance", "more vibrant", "less vibrant")
_SATURATION = ("saturation", "more saturated", "less saturated")
_BRIGHTNESS = ("brightness", "brighter", "darker")
_CONTRAST = ("contrast", "stronger in contrast", "softer in contrast")
_WARMTH = ("temperature", "warmer", "cooler")


def _entry(pattern: str, read: Callable[[str], Operation | None]) -> _Entry:
    return _Entry(re.compile(pattern, re.I), read)


_WIDTHS = {"8k": 7680, "4k": 3840, "2k": 2048, "uhd": 3840, "full hd": 1920, "fhd": 1920}
_HEIGHTS = {"2160p": 2160, "1440p": 1440, "1080p": 1080, "720p": 720}
_SCREEN = r"\b(?:8k|4k|2k|uhd|full hd|fhd|2160p|1440p|1080p|720p)\b"


def _screen(clause: str) -> Operation:
    """`4k`, `1080p`: the name of a screen is a width or a height in pixels."""
    name = re.findall(_SCREEN, clause.lower())[0]
    params = {"width": _WIDTHS[name]} if name in _WIDTHS else {"height": _HEIGHTS[name]}
    return Operation("resize_image", params, f"resizing it to {name.upper() if 'k' in name else name}")


def _cut_off(clause: str) -> Operation | None:
    """`cut off the left side`: what stays is the other end."""
    side = re.search(r"\b(left|right|top|bottom)\b", clause, re.I)
    if side is None:
        return _crop(clause)
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[side[1].lower()]
    return Operation(
        "crop_image", {"ratio": f"{TRIMMED}0.8", "position": opposite}, f"cutting off its {side[1].lower()} side"
    )


_TABLE: tuple[_Entry, ...] = (
    _entry(r"\bblack[- ](?:and|&|n)[- ]white\b|\bb ?[&/] ?w\b|\bbw\b|\bgr[ae]y ?-?scale\b|\bmonochrom|"
           r"\bin gr[ae]y\b|\b(?:without|no|zero|remove|drop|take out|lose|minus)(?: the| any| all)? colou?rs?$|\bcolou?rless\b|\bcolou?rs? out\b", _gray),
    _entry(r"\bhues?\b", _hue),
    _entry(r"\bsepia\b", _sepia),
    _entry(r"\binvert|\bnegative of\b|\ba negative\b|\bopposite colou?rs", _invert),
    _entry(
        r"\bcolou?rs?\b.*\btoo (?:strong|intense|much|bright|rich|vivid)\b|\b(?:loud|louder|garish|gaudy|"
        r"oversaturated)\b",
        lambda _c: _adjust(*_SATURATION, words.Amount(-1, 0.35)),
    ),
    _entry(r"\b(?:stronger|richer|more intense|bolder|deeper) colou?rs?\b|\bcolou?rs? (?:\w+ )*(?:stronger|"
           r"richer|bolder|more intense)\b", _color(*_VIBRANCE)),
    _entry(r"\bvibran|\bvivid|\bcolou?rful|\bpop\b|\bpunch|\blive?lier\b|\blively\b", _color(*_VIBRANCE)),
    _entry(r"\b(?:dull|drab|pale|washed[- ]?out|"
           r"lifeless)\b", lambda _c: _adjust(*_VIBRANCE, words.Amount(1, 0.35))),
    _entry(r"\bdesaturat|\bmuted|\bfaded\b|\bmute\b", _opposite(*_SATURATION)),
    _entry(r"(?<!de)(?<!over)saturat", _color(*_SATURATION)),
    _entry(r"\bbright|\blighten|\blighter\b|\bexposure\b|\btoo light\b|\b(?:more|less) light$|"
           r"\boverexposed\b", _brightness),
    _entry(r"\bdark(?:er|en)?\b|\bdim(?:mer)?\b|\bunderexposed\b", _darkness),
    _entry(r"\bcontrast|\bflat\b", _contrast),
    _entry(r"\bwarm", _color(*_WARMTH)),
    _entry(r"\bcool (?:\w+ )?(?:down|off)\b", lambda c: _adjust(*_WARMTH, words.Amount(-1, words.amount(c).strength))),
    _entry(r"\bcool(?:er)?\b(?! (?:\w+ )?(?:down|off)\b)|\bcold(?:er)?\b|\bblu(?:er|ish)\b", _opposite(*_WARMTH)),
    _entry(r"\b(?:too|less) (?:yellow|orange)(?:ish)?\b|\b(?:too|less) blue(?:ish)?\b", _cast),
    _entry(r"\bblur(?!ry|rier)|^(?:make|more|a bit more|much more|turn|let)\b.*\bblurr(?:y|ier)\b|"
           r"\bsoft(?:en|er)\b|\bout of focus\b|\bdefocus", _blur),
    _entry(r"\bsharp(?:en(?:ed|ing)?|er)?\b|\bcrisp|^(?!make\b|more\b|a bit more\b|much more\b|turn\b|"
           r"let\b).*\bblurr(?:y|ier)\b|\bin focus\b", _sharpen),
    _entry(r"\b(?:cut|trim|crop|chop|slice)(?: off| away)? (?:off |away )?(?:a bit of |some of )?(?:the|"
           r"its) (?:\w+ )?(?:left|right|top|bottom)\b(?! (?:half|part))", _cut_off),
    _entry(r"\bcrop|\btrim\b|\bsquare\b|\bcut (?:it|this|that|the)\b.*\b(?:to|into)\b|"
           r"(?<![\d:])\d{1,2} ?: ?\d{1,2}(?![\d:])|\bwidescreen\b"
           r"|\b(?:portrait|landscape|vertical) (?:format|mode|orientation)\b", _crop),
    _entry(r"\brotat|\btilt|\bstraighten|\bturn (?:it|this|that|A\d+|the \w+) (?:by )?(?:left\b|right\b|\d|90|180|upside|around|to the (?:left|"
           r"right)|clockwise|counter|sideways|a (?:quarter|half))"
           r"|^\d+ degrees\b|\bupside down\b(?!.*\bflip)", _rotate),
    _entry(r"\bflip|\bmirror", _flip),
    _entry(_SCREEN, _screen),
    _entry(r"\bthumbnail|\bshrink|\bsmaller\b|\bhalf(?: |-)(?:the|its|of|as|size)|\b(?:a|one|two) (?:third|quarter)s? (?:of |the |its )|\bhalve|\bdownscale|\bdownsize|"
           r"\bscale (?:it |this |that |A\d+ )?down", _resize),
    _entry(r"\bresi[zs]e|\b\d{2,5} ?(?:x|by) ?\d{2,5}\b|\bscale\b.*\bto\b|\b\d{2,5} ?(?:px|pixels)\b|"
           r"\bpixels? (?:wide|high)", _resize),
    _entry(r"\b(?:reduce|decrease|shrink|scale|resi[sz]e) (?:it|this|that|the size|its size|A\d+)? ?(?:to|by) \d+ ?(?:%|percent)|\b(?:increase|enlarge) (?:it|this|the size|its size) (?:to|by) \d+ ?(?:%|percent)", _resize),
    _entry(r"\bup-?(?:scale|res|size|sample)|\benlarge|\bbigger\b|\blarger\b|\bsuper.?res|\bresolution\b|"
           r"\bdouble\b|\btwice\b"
           r"|\b(?:grow|magnify) (?:it|this|that|A\d+)(?: by\b|$)|\b\d(?:\.\d)?x\b|\bscale\b|\btimes (?:the|its|as)\b|\bblow (?:it|this|that|"
           r"A\d+) up\b", _upscale),
)  # fmt: skip

_LABELS: dict[str, Callable[[str], Operation | None]] = {
    "vibrance+": lambda _c: _adjust(*_VIBRANCE, words.Amount(1, 0.35)),
    "saturation-": lambda _c: _adjust(*_SATURATION, words.Amount(-1, 0.35)),
    "brightness+": lambda _c: _adjust(*_BRIGHTNESS, words.Amount(1, 0.35)),
    "brightness-": lambda _c: _adjust(*_BRIGHTNESS, words.Amount(-1, 0.35)),
    "contrast+": lambda _c: _adjust(*_CONTRAST, words.Amount(1, 0.35)),
    "warmth+": lambda _c: _adjust(*_WARMTH, words.Amount(1, 0.35)),
    "warmth-": lambda _c: _adjust(*_WARMTH, words.Amount(-1, 0.35)),
    "contrast-": lambda _c: _adjust(*_CONTRAST, words.Amount(-1, 0.35)),
    "grayscale": _gray,
    "sepia": _sepia,
    "invert": _invert,
    "upscale": _upscale,
    "resize": _resize,
    "crop": _crop,
    "rotate": _rotate,
    "flip": _flip,
    "blur": _blur,
    "sharpen": _sharpen,
}
