"""Whether a clause wants something that is no picture: a video, a sound, a 3D model. Pure."""

from __future__ import annotations

import re

from tools.protocols import Found

NAMES = {"video": "videos", "audio": "sound", "model3d": "3D models", "image": "pictures", "text": "texts", "mask": "masks"}
_GENRE = (
    r"(?:instrumental|backing|drum|audio|music|jazz|rock|pop|techno|house|hip[- ]?hop|ambient|dance|synthwave|lo-?fi|piano|guitar|"
    r"orchestral|folk|funk|blues|metal|trap|bass|disco)"
)
_NOUNS = {
    "video": r"videos?|clips?|movies?|films?|animations?|gifs?|animated \w+|time-?lapses?|footage",
    "audio": r"songs?|sounds?|sound effects?|music|melod(?:y|ies)|soundtracks?|audio|jingles?|voice(?:-?overs?)?s?|speech|narrations?|podcasts?|"
    rf"tunes?|instrumentals?|soundscapes?|{_GENRE} (?:\w+ )?(?:tracks?|beats?|loops?|pieces?|covers?)",
    "model3d": r"3-?d (?:models?|mesh(?:es)?|objects?|assets?|prints?|sculptures?)|mesh(?:es)?|stl|glb|gaussian splats?",
}
_MAKE = (
    r"(?:make|create|generate|produce|render|compose|write|record|film|give me|show me|get me|sing|play|"
    r"i (?:want|need)|i'd like|add|put|turn|convert|export|can you (?:make|do|create)|use \w+ to make)"
)
_BEFORE = (
    r"(?:(?:me|us|it|this(?: \w+(?= (?:in)?to\b))?|that|a\d+|the \w+|my \w+|into|to|as|in|an?|some|the|short|long|little|new|"
    r"looping|\d+ ?s(?:econds?)?|\w+-second|(?:\d+|one|half an?)[ -](?:minutes?|min)|(?:wide-?screen|vertical|slow|sad|happy|funny|instrumental)|"
    r"bluegrass|[\w-]+(?= (?:song|music|video|clip|track|tune|cover|sound))) )*"
)
_AFTER = (
    r"(?:$|[.,!?:]| (?:of|from|about|with|where|showing|in which|out of|for|that|too|please|at|between|using|going|starting|"
    r"(?:\d+|one|two|ten|twenty|thirty) (?:seconds?|minutes?))\b)"
)
#: What may stand between an article and the noun: no other thing, and nothing that does something.
_LIKE = r"(?:(?!(?:of|with|for|in|on|at|by|from|and|or|to|about|where|that|poster|picture|photo|painting|drawing|image|logo|cover)\b|(?!looping|relaxing|moving|calming|uplifting)\w+ing\b)[\w'-]+ ){0,4}?"
_VERBS = {
    "video": r"^(?:animate|film|morph)\b|\b(?:make|let) (?:it|this|that|him|her|them|the \w+|(?:its|her|his|their) \w+)(?: in a\d+)? "
    r"(?:move|wave|walk|dance|fly|blink|spin|flap|speak|talk|sing|swim|breathe|flow)s?\b|"
    r"\b(?:like|as|into) an? (?:\w+ )?(?:video|clip|gif|animation)$|\bbring\b.*\bto life\b|"
    r"^(?:animate|transition|morph|interpolate) (?:between|from)\b|\blip[- ]?sync",
    "audio": r"^compose\b(?!.*\b(?:pictures?|images?|photos?)\b)|^(?:sing|play) (?:me )?(?:an?|some)\b",
}
#: Said of what is there: nothing new could be meant.
MOVING = re.compile(
    r"^(?:animate|morph)\b|\b(?:make|let) (?:it|this|that|him|her|them|the|these|those|a\d+)\b|\b(?:turn|convert|transform)\b|\bto life\b|"
    r"^(?:as|into|to) |lip[- ]?sync|"
    r"\b(?:from|between|out of|of) (?:a\d+|it|this|that|these|those|them|both|my|the (?:first|second|last|two|picture|photo|image))\b", re.I
)  # fmt: skip


def asked(clause: str) -> str | None:
    """`video`, `audio` or `model3d`; None for a picture, also one of a movie poster or a song bird."""
    for kind, nouns in _NOUNS.items():
        verb = _VERBS.get(kind)
        if verb and re.search(verb, clause, re.I):
            return kind
        if re.search(
            rf"^(?:{_MAKE} {_BEFORE}|(?:as|into|to) (?:an? )?|(?:an?|"
            rf"some|\d+ (?:seconds?|s) of) {_LIKE}|(?:text|image|picture|photo) to )(?:\w+ )?(?:{nouns}){_AFTER}",
            clause,
            re.I,
        ):
            return kind
    return None


def can(kind: str, found: tuple[Found, ...]) -> bool:
    """Whether some tool that can run now gives it."""
    return any(gives(f, kind) and f.availability.available for f in found)


def gives(found: Found, kind: str) -> bool:
    """Whether that kind is what it makes first."""
    return next(iter(found.tool.outputs.values())).kind.value == kind
