"""Words, borders, corners, grain and fewer colours: what is put on or around a whole picture, and what its words set. Pure.

A row counts only where the clause names nothing besides the picture and what is put on it: `a white border` does, `a white
fence around the house` does not, nor does `write OPEN on the sign`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.embedded import words
from agent.embedded.vocabulary import things

TOOLS = (
    "text_on_image", "add_border", "pad_image", "round_corners", "vignette_image", "film_grain", "auto_levels",
    "posterize_image", "pixelate_image",
)  # fmt: skip


@dataclass(frozen=True)
class Finish:
    """A tool with parameters, and how to say it."""

    tool: str
    params: dict[str, Any]
    saying: str
    look: bool = True


@dataclass(frozen=True)
class _Row:
    pattern: re.Pattern[str]
    own: frozenset[str]
    """What it is called, and what may be said of it."""
    read: Callable[[str], Finish]


def finished(clause: str) -> Finish | None:
    """What the clause puts on the picture as a whole; None when it does not."""
    if (written := _written(clause)) is not None:
        return written
    if _TAKEN_AWAY.search(clause):
        return None
    for row in _ROWS:
        if row.pattern.search(clause) and not set(things(clause)) - row.own - _ANY:
            return row.read(clause)
    return None


_TAKEN_AWAY = re.compile(
    r"\b(?:no|less|without|remove|lose|drop|delete|erase|rid|take (?:away|off|out)|crop (?:away|off|out)|cut (?:away|off|out)) (?:of )?(?:the |its |all |any |this |that )?"
    r"(?:\w+ )?(?:borders?|frames?|margins?|bars|vignette|grain|corners?|mosaic|pixels|noise)\b"
    r"|\bthere(?:'s| is| are)\b|\b(?:in|into|as) (?:one|a single|the same) frame\b", re.I
)  # fmt: skip
_QUOTED = re.compile(r"[\"“„«]([^\"“”„»]{1,300})[\"”»]|(?<!\w)'([^']{2,300})'(?!\w)")
_AFTER_COLON = re.compile(r":\s*(\S.{0,300})$")
_WRITES = re.compile(
    r"\b(?:write|put|add|overlay|stamp|print|place|type|letter|caption|title|sign (?=it|this|that|with)|watermark|subtitle|set)\b", re.I
)
_CALLED = re.compile(r"\b(?:write|type|text|words?|caption|title|watermark|subtitle|signature|heading|headline|quote|lettering|meme)\b", re.I)
_SAID_OF_LETTERS = """
write text texts word words caption title watermark subtitle signature heading headline quote lettering
letters overlay stamp print place type letter meme font says saying say that reads
reading bold tiny small large big huge outline semi-transparent transparent faint date name set
photo's
"""
_LETTERING = frozenset(_SAID_OF_LETTERS.split())
_PLACES = (
    ("top left", r"\b(?:top|upper)[- ]left\b"), ("top right", r"\b(?:top|upper)[- ]right\b"),
    ("bottom left", r"\b(?:bottom|lower)[- ]left\b"), ("bottom right", r"\b(?:bottom|lower)[- ]right\b|\bin (?:the|a|one) corner\b"),
    ("top", r"\b(?:top|upper|above)\b"), ("center", r"\b(?:middle|cent(?:er|re))\b"), ("bottom", r"\b(?:bottom|lower|below|under(?:neath)?)\b"),
)  # fmt: skip
_COLORS = ("white", "black", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "gold", "cream")
_COLORED = re.compile(rf"\b({'|'.join(_COLORS)}|gray|golden)\b", re.I)
_ANY = frozenset(_COLORS) | {"gray", "golden", "border", "effect"}


def _written(clause: str) -> Finish | None:
    """`Write "OPEN" on it`: quoted, or after a colon where it is called a text."""
    found = _QUOTED.search(clause) or (_AFTER_COLON.search(clause) if _CALLED.search(clause) else None)
    if found is None:
        return None
    rest = re.sub(r"^sign (?=it|this|that|with)", "write ", f"{clause[: found.start()]} {clause[found.end() :]}", flags=re.I)
    if not (_WRITES.search(rest) or _CALLED.search(rest)) or set(things(rest)) - _LETTERING - _ANY:
        return None
    said = next(part for part in found.groups() if part).strip()
    params: dict[str, Any] = {"text": said} | _color(rest)
    place = next((name for name, pattern in _PLACES if re.search(pattern, rest, re.I)), None)
    mark = re.search(r"\b(?:watermark|signature)\b|^sign\b", clause, re.I) is not None
    if place is not None or mark:
        params["position"] = place or "bottom right"
    if mark:
        params |= {"size": 4.0, "opacity": 0.4} if "watermark" in rest.lower() else {"size": 4.0}
    elif size := re.search(r"\b(?:(big|large|huge)|(small|tiny))\b", rest, re.I):
        params["size"] = 16.0 if size[1] else 4.0
    return Finish("text_on_image", params, f"writing “{said}” on it", look=False)


def _color(clause: str) -> dict[str, Any]:
    found = _COLORED.search(clause)
    if found is None:
        return {}
    return {"color": {"gray": "grey", "golden": "gold"}.get(found[1].lower(), found[1].lower())}


def _border(clause: str) -> Finish:
    if re.search(r"\bpolaroid|\binstant (?:photo|film|picture)", clause, re.I):
        return Finish("add_border", {"style": "polaroid"}, "like an instant photo")
    params = _color(clause)
    if percent := re.search(r"(\d{1,2}) ?(?:%|percent\b)", clause):
        params["width"] = max(0.5, min(50.0, float(percent[1])))
    elif size := re.search(r"\b(?:(thin|narrow|slim|small|fine)|(thick|wide|broad|big|large|fat))\b", clause, re.I):
        params["width"] = 2.0 if size[1] else 10.0
    return Finish("add_border", params, f"with a {params.get('color', 'white')} border")


def _bars(clause: str) -> Finish:
    ratio = words.ratio(clause) or ("16:9" if re.search(r"\bletterbox|\bcinema", clause, re.I) else "1:1")
    color = _color(clause) or ({"color": "black"} if "letterbox" in clause.lower() else {})
    return Finish("pad_image", {"ratio": ratio, **color}, f"as a whole in {ratio}, with bars", look=False)


def _corners(clause: str) -> Finish:
    if re.search(r"\b(?:circle|circular|round (?:avatar|picture|photo|icon|shape))\b", clause, re.I):
        return Finish("round_corners", {"shape": "circle"}, "cutting it into a circle", look=False)
    strength = words.amount(clause).strength
    radius = {0.18: 5.0, 0.65: 25.0, 1.0: 40.0}.get(strength)
    return Finish("round_corners", {} if radius is None else {"radius": radius}, "rounding its corners", look=False)


def _strength(tool: str, saying: str, low: float, high: float) -> Callable[[str], Finish]:
    def read(clause: str) -> Finish:
        strong = re.search(r"\b(?:strong|heavy|coarse|dramatic|intense|extreme|lots? of|much)\b", clause, re.I)
        weak = re.search(r"\b(?:little|subtle|slight(?:ly)?|light|soft|gentle|fine|touch|bit|hint)\b", clause, re.I)
        params = {"strength": high} if strong else {"strength": low} if weak else {}
        return Finish(tool, params, saying)

    return read


_SPELLED = words.NUMBERS | {"twelve": 12, "sixteen": 16, "thirty-two": 32}


def _palette(clause: str) -> Finish:
    found = re.search(r"\b(\d{1,3})\b", clause)
    spelled = next((number for word, number in _SPELLED.items() if re.search(rf"\b{word} colou?rs\b", clause, re.I)), None)
    many = int(found[1]) if found else spelled
    params: dict[str, Any] = {} if many is None else {"colors": max(2, min(256, many))}
    if re.search(r"\bdither", clause, re.I):
        params["dither"] = "floyd-steinberg"
    return Finish("posterize_image", params, "in few colours")


def _pixels(clause: str) -> Finish:
    params: dict[str, Any] = {}
    if size := re.search(r"\b(?:(big|large|huge|coarse|chunky|strongly|heavily|completely|more)|(small|fine|slightly|little|bit))\b", clause, re.I):
        params["blocks"] = 24 if size[1] else 128
    return Finish("pixelate_image", params, "in large pixels")


def _row(pattern: str, own: str, read: Callable[[str], Finish]) -> _Row:
    return _Row(re.compile(pattern, re.I), frozenset(own.split()), read)


_ROWS: tuple[_Row, ...] = (
    _row(
        r"\b(?:white|black|grey|gray|coloured|colored|blurred|plain)? ?bars\b|\bletterbox|\bpad(?:ding|ded)?\b|\b(?:without|instead of|not|don't) (?:cropping|cutting)\b.*(?:\d ?: ?\d|\bsquare\b)"
        r"|(?:\d ?: ?\d|\bsquare\b).*\b(?:without|instead of|not|don't) (?:cropping|cutting)\b",
        "bars bar letterbox letterboxed pad padded padding cropping cutting off anything fit fits whole story instagram cinema plain any", _bars,
    ),
    _row(
        r"\b(?:border|frame|passepartout|margin)(?:s|ed)?\b(?! ?rate)|\bpolaroid\b|\binstant (?:photo|film|picture)\b",
        "border borders bordered frame framed margin passepartout polaroid polaroids instant film thin narrow slim fine thick broad fat nice simple "
        "plain style old", _border,
    ),
    _row(
        r"\bround(?:ed)? (?:off |out )?(?:the |its |all )?(?:four )?corners?\b|\bcorners? (?:round|rounded|rounder|softer)\b|\b(?:cut|crop|make|turn|put|mask)\b.*\b(?:into|to|as|in|a) ?a? (?:circle|circular)\b"
        r"|\bcircular (?:crop|avatar|shape|cutout)\b|\bround (?:avatar|icon)\b",
        "round rounded rounder off corners corner circle circular avatar profile icon shape mask strongly cutout nice app", _corners,
    ),
    _row(r"\bvignett\w*|\bdark(?:en|er)? (?:the |its |all )?(?:corners|edges)\b", "vignette vignetting vignetted heavy dramatic lens corners moody", _strength("vignette_image", "with darker corners", 0.25, 0.85)),
    _row(r"\bgrain(?:y|ier)?\b|\bfilm noise\b", "film grain grainy grainier noise old analog analogue heavy coarse fine 35mm 35 mm gritty photographic", _strength("film_grain", "with film grain", 0.2, 0.8)),
    _row(
        r"\bauto(?:matic(?:ally)?)?[- ]?(?:levels?|contrast|tones?|colou?rs?|enhance|fix|correct\w*|adjust\w*)\b|\b(?:levels|tones|colou?rs|exposure|lighting) automatically\b|\bde-?haze\b|\b(?:remove|reduce|cut|clear|less|no)(?: \w+)? haze\b|\bhaz(?:y|iness)\b",
        "auto automatic automatically remove cut levels level auto-levels auto-contrast auto-tone auto-fix auto-enhance auto-correct autocontrast autolevels correct correction corrected haze hazy haziness dehaze de-haze scan clear scanned old",
        _strength("auto_levels", "with even tones", 0.5, 1.0),
    ),
    _row(
        r"\bposteri[sz]\w*|\b(?:\d{1,3}|two|three|four|five|six|eight|ten|twelve|sixteen|few|fewer|only|limited) (?:flat )?colou?rs\b|\b(?:limit|reduce|limited|reduced|small)\b.*\bpalette\b|\bscreen ?print\b",
        "posterize posterise posterized posterised poster few fewer flat limited limit palette reduced screen screenprint dither dithering dithered sixteen", _palette,
    ),
    _row(r"\bpixel(?:at|l?i[sz])\w*|\bmosaic\b", "pixelate pixelated pixelize pixelise pixellate mosaic blocks block squares square chunky coarse heavily fine tiny huge", _pixels),
)  # fmt: skip
