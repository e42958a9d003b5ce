"""So many pictures and what tells them apart: `four foxes, one per colour: red, blue, green, golden`. Pure.

A number with a list is one request for each of the list, all about the same subject. What is named as different and not
listed (`each in a different style`) is chosen here, and stands in the requests that come out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.embedded.numerals import (
    COUNT,
    DIFFERENT,
    LEAD,
    MEDIUM,
    PICTURE,
    SET_OF,
    many,
    one_of,
    with_article,
)

MOST_WAYS = 12
"""Requests of one list: as many as a plan has steps."""
MOST_PICTURES = 16  # as in creating.py

_COLOURS = "red|blue|green|yellow|purple|orange|pink|white|black|golden|turquoise|brown|silver|gr[ae]y|violet|crimson|teal|gold|beige|cyan|magenta|lilac|emerald|scarlet|navy|ivory|copper|bronze|indigo|maroon|olive|cream|rainbow"
_SEASONS = "(?:early |late )?(?:spring|summer|autumn|fall|winter)"
_TIMES = "(?:the )?(?:morning|evening|afternoon)|dawn|dusk|noon|night|sunrise|sunset|midday|midnight|twilight|day(?:time|light)?"
_STYLES = "(?:an? )?(?:water ?colou?rs?|oils?(?: paint(?:s|ing)?)?|inks?|pencils?(?: sketch| drawing)?|chalks?|pastels?|charcoal|crayons?|acrylics?|anime|manga|comics?|cartoon|pixel art|line art|pop art|photo(?:graph|realistic)?|realis(?:m|tic)|cubis[mt]|impressionis[mt]|art deco|art nouveau|baroque|minimalist|gothic|cyberpunk|steampunk|surrealis[mt]|mosaic|stained glass|woodcut|collage|3d|low poly|claymation|origami|graffiti|gouache|ukiyo-e)(?: style)?"
_WEATHER = "(?:the )?(?:rain|snow|fog|mist|sun(?:shine)?|storm|moonlight|sunlight)"
_KNOWN = rf"(?:(?:(?:in|at|by|as|with|during) )?(?:(?:dark |light |bright |deep |pale )?(?:{_COLOURS})|{_SEASONS}|{_TIMES}|{_STYLES}|{_WEATHER}))"
_ALL_KNOWN = re.compile(rf"{_KNOWN}$", re.I)
_COLOUR = re.compile(rf"(?:dark |light |bright |deep |pale )?(?:{_COLOURS})$", re.I)
_AT = re.compile(r"(?:dawn|dusk|noon|night|sunrise|sunset|midday|midnight|twilight)$", re.I)
_IN = re.compile(rf"(?:{_SEASONS}|{_STYLES}|{_TIMES}|{_WEATHER})$", re.I)
#: What may be left open, and what is chosen then.
CHOICES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"colou?rs?(?: schemes?)?|hues?|shades?", ("red", "blue", "green", "yellow", "purple", "orange", "pink", "white", "black", "golden", "turquoise", "brown")),
    (r"seasons?", ("in spring", "in summer", "in autumn", "in winter")),
    (r"times? of (?:the )?day|hours?(?: of the day)?", ("at dawn", "at noon", "at dusk", "at night", "in the morning", "in the afternoon", "at sunset", "at midnight")),
    (r"(?:art(?:istic)? |visual |painting |drawing )?(?:styles?|techniques?|media|mediums?)",
     ("in watercolour", "in oil paint", "as a pencil drawing", "in ink", "as pixel art", "as a woodcut", "in stained glass", "in chalk", "as anime", "as a collage", "in charcoal", "as a mosaic")),
    (r"weathers?(?: conditions?)?|kinds? of weather", ("in sunshine", "in rain", "in snow", "in fog", "in a storm", "in strong wind")),
    (r"moods?|atmospheres?|feelings?", ("cheerful", "gloomy", "dreamy", "mysterious", "calm", "dramatic", "romantic", "eerie")),
    (r"materials?", ("made of wood", "made of glass", "made of stone", "made of metal", "made of paper", "made of clay", "made of ice", "made of wool")),
    (r"(?:lights?|lighting)s?", ("in morning light", "in golden evening light", "in moonlight", "in candlelight", "in neon light", "in soft studio light")),
)  # fmt: skip
_KIND = rf"(?:{'|'.join(pattern for pattern, _ in CHOICES)}|looks?|poses?|settings?|places?|expressions?|outfits?|animals?|things?|types?|kinds?)"
_ONE = r"(?:one|an?|each|each one)(?: (?:separate |own )?(?:picture|image|version|copy|variation))?"
_PER = re.compile(
    r"(?:^|,?\s+)(?:-\s*)?(?:with |and |but )?(?:"
    rf"{_ONE} (?:per|(?:for|in|of|with) (?:each|every|all))(?: of)?(?: (?:the|these|those))?(?: following)?(?: (?P<kind>{_KIND}))?"
    rf"|{_ONE} each|each (?:one )?(?:of them )?different|(?:per|(?:for|in) (?:each|every)) (?P<kind4>{_KIND})"
    rf"|(?:each|every one|all)(?: of them| one| time)?(?: being| having| made)?(?: in| with| at| of| has)? (?:an? |its |their )?(?:different|own|another|unique|separate|new)(?: own)? (?P<kind2>{_KIND})"
    rf"|(?:in|with|at|of) (?:(?:each|all|every one) of )?(?P<these>the following |these |those |the )?(?:(?P<count>{COUNT}) )?(?P<differ>(?:different|various|several|separate|varying|distinct|other) )?(?P<kind3>{_KIND})"
    rf"|(?P<times>{COUNT} (?:times|{DIFFERENT}{PICTURE})|twice|thrice)"
    r")$", re.I
)  # fmt: skip
_HEAD = re.compile(rf"^{SET_OF}(?P<count>{COUNT}) {DIFFERENT}(?:(?P<plain>{PICTURE})(?: (?:of|for|showing|(?<=takes )on) (?P<of>.+))?|of (?P<them>it|this|that|them|these|those|a\d+)|(?P<bare>.+))$", re.I)
_MEDIUM = re.compile(rf"(?:[\w'-]+ ){{0,2}}?{MEDIUM}(?:$| (?:of|for|showing|about|in|with)\b)", re.I)
_TAIL = re.compile(r"[,;]?\s*(?:please|thanks|thank you|for me|each|respectively|separately)?[\s.!?]*$", re.I)
_COLON = re.compile(r"\s*:(?!\d)\s*|\s+-\s+")
_ONES = re.compile(r"[,;:]?\s+(?:and )?(?:(?<![\w-])one|once|another(?: one)?|the (?:first|second|third|fourth|fifth|sixth|last|next|other)(?: one)?)(?! (?:per|for each|for every|in each|of each|each|of)\b)(?: (?:is|being|should be|shall be))?(?= )", re.I)
_LISTED = re.compile(rf"^(?P<head>.*?),?\s+(?P<list>{_KNOWN}(?:,\s*{_KNOWN})*,?\s*(?:and|or|&|,)\s*{_KNOWN})$", re.I)


@dataclass(frozen=True)
class Head:
    """What stands before the list: how many of what, and how surely they are pictures apart."""

    verb: str
    subject: str
    count: int | None
    pictures: bool
    """Pictures were counted, not things: `four versions of a fox`, not `four foxes`."""
    apart: bool = False
    """It says so: `one per colour`."""
    kind: str | None = None
    open: bool = False
    """They shall differ, and the words leave open how."""


def spread(part: str) -> list[str] | None:
    """A request for each of the pictures that a part of a message counts and tells apart; None when it does not."""
    said = _parsed(part)
    return None if said is None else _requests(*said)


def beyond(text: str) -> int | None:
    """How many a message asks for that are told apart, where these are more than one message makes."""
    said = (_parsed(part) for part in re.split(r"(?<=[.!?;])\s+|,? \b(?:and )?then\b", text))
    counts = [each[0].count or 0 for each in said if each is not None]
    return max(counts) if counts and max(counts) > MOST_PICTURES else None


def _parsed(part: str) -> tuple[Head, list[str]] | None:
    text = _TAIL.sub("", part.strip())
    for head, items in (_by_ones(text), _by_colon(text), _by_known(text)):
        if head is not None and len(items) > 1 and _told_apart(head, items):
            return head, items
    head = _head(text)
    ways = _chosen(head) if head is not None and head.open else None
    return (head, ways) if head is not None and ways else None


_Found = tuple[Head | None, list[str]]


def _by_ones(text: str) -> _Found:
    """`..., one red, one blue`, `..., once in red, once in blue`, `..., the first red, the second blue`."""
    head, *items = _ONES.split(f" {text}")
    found = _head(head.strip(" ,:;-")) if len(items) > 1 else None
    if found is None or not (found.pictures or found.apart):
        return None, []
    return replace(found, apart=True), _cleaned(items)


def _by_colon(text: str) -> _Found:
    head, *rest = _COLON.split(text, maxsplit=1)
    found = _head(head) if rest else None
    return (found, _items(rest[0], found.count)) if found is not None else (None, [])


def _by_known(text: str) -> _Found:
    """`... in spring, summer and winter`, with no colon: only what is known to rule each other out."""
    said = _LISTED.match(text)
    found = _head(said["head"]) if said is not None else None
    if said is None or found is None or not (found.pictures or found.apart):
        return None, []
    prep = re.match(r"(?:in|at|by|as|with|during) ", said["list"], re.I)
    items = _items(said["list"], found.count)
    return found, [item if not prep or re.match(r"(?:in|at|by|as|with|during) ", item, re.I) or _AT.match(item) else f"{prep[0]}{item}" for item in items]


def _items(said: str, count: int | None) -> list[str]:
    """A list at its commas; at its last `and` too, unless the number says that this belongs together."""
    pieces = [piece for piece in re.split(r"\s*[,;/]\s*(?:(?:and|or|plus)\s+)?", said) if piece.strip()]
    if len(pieces) != count or len(pieces) == 1:
        pieces = [*pieces[:-1], *re.split(r"\s+(?:and|or|&)\s+", pieces[-1])] if pieces else []
    return _cleaned(pieces)


def _cleaned(items: list[str]) -> list[str]:
    plain = (re.sub(r"^(?:and |or )?(?:then )?(?:(?:one|once|another)(?: (?:picture|version|image))?(?: (?:is|being|of it))? )?", "", item.strip(" ,;.!"), flags=re.I) for item in items)
    return [item for item in plain if re.search(r"\w", item)]


def _told_apart(head: Head, items: list[str]) -> bool:
    """Whether the list tells pictures apart, and does not say what is in one of them."""
    known = all(_ALL_KNOWN.match(item) for item in items)
    if head.apart:
        return True
    if head.count is None:
        return False
    return (known or len(items) == head.count) if head.pictures else known and len(items) == head.count


def _head(text: str) -> Head | None:
    lead = re.match(LEAD, text, re.I)
    verb = (lead["verb"] if lead else None) or "draw"
    verb = verb if verb.lower() not in ("show", "give", "get") else "draw"
    rest, told = text[lead.end() if lead else 0 :].strip(" ,"), Head(verb, "", None, False)
    while (said := _PER.search(rest)) is not None:
        rest = re.sub(r" for me$", "", rest[: said.start()].strip(" ,:"))
        told = _told(told, said)
    return _subject(rest, told)


def _told(head: Head, said: re.Match[str]) -> Head:
    """The head with what one phrase says: `in four colours`, `each in a different style`, `four times`."""
    stated = said["count"] or said["times"]
    kind = said["kind"] or said["kind2"] or said["kind3"] or said["kind4"] or head.kind
    loose = bool(said["kind3"]) and not (stated or said["differ"] or said["these"])
    chosen = _choices(kind) is not None and not loose and not (said["kind3"] and not said["differ"])
    return replace(
        head, kind=kind, count=head.count or (many(stated) if stated else None),
        apart=head.apart or not loose, pictures=head.pictures or bool(said["times"]), open=head.open or chosen,
    )  # fmt: skip


def _subject(rest: str, head: Head) -> Head | None:
    """The head with what its pictures show; None where it counts nothing and tells nothing apart."""
    said = _HEAD.match(rest)
    if said is None:
        return replace(head, subject=re.sub(r"^one (?=\w)", "a ", rest, flags=re.I)) if head.apart else None
    count = many(said["count"])
    if said["plain"] or said["them"]:
        return replace(head, subject=(said["of"] or said["them"] or "").strip(), count=count, pictures=True)
    if _ALIKE.match(said["bare"]):
        return replace(head, count=count, pictures=True)
    return replace(head, subject=one_of(said["bare"]), count=count, pictures=head.pictures or _MEDIUM.match(said["bare"]) is not None)


_ALIKE = re.compile(r"(?:more|others?|ones|again)(?: (?:(?:of|like) (?:it|this|that|them|these|those)))?$", re.I)


def _choices(kind: str | None) -> tuple[str, ...] | None:
    return next((ways for pattern, ways in CHOICES if kind and re.fullmatch(pattern, kind, re.I)), None)


def _chosen(head: Head) -> list[str] | None:
    ways = _choices(head.kind)
    if ways is None or (head.count is None and len(ways) > 4):
        return None
    return list(ways[: head.count or len(ways)])


def _requests(head: Head, items: list[str]) -> list[str]:
    """One request for each, with so many pictures each as make up the number that was said."""
    items = items[:MOST_WAYS]
    times, more = divmod(min(max(head.count or 0, len(items)), MOST_PICTURES), len(items))
    return [_request(head, item, times + (place < more)) for place, item in enumerate(items)]


_SAME = re.compile(r"(?:(?:it|this|that|them|these|those|the same|(?:the|this|that) (?:same )?(?:picture|image|photo|one))(?: (?:thing|picture|image|one))?)?$", re.I)
_OWNED = re.compile(r"(?:the|my|this|that|these|those|his|her|our|their|your|a\d+)\b", re.I)


def _request(head: Head, item: str, times: int) -> str:
    if _SAME.match(head.subject):
        if not head.subject and re.match(r"an? ", item, re.I):
            return _drawn(head.verb, item, times)
        return f"the same but {_way(item)}"
    if _OWNED.match(head.subject):
        return f"{head.subject} {_way(item)}"
    return _drawn(head.verb, put(head.subject, item), times)


def _drawn(verb: str, what: str, times: int) -> str:
    return f"{verb} {times} pictures of {what}" if times > 1 else f"{verb} {what}"


_TIED = re.compile(r"(?:in|at|as|with|without|on|for|by|under|during|of|from|near|made|that|where|which|while|wearing|holding|riding|saying|showing|inside|next to)\b", re.I)


def _way(item: str) -> str:
    """`summer` -> `in summer`, `night` -> `at night`; what is tied to its subject already stays."""
    if _TIED.match(item):
        return item
    if _AT.match(item):
        return f"at {item}"
    if _COLOUR.match(item) or _IN.match(item):
        return f"in {with_article(item) if re.search(r'(?:style|sketch|drawing)$', item, re.I) else item}"
    return item


def put(subject: str, item: str) -> str:
    """The subject as the item says: a colour stands before it, a place or a manner after it."""
    if _COLOUR.match(item):
        bare = re.sub(r"^an? ", "", subject, flags=re.I)
        return with_article(f"{item} {bare}") if bare != subject or " " not in subject else f"{subject} in {item}"
    if re.match(r"an? ", item, re.I) and _MEDIUM.search(subject) and not re.search(r"\b(?:of|for|showing) ", subject, re.I):
        return f"{subject} of {item}"
    way = _way(item)
    return f"{subject} {way}" if _TIED.match(way) else f"{subject}, {way}"
