"""Which words a person writes: what reaches the positive and the negative conditioning, lyrics, and words that are spoken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tools.importer.numbers import live_side
from tools.importer.wiring import Link, Place, Wiring
from tools.nodes import MATCH

_FORGETS_WORDS = {"ConditioningZeroOut"}
"""Its words are replaced by nothing: whoever writes them writes for another reader."""
_UNSAID = "conditioning"
"""Words that reach a sampler by an input that does not say on which side: taken as a prompt unless another way says more."""
_STRENGTH = ("prompt", "lyrics", "negative", _UNSAID, "subject")
"""Which role holds where a text is reached in several."""
_STEERS_SAMPLER = {"CONDITIONING", "GUIDER", "LATENT", "MODEL"}
"""What a node makes that conditions a sampler; one that makes anything else by words looks for what they name."""
_MACHINERY = {
    "find",
    "delimiter",
    "regex_pattern",
    "key",
    "json_string",
    "expression",
    "language",
    "tracks",
    "filename_prefix",
}
"""Texts that steer a node and say nothing of a picture."""
_SPEAKING = {"text", "prompt", "user_prompt", "system_prompt", "lyrics", "tags", "caption"}
"""Where nodes that make no conditioning take words: language models, speech, segmentation."""
_NOT_PERSONS = {"system_prompt"}


@dataclass(frozen=True)
class Words:
    """A text of the graph and what it is: `prompt`, `negative`, `lyrics`, or `subject`: what is looked for in a picture."""

    role: str
    place: Place
    text: str
    reader: str
    """The node that takes them."""


def find_texts(wiring: Wiring, ends: Iterable[str]) -> list[Words]:
    """The texts that a person writes, nearest to the output first; a text that is both is a prompt."""
    walk = _Walk(wiring)
    for end in ends:
        walk.visit(Link(end, 0), None)
        walk.shown(end)
    roles: dict[Place, str] = {}
    for words in walk.found:
        known = roles.get(words.place, words.role)
        roles[words.place] = min(known, words.role, key=_STRENGTH.index)
    settled = {place: "prompt" if role == _UNSAID else role for place, role in roles.items()}
    if "prompt" not in settled.values():
        settled = {place: "prompt" if role == "subject" else role for place, role in settled.items()}
    unique = {words.place: words for words in reversed(walk.found)}
    return [replace(unique[place], role=role) for place, role in settled.items()]


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
        if self.wiring.type_of(link) == "STRING":
            return  # words on their way: they are followed from the node that reads them
        for place in self.wiring.inputs(link.node):
            spec = self.wiring.spec(place)
            if spec is None or spec.type != "STRING" or place.input in _MACHINERY | _NOT_PERSONS:
                continue
            if conditioning or place.input in _SPEAKING:
                role = _role(place.input, side)
                self._take(role, leaves(self.wiring, place), link.node)

    def shown(self, end: str) -> None:
        """Where the result itself is words, they are what a language model is asked with."""
        for place, link in self.wiring.linked(end):
            if self.wiring.type_of(link) == "STRING":
                self._take("prompt", leaves(self.wiring, place), end)

    def _take(self, role: str, places: list[Place], reader: str) -> None:
        self.found += [Words(role, place, str(self.wiring.value(place)), reader) for place in places]

    def _onward(self, link: Link, side: str | None) -> list[tuple[Link, str | None]]:
        onward: list[tuple[Link, str | None]] = []
        for place, source in self.wiring.linked(link.node):
            if self.wiring.type_of(source) != "CONDITIONING":
                onward.append((source, None))
            elif self._same_side(link, place):
                onward.append((source, _side(place.input, side, self.wiring.type_of(link))))
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
        return _put_in(wiring, node)
    if name == "StringConcatenate":
        return leaves(wiring, Place(node, "string_b")) or leaves(wiring, Place(node, "string_a"))
    if name == "ComfySwitchNode":
        side = live_side(wiring, node)
        return leaves(wiring, Place(node, side)) if side else []
    return _passed_on(wiring, node)


def _put_in(wiring: Wiring, node: str) -> list[Place]:
    """A replacement that is linked, or written beside a form that is written too; else what is cleaned here."""
    form, given = Place(node, "string"), Place(node, "replace")
    linked = wiring.link(given) is not None
    found = leaves(wiring, given) if linked or wiring.link(form) is None else []
    return found or (leaves(wiring, form) if wiring.link(form) is not None else [])


def _passed_on(wiring: Wiring, node: str) -> list[Place]:
    """Through a node that holds words or works on them; what is written in one that only picks out is its own."""
    asks = wiring.class_of(node).startswith(("Primitive", "TextGenerate"))
    found = []
    for place in wiring.inputs(node):
        spec = wiring.spec(place)
        is_text = spec is not None and spec.type in ("STRING", "*", MATCH)
        if is_text and place.input not in _MACHINERY | _NOT_PERSONS | {"replace"}:
            found += leaves(wiring, place) if asks or wiring.link(place) is not None else []
    return found


def _side(name: str, side: str | None, made: str) -> str | None:
    lowered = name.lower()
    if made not in _STEERS_SAMPLER:
        return "subject"
    if side == "subject":
        return side
    if "negative" in lowered:
        return "negative"
    return "prompt" if "positive" in lowered else side


def _role(name: str, side: str | None) -> str:
    if "negative" in name:
        return "negative"
    return "lyrics" if name == "lyrics" else side or _UNSAID
