"""Which words a person writes: what reaches the positive and the negative conditioning, lyrics, and words that are spoken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.importer.numbers import live_side
from tools.importer.wiring import Link, Place, Wiring

_FORGETS_WORDS = {"ConditioningZeroOut"}
"""Its words are replaced by nothing: whoever writes them writes for another reader."""
_MACHINERY = {
    "find",
    "delimiter",
    "regex_pattern",
    "key",
    "json_string",
    "expression",
    "language",
    "filename_prefix",
}
"""Texts that steer a node and say nothing of a picture."""
_SPEAKING = {"text", "prompt", "user_prompt", "system_prompt", "lyrics", "tags", "caption"}
"""Where nodes that make no conditioning take words: language models, speech, segmentation."""
_NOT_PERSONS = {"system_prompt"}


@dataclass(frozen=True)
class Words:
    """A text of the graph and what it is: `prompt`, `negative`, `lyrics`."""

    role: str
    place: Place
    text: str


def find_texts(wiring: Wiring, ends: Iterable[str]) -> list[Words]:
    """The texts that a person writes, nearest to the output first; a text that is both is a prompt."""
    walk = _Walk(wiring)
    for end in ends:
        walk.visit(Link(end, 0), None)
    positive = {words.place for words in walk.found if words.role == "prompt"}
    unique = dict.fromkeys(w for w in walk.found if w.role != "negative" or w.place not in positive)
    return list(unique)


class _Walk:
    """Backwards along every link, remembering on which side of the guidance it is."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.found: list[Words] = []
        self._seen: set[tuple[Link, str | None]] = set()

    def visit(self, start: Link, side: str | None) -> None:
        waiting = [(start, side)]
        while waiting:
            link, side = waiting.pop(0)
            if (link, side) in self._seen or self.wiring.class_of(link.node) in _FORGETS_WORDS:
                continue
            self._seen.add((link, side))
            self._read(link, side)
            waiting += self._onward(link, side)

    def _read(self, link: Link, side: str | None) -> None:
        """Take the words that this node is given."""
        conditioning = self.wiring.type_of(link) == "CONDITIONING"
        if not conditioning and self.wiring.type_of(link) == "STRING" and self.wiring.consumers(link.node):
            return  # words on their way: they are followed from the node that reads them
        for place in self.wiring.inputs(link.node):
            spec = self.wiring.spec(place)
            if spec is None or spec.type != "STRING" or place.input in _MACHINERY | _NOT_PERSONS:
                continue
            if conditioning or place.input in _SPEAKING:
                role = _role(place.input, side)
                self.found += [
                    Words(role, at, str(self.wiring.value(at))) for at in leaves(self.wiring, place)
                ]

    def _onward(self, link: Link, side: str | None) -> list[tuple[Link, str | None]]:
        onward: list[tuple[Link, str | None]] = []
        for place, source in self.wiring.linked(link.node):
            if self.wiring.type_of(source) != "CONDITIONING":
                onward.append((source, None))
            elif self._same_side(link, place):
                onward.append((source, _side(place.input, side)))
        return onward

    def _same_side(self, link: Link, place: Place) -> bool:
        """A node that passes both sides on gives each out by its name."""
        names = self.wiring.output_names(link.node)
        name = names[link.slot] if link.slot < len(names) else ""
        both = {"positive", "negative"} <= set(self.wiring.graph[link.node]["inputs"])
        return not both or name not in ("positive", "negative") or place.input == name


def leaves(wiring: Wiring, place: Place) -> list[Place]:
    """The literals that a text is made of and that a person would write.

    Of `"... USER_INPUT ..." with USER_INPUT replaced by X` that is X; of words put behind each other the last; of words
    that a language model enlarges those it is asked with. A text that is a model's own order stays out of it.
    """
    link = wiring.link(place)
    if link is None:
        return [place] if isinstance(wiring.value(place), str) else []
    node, name = link.node, wiring.class_of(link.node)
    if name == "StringReplace":
        return leaves(wiring, Place(node, "replace")) or leaves(wiring, Place(node, "string"))
    if name == "StringConcatenate":
        return leaves(wiring, Place(node, "string_b")) or leaves(wiring, Place(node, "string_a"))
    if name == "ComfySwitchNode":
        side = live_side(wiring, node)
        return leaves(wiring, Place(node, side)) if side else []
    return _passed_on(wiring, node)


def _passed_on(wiring: Wiring, node: str) -> list[Place]:
    found = []
    for place in wiring.inputs(node):
        spec = wiring.spec(place)
        is_text = spec is not None and spec.type in ("STRING", "*", "COMFY_MATCHTYPE_V3")
        if is_text and place.input not in _MACHINERY | _NOT_PERSONS | {"replace"}:
            found += leaves(wiring, place)
    return found


def _side(name: str, side: str | None) -> str | None:
    lowered = name.lower()
    if "negative" in lowered:
        return "negative"
    return "prompt" if "positive" in lowered else side


def _role(name: str, side: str | None) -> str:
    if "negative" in name:
        return "negative"
    return "lyrics" if name == "lyrics" else side or "prompt"
