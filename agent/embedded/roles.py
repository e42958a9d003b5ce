"""Pictures that a clause names for what they have and not to be worked on: `in the style of the second one`. Pure."""

from __future__ import annotations

import re

from agent.embedded.references import HANDLE, ORDINAL, THING

_PICTURE = (
    rf"(?:{HANDLE.replace('?P<number>', '')}|(?:the|my|that|this) (?:{ORDINAL}|last|latest|previous|other|original|first)(?: {THING})?\b|"
    rf"(?:the|my|that) (?:[\w-]+ ){{0,3}}{THING}\b|(?:picture|image|photo|number|option) #?\d+|it\b|that\b|(?:the|my) [\w-]+(?: [\w-]+)?\b)"
)
_WHAT = (
    ("style", r"(?:art ?)?(?:style|look|aesthetics?|vibe|mood|feel|palette|colou?rs|colou?r (?:scheme|palette|grading)|lighting|atmosphere)"),
    ("seed", r"seed(?: number)?"),
    ("pose", r"(?:pose|posture|composition|layout|framing)"),
)  # fmt: skip


def _patterns(what: str) -> tuple[str, ...]:
    lead = r"(?:(?:in|with|using|use|take|copy|apply|keep|and|but|give it|same|from|reuse|by|to)\s+)*"
    return (
        rf"{lead}(?:the )?(?:exact |very )?(?:same )?{what} (?:of|from|as|in|that|used (?:for|in|by)|like)\s+(?:in |for )?(?P<ref>{_PICTURE})",
        rf"{lead}(?P<ref>{HANDLE.replace('?P<number>', '')}|(?:the|my) (?:{ORDINAL}|last|previous|other|original) {THING}|(?:the|my) (?:[\w-]+ ){{0,2}}?[\w-]+)'s\s+(?:exact )?{what}",
    )


_LIKE = rf"(?:(?:look(?:s|ing)?|painted|drawn|rendered|styled|done|coloured|colored|but|more|just|in|exactly)\s+)+like\s+(?P<ref>{_PICTURE})"
_MATCHED = rf"(?:to )?match (?:the {_WHAT[0][1]} (?:of|in) )?(?P<ref>{_PICTURE})"
_TABLE = tuple(
    (role, re.compile(pattern, re.I))
    for role, patterns in (*((role, _patterns(what)) for role, what in _WHAT), ("style", (_LIKE, _MATCHED)))
    for pattern in patterns
)
_NEVER = re.compile(r"^(?:it|that)$", re.I)


def cut(clause: str) -> tuple[str, dict[str, str]]:
    """The clause without such phrases, and role -> the words that name the picture."""
    found: dict[str, str] = {}
    for role, pattern in _TABLE:
        said = pattern.search(clause)
        if said is not None and role not in found and not _NEVER.match(said["ref"]):
            found[role] = said["ref"]
            clause = f"{clause[: said.start()]} {clause[said.end() :]}".strip()
    return clause, found
