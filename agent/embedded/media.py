"""Whether a clause wants something that is no picture: a video, a sound, a 3D model. Pure."""

from __future__ import annotations

import re

from tools.protocols import Found

NAMES = {"video": "video", "audio": "sound", "model3d": "3D models"}
_NOUNS = {
    "video": r"videos?|clips?|movies?|animations?|gifs?|animated \w+|time-?lapses?",
    "audio": r"songs?|sounds?|sound effects?|music|melod(?:y|ies)|soundtracks?|audio|jingles?|voice(?:-?overs?)?s?|speech|narrations?|podcasts?|"
    r"tunes?",
    "model3d": r"3d (?:models?|mesh(?:es)?|objects?|assets?|prints?)|mesh(?:es)?|stl|glb",
}
_MAKE = (
    r"(?:make|create|generate|produce|render|compose|write|record|give me|show me|get me|sing|play|"
    r"i (?:want|need)|i'd like|add|put|turn|convert|export|can you (?:make|do|create))"
)
_BEFORE = (
    r"(?:(?:me|us|it|this|that|a\d+|the \w+|my \w+|into|to|as|in|an?|some|the|short|long|little|new|"
    r"looping|\d+ ?s(?:econds?)?|\w+-second) )*"
)
_AFTER = r"(?:$|[.,!?]| (?:of|from|about|with|where|showing|in which|out of|for|that|too|please)\b)"
_VERBS = {"video": r"^(?:animate|film)\b|\b(?:make|let) (?:it|this|that|him|her|them|the \w+|(?:its|her|his|their) \w+) (?:move|wave|walk|dance|fly|blink|spin|flap)\b|"
    r"\b(?:like|as|into) an? (?:\w+ )?(?:video|clip|gif|animation)$"}


def asked(clause: str) -> str | None:
    """`video`, `audio` or `model3d`; None for a picture, also one of a movie poster or a song bird."""
    for kind, nouns in _NOUNS.items():
        verb = _VERBS.get(kind)
        if verb and re.search(verb, clause, re.I):
            return kind
        if re.search(
            rf"^(?:{_MAKE} {_BEFORE}|(?:as|into|to) (?:an? )?|(?:an?|"
            rf"some) (?:\w+ )?)(?:\w+ )?(?:{nouns}){_AFTER}",
            clause,
            re.I,
        ):
            return kind
    return None


def can(kind: str, found: tuple[Found, ...]) -> bool:
    """Whether some tool that can run now gives it."""
    return any(
        port.kind.value == kind for f in found if f.availability.available for port in f.tool.outputs.values()
    )
