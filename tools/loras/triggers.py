"""Which trigger words stand in a text, and mean it. Pure.

Words are compared as wholes, in any case, with blanks, hyphens or underscores between them, never across punctuation.
Quoted words, words that are negated and words within tags call nothing. A trigger that is a single everyday word calls
only as a style ("in ink style", "in the style of ink"): else half of all sentences would load something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tools.loras.model import Lora
from tools.loras.tags import TAG

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_JOINT = re.compile(r"[\s_-]*")
_QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»|‘[^’\n]*’|`[^`\n]*`|(?<!\w)'[^'\n]+'(?!\w)")

_STYLE = frozenset({"style", "styled", "styles", "look", "aesthetic", "vibe", "lora"})
_ARTICLES = frozenset({"a", "an", "the"})
_LEADS = frozenset({"in", "with", "as", "using", "like", "of", "style", "styles", "look"}) | _ARTICLES
_NOT = frozenset({
    "no", "not", "without", "never", "avoid", "except", "minus", "nor", "skip", "drop", "dont", "don't", "don’t", "isn't",
    "isn’t", "instead", "rather", "remove",
})  # fmt: skip
_PASSED_OVER = _LEADS | {
    "any", "more", "much", "too", "very", "so", "it", "this", "that", "be", "do", "make", "use", "apply", "want", "looking",
    "than", "anything", "but", "is",
}  # fmt: skip
"""Words that may stand between a negation and what it negates."""


@dataclass(frozen=True)
class Word:
    """A word of a text in small letters, with where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Called:
    """A trigger in a text: the characters from `start` to `end`; with its lead-in ("in the") it begins at `lead`."""

    loras: tuple[Lora, ...]
    start: int
    end: int
    lead: int
    meant: bool
    """False for an everyday word that is not said as a style."""


class TriggerMap:
    """The triggers of some LoRAs, ready to be looked for. `everyday` are single words that mean something to everybody."""

    def __init__(self, loras: Iterable[Lora], everyday: Collection[str] = frozenset()) -> None:
        self._everyday = everyday
        self._by_first: dict[str, dict[tuple[str, ...], list[Lora]]] = {}
        for lora in loras:
            for trigger in lora.triggers:
                key = tuple(word.text for word in words(trigger))
                if key and lora not in (known := self._by_first.setdefault(key[0], {}).setdefault(key, [])):
                    known.append(lora)

    def called(self, text: str) -> list[Called]:
        """What is called, in order. Where triggers overlap, the one of more words wins, then the longer, then the earlier."""
        listed = words(text)
        silent = [match.span() for pattern in (_QUOTED, TAG) for match in pattern.finditer(text)]
        found = [hit for hit in self._hits(text, listed) if not _within(hit.start, hit.end, silent)]
        found.sort(key=lambda hit: (-len(words(text[hit.start : hit.end])), hit.start - hit.end, hit.start))
        chosen: list[Called] = []
        for hit in found:
            if not any(hit.start < other.end and other.start < hit.end for other in chosen):
                chosen.append(hit)
        return sorted(chosen, key=lambda hit: hit.start)

    def _hits(self, text: str, listed: list[Word]) -> Iterator[Called]:
        for at, word in enumerate(listed):
            for key, loras in self._by_first.get(word.text, {}).items():
                last = at + len(key)
                run = listed[at:last]
                if tuple(w.text for w in run) != key or not _joined(text, run) or _negated(text, listed, at):
                    continue
                meant = len(key) > 1 or key[0] not in self._everyday or _as_style(text, listed, at)
                yield Called(tuple(loras), word.start, run[-1].end, _lead(text, listed, at), meant)


def words(text: str) -> list[Word]:
    """The words of a text."""
    return [Word(match[0].lower(), match.start(), match.end()) for match in _WORD.finditer(text)]


def _joined(text: str, run: list[Word]) -> bool:
    return all(_JOINT.fullmatch(text, a.end, b.start) for a, b in pairwise(run))


def _before(text: str, listed: list[Word], at: int) -> Iterator[Word]:
    """The words before one, nearest first, as far as no punctuation parts them."""
    for earlier, later in zip(reversed(listed[:at]), reversed(listed[1 : at + 1]), strict=True):
        if not _JOINT.fullmatch(text, earlier.end, later.start):
            return
        yield earlier


def _negated(text: str, listed: list[Word], at: int) -> bool:
    for word in _before(text, listed, at):
        if word.text in _NOT:
            return True
        if word.text not in _PASSED_OVER:
            return False
    return False


def _as_style(text: str, listed: list[Word], at: int) -> bool:
    following = listed[at + 1 : at + 2]
    if following and following[0].text in _STYLE and _joined(text, [listed[at], following[0]]):
        return True
    before = [word.text for word in _before(text, listed, at) if word.text not in _ARTICLES][:2]
    return before == ["of", "style"] or before[:1] == ["lora"]


def _lead(text: str, listed: list[Word], at: int) -> int:
    start = listed[at].start
    for word in _before(text, listed, at):
        if word.text not in _LEADS:
            break
        start = word.start
    return start


def _within(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(low <= start and end <= high for low, high in spans)
