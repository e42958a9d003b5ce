"""Unroll what is wanted several times over: `one in sepia and one in blue`, `at 25, 50 and 75 %`, `one per season`. Pure.

Each piece that comes out is a request of its own, on the same picture as the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.embedded.formats import formatted
from agent.embedded.numerals import one_of
from agent.embedded.spreading import put, spread
from agent.embedded.words import NUMBERS

MOST = 8
SETS: dict[str, tuple[str, ...]] = {
    "season": ("in spring", "in summer", "in autumn", "in winter"),
    "time of day": ("at dawn", "at noon", "at dusk", "at night"),
    "primary colour": ("in red", "in yellow", "in blue"),
    "direction": ("horizontally", "vertically"),
}
_COUNT = r"(?:two|three|four|five|six|both|all(?: (?:two|three|four|five|six))?|2|3|4|5|6)"
_LEAD = r"(?P<lead>(?:(?:can|could) (?:you|i|we) |please |now |just |also |i (?:want|need|would like|'d like)(?: to (?:see|have))? |i'd like |(?:show|give|make|do|draw|paint|create|get|send|render)(?: me)? |let me (?:see|have) |have )*)"
_VERSION = r"(?:versions?|copy|copies|pictures?|images?|variants?|edits?|takes?|ones?|prints?|renders?)"
_TAIL = r"(?:[,;]? (?:please|each|too|as (?:two|three|four|several|separate)(?: separate)? \w+|separately|of (?:it|this|that|them|the (?:picture|photo|image)|A\d+)|for (?:me|comparison)|i want (?:all|both)(?: \w+)?|instead|from (?:it|this|that)))*\s*[.!?]*$"
_SPLIT = re.compile(
    r"\s*(?:,\s*(?:and|plus|then)?\s*(?:also |another |finally )?|\s+(?:and|plus|&)\s+(?:also |another |finally )?)(?=\S)",
    re.I,
)
_APART = re.compile(
    rf"[,;]?\s*\b(?:(?<=, )(?:two|three|four|2|3|4) (?:separate |different )?{_VERSION}|(?:but )?(?:not in the same|in (?:two |three |separate |different )+|as (?:two|three|four|separate|different|individual)(?: (?:separate|different|individual))?|each (?:as|in) (?:its|a|their)(?: own)?) (?:{_VERSION}|files?|steps?)"
    r"|separately|one (?:picture|image|version) each|each (?:on|by) (?:its|their) own|each|(?:i want|give me|show me) (?:all|both)(?: (?:two|three|four|of them))?|all (?:two|three|four))\b\s*[.!?]*$",
    re.I,
)


def unrolled(part: str) -> list[str] | None:
    """The requests that a part of a message comes to; None when it is one."""
    if told_apart := spread(part):
        return told_apart
    for rule in _RULES:
        pieces = rule(part)
        if pieces and 1 < len(pieces) <= MOST and all(re.search(r"\w", piece) for piece in pieces):
            return [piece.strip(" ,") for piece in pieces]
    return None


# --- one ... and one ...

_ONE = re.compile(
    rf"^{_LEAD}(?:(?P<head>[^:,]*?): ?)?(?P<body>(?:(?:an? (?:[\w-]+ ){{1,3}}?)?(?:one|another)\b|another\b).*)$",
    re.I,
)
_ONE_START = re.compile(
    r"^(?:(?P<how>(?:an? )?(?:[\w-]+ ){0,3}?)(?:one|another)(?: one| version| picture| copy)?\b)\s*(?P<rest>.*)$",
    re.I,
)


def _ones(part: str) -> list[str] | None:
    """`One without colour and one in sepia`, `a bright one, a dark one`, `two signs: one that says OPEN and one ...`."""
    said = _ONE.match(part)
    if said is None or re.match(r"one (?:for|per|of) (?:each|every)\b", said["body"], re.I):
        return None
    starts = [_ONE_START.match(piece) for piece in _SPLIT.split(re.sub(_TAIL, "", said["body"], flags=re.I))]
    if len(starts) < 2 or any(start is None for start in starts):
        return None
    pieces = []
    for start in starts:
        assert start is not None
        how = re.sub(r"^an? ", "", start["how"].strip(), flags=re.I)
        pieces.append(f"{how} {start['rest']}".strip())
    head = re.sub(rf"^(?:{_COUNT}|an?|some)\s+(?:different )?", "", (said["head"] or "").strip(), flags=re.I)
    if head and not re.fullmatch(rf"(?:different |separate )?{_VERSION.replace('s?', '')}s?", head, re.I):
        return [f"draw {put(one_of(head), piece)}" for piece in pieces]
    return [_asked(piece) for piece in pieces]


def _asked(piece: str) -> str:
    """`in sepia`, `bright`: as one would ask for it alone."""
    return (
        piece
        if re.match(r"(?:in|with|without|at|as|on|that|where|of|from|by|under)\b", piece, re.I)
        else f"make it {piece}"
    )


# --- a ... version and a ... version

_VERSIONS = re.compile(
    rf"^{_LEAD}(?P<body>(?:an?|the|one|both(?: an?)?) .+?) (?:version|copy|variant|edition|take|crop)s?\b{_TAIL}",
    re.I,
)


def _versions(part: str) -> list[str] | None:
    """`A warm version and a cold version`, `a black-and-white and a sepia version of it`."""
    said = _VERSIONS.match(part)
    if said is None:
        return None
    pieces = [
        re.sub(r"^(?:both )?(?:an?|the|one) | (?:version|copy|variant|crop|one)$", "", piece.strip(), flags=re.I)
        for piece in _SPLIT.split(said["body"])
    ]
    articles = len(re.findall(r"(?:^|\W)(?:an?|one) [\w-]", said["body"], re.I))
    return [f"make it {piece}" for piece in pieces] if len(pieces) > 1 and articles >= 2 else None


# --- once in ..., once in ...

_ONCE = re.compile(r"^(?P<stem>.+?)[,:;]?\s+(?P<first>once (?:as |in |with |at |on )?.+)$", re.I)


def _onces(part: str) -> list[str] | None:
    """`A heron, once in oil, once in pencil`."""
    said = _ONCE.match(part)
    if said is None:
        return None
    ways = re.split(r"[,;]?\s*(?:and )?\bonce\b\s*", said["first"], flags=re.I)[1:]
    return [f"{said['stem'].strip(' ,')} {way.strip(' ,')}" for way in ways] if len(ways) > 1 else None


# --- a list of values

_UNIT = r"(?: ?(?:%|percent|px|pixels?|degrees?|°|x|times|wide|high|tall))*"
_VALUE = rf"(?:\d{{1,2}}:\d{{1,2}}|\d+(?:\.\d+)?{_UNIT})"
_VALUES = re.compile(
    rf"(?<![\w.:])(?P<list>{_VALUE}(?:\s*(?:,|/)\s*{_VALUE})*\s*(?:,\s*)?(?:and also|and|&|,|or)\s+{_VALUE})(?![\w:])(?!\s*:\d)",
    re.I,
)
_SCALED = re.compile(
    r"\b(?:scale|re-?size|shrink|enlarge|upscale|rotate|turn|blur|sharpen|size|sizes|widths?|heights?|wide|pixels?|px|percent|%|degrees|brighter|darker)\b|%",
    re.I,
)


def _values(part: str) -> list[str] | None:
    """`Scale it to 25, 50 and 75 %`, `three sizes: 1200, 800 and 400 wide`."""
    said = _VALUES.search(part)
    if said is None or not _SCALED.search(part):
        return None
    values = [
        value.strip()
        for value in re.split(r"\s*(?:,|/|\band(?: also)?\b|&|\bor\b)\s*", said["list"], flags=re.I)
        if value.strip()
    ]
    unit = "" if ":" in values[-1] else re.sub(r"^[\d.\s]+", "", values[-1]).strip()
    values = [value if re.search(r"[^\d.]", value) else f"{value} {unit}".strip() for value in values]
    before = _APART.sub("", part[: said.start()]).strip(" ,:")
    if (
        re.match(rf"^(?:\w+ )*?{_COUNT} (?:different )?(?:sizes|widths|versions|copies)\b", before, re.I)
        or not before
    ):
        before = "resize it to"
    after = _APART.sub("", part[said.end() :]).strip(" ,.!")
    after = after if 0 < len(after.split()) <= 2 else ""
    return [f"{before} {value} {after}".strip() for value in values]


# --- in red, in green and in yellow; in red, green and blue, one each

_PREPOSITION = r"(?:in|at|as|with|on|for|without)"
_LISTED = re.compile(
    rf"^(?P<stem>.*?)\b(?P<list>(?P<prep>{_PREPOSITION}) (?!the same\b)[\w' -]+?(?:,\s*(?P=prep) [\w' -]+?)*,?\s+(?:and|or) (?P=prep) [\w' -]+?){_TAIL}",
    re.I,
)
_EACH = re.compile(
    rf"\b(?:(?:one|a (?:version|copy|picture)|a separate one)(?: (?:in|for|per|of|with))? each|one (?:per|for each|for every|in each|of each|in every)(?: \w+)?|{_COUNT} (?:different |separate )?(?:versions|copies|pictures|images|variants|styles|colou?rs|looks|moods|sizes)(?: of [\w ]+?)?(?=\s*:)"
    rf"|{_COUNT} (?:seasons|times of (?:the )?day)(?=\W*$))\b"
    r"(?: of (?:it|this|that|the \w+))?[\s:,-]*(?P<list>.*)$",
    re.I,
)


def _listed(part: str) -> list[str] | None:
    """`Same teapot but in red, in green and in yellow`; `in spring, summer and autumn`, where each rules the others out."""
    if (said := _LISTED.match(part)) is not None:
        ways = [
            way.strip()
            for way in re.split(
                rf"\s*,?\s*(?:\band\b|\bor\b)?\s*(?=\b{said['prep']} )", said["list"], flags=re.I
            )
            if way.strip()
        ]
        return [f"{said['stem'].strip(' ,')} {way}".strip() for way in ways] if len(ways) > 1 else None
    return _exclusive(part)


_EXCLUSIVE = tuple(
    re.compile(
        rf"^(?P<stem>.*?)\b(?P<prep>in|at|by)(?: the)? (?P<list>(?:early |late )?(?:{kind})(?:,\s*(?:{kind}))*,?\s+and (?:{kind}))\b{_TAIL}",
        re.I,
    )
    for kind in (
        r"spring|summer|autumn|fall|winter",
        r"dawn|dusk|noon|night|sunrise|sunset|midday|midnight|twilight|morning|evening|day",
    )
)


def _exclusive(part: str) -> list[str] | None:
    for pattern in _EXCLUSIVE:
        if (said := pattern.match(part)) is not None:
            ways = [
                way.strip()
                for way in re.split(r"\s*(?:,|\band\b)\s*", said["list"], flags=re.I)
                if way.strip()
            ]
            return [f"{said['stem'].strip(' ,')} {said['prep']} {way}".strip() for way in ways]
    return None


_IN_EACH = re.compile(r"^(?P<stem>.*?)\b(?:in|for|at) (?:each|every|all(?: four| the| of the)?) (?:four )?(?P<name>seasons?|times? of (?:the )?day)\b\W*$", re.I)
_EACH_OF = r"(?:of |for |in |per |to )?(?:each|every|per)(?: (?:of (?:them|these)|one|colou?r|style|season|mood|look|kind))?"
_OWN = r"(?:one|an?)(?: (?:separate|own|different|single))?(?: (?:version|picture|image|copy|print))?"
_LISTED_EACH = re.compile(
    r"^(?P<stem>.+?) (?P<prep>in|at|with|as) (?P<list>(?:(?!(?P=prep) )[^,])+(?:, (?:(?!(?P=prep) )[^,])+)*,? and (?:(?!(?P=prep) )[^,])+?),? "
    rf"(?:{_OWN},? {_EACH_OF}|as (?:separate|individual) {_VERSION}|(?:as )?{_COUNT} (?:separate |different )?{_VERSION}|separately)(?:,? please)?\W*$",
    re.I,
)
_SAME = re.compile(
    rf"^{_LEAD}(?:it |this |that |a\d+ )?(?:exactly )?(?:the |this |that )?same(?: (?:thing|picture|image|one))?(?: again)?,? (?:but )?(?P<prep>in|as|with|at) "
    r"(?P<list>(?!.*\b(?P=prep) )[\w-]+(?: [\w-]+)?(?:, [\w-]+(?: [\w-]+)?)+,? and [\w-]+(?: [\w-]+)?)$",
    re.I,
)


def _for_each(part: str) -> list[str] | None:
    """`A tree in every season`, `a logo in red and in blue, one each`; `the same in red, green and blue` is three."""
    if (said := _SAME.match(part)) is not None:
        return [f"the same but {said['prep']} {way}" for way in re.split(r",? and |, ", said["list"])]
    if (said := _LISTED_EACH.match(part)) is not None:
        return [f"{said['stem']} {said['prep']} {way}" for way in re.split(r",? and |, ", said["list"])]
    if (said := _IN_EACH.match(part)) is not None:
        name = "season" if said["name"].lower().startswith("season") else "time of day"
        stem = re.sub(rf"^{_LEAD}(?:(?:an?|one|another)(?: {_VERSION})?|it|this)?$", "", said["stem"].strip(" ,"), flags=re.I)
        return [f"{stem} {way}".strip() for way in SETS[name]]
    return None


def _each(part: str) -> list[str] | None:
    """`A version in each: red, green, blue`, `one for each season`."""
    said = _EACH.search(part)
    if said is None:
        return None
    named = next((ways for name, ways in SETS.items() if re.search(rf"\b{name}s?\b", part, re.I)), None)
    stem = re.sub(rf"^{_LEAD}$", "", part[: said.start()], flags=re.I).strip(" ,:")
    told = re.sub(_TAIL, "", said["list"], flags=re.I).strip(" .!")
    if re.search(r",|\band\b", told):
        ways = [way.strip() for way in _SPLIT.split(told) if way.strip()]
        return [_applied(stem, way) for way in ways]
    return [_applied(stem, way) for way in named] if named else None


def _applied(stem: str, way: str) -> str:
    prefixed = way if re.match(rf"{_PREPOSITION}\b", way, re.I) else f"in {way}"
    return f"{stem} {prefixed}".strip() if stem else (prefixed if " " not in way else way)


# --- said to be apart


def _apart(part: str) -> list[str] | None:
    """`Mirror it horizontally and vertically, as two pictures`, `both sharpened and inverted, but not in the same picture`."""
    said = _APART.search(part)
    if said is None:
        return None
    body = re.sub(r"^(?:both|all) ", "", part[: said.start()].strip(" ,"), flags=re.I)
    pieces = _SPLIT.split(body)
    if len(pieces) < 2:
        return None
    first = re.match(
        r"^(?P<stem>(?:\w+ ){1,2}(?:it|this|that|them|A\d+|the \w+) (?:to |by |in |as )?)(?P<rest>.+)$",
        pieces[0],
        re.I,
    )
    if first is None:
        return pieces
    return [pieces[0], *(piece if _VERB.match(piece) else f"{first['stem']}{piece}" for piece in pieces[1:])]


_VERB = re.compile(
    r"(?:make|turn|crop|flip|mirror|rotate|blur|sharpen|invert|upscale|resize|enlarge|shrink|brighten|darken|convert|draw|paint|add|remove)\b",
    re.I,
)
_SEPARATELY = re.compile(
    r"[,;]?\s*(?:and|plus|but)?\s*\b(?:separately|independently|apart from that|on its own|as a separate (?:picture|image|one),?)\b,?\s*",
    re.I,
)
_PLUS = re.compile(
    r"^(?P<first>(?:an? )(?:[\w-]+ ){0,3}(?:thumbnail|upscale|blow-?up|copy|version|enlargement|crop|negative|mirror(?:ed)? (?:copy|image)|preview))(?P<more>(?: (?:plus|and|and also) an? [^,]+)+)$",
    re.I,
)
_ALSO = re.compile(
    r"^(?P<lead>(?:i (?:need|want|would like|'d like)|i'd like|draw|paint|make|create|generate|give me|show me)(?: me)?) (?P<first>an? .+?) and (?:also|another picture of|a second one of) (?P<second>an? .+)$",
    re.I,
)


def _separately(part: str) -> list[str] | None:
    """`Upscale it, and separately make a blurred copy`."""
    pieces = [piece for piece in _SEPARATELY.split(part) if piece.strip(" ,")]
    return pieces if len(pieces) > 1 else None


def _plus(part: str) -> list[str] | None:
    """`A 128 px thumbnail plus a 4x blow-up`; `a pineapple icon and also a coconut icon`."""
    if (said := _ALSO.match(part)) is not None:
        return [f"{said['lead']} {said['first']}", f"{said['lead']} {said['second']}"]
    said = _PLUS.match(part)
    if said is None:
        return None
    return [piece for piece in re.split(r" (?:plus|and also|and) (?=an? )", part, flags=re.I)]


_SIZES = re.compile(
    rf"^{_LEAD}(?:it |this )?(?:in |at )?(?P<count>two|three|four|2|3|4) (?:different )?sizes\b{_TAIL}", re.I
)


def _sizes(part: str) -> list[str] | None:
    """`In three sizes`, none of them named."""
    said = _SIZES.match(part)
    if said is None:
        return None
    count = NUMBERS.get(said["count"].lower()) or int(said["count"])
    return [f"resize it to {share} %" for share in ((50, 25), (75, 50, 25), (100, 75, 50, 25))[count - 2]]


_RULES: tuple[Callable[[str], list[str] | None], ...] = (
    _sizes, _for_each, formatted, _values, _onces, _ones, _versions, _apart, _separately, _plus, _each, _listed,
)  # fmt: skip
