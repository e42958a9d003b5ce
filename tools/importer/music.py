"""What a node that composes is told beside its words: tempo, key, language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.importer import parameters
from tools.importer.wiring import Place, Wiring
from tools.model import Parameter

_COMPOSES = "TextEncodeAceStepAudio1.5"
_LISTS: Mapping[str, tuple[str, Callable[[list[str]], Parameter]]] = {
    "keyscale": ("key", parameters.key), "language": ("language", parameters.language),
}  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A parameter and where it binds."""

    place: Place
    parameter: Parameter


def plain(wiring: Wiring, node: str) -> dict[str, Plain]:
    """By the parameter's name. What is linked is somebody else's to say; a list is taken as this server has it."""
    if wiring.class_of(node) != _COMPOSES:
        return {}
    found = {}
    tempo = Place(node, "bpm")
    if isinstance(wiring.value(tempo), int):
        found["bpm"] = Plain(tempo, parameters.tempo())
    for name, (called, make) in _LISTS.items():
        place = Place(node, name)
        spec = wiring.spec(place)
        if isinstance(wiring.value(place), str) and spec is not None and spec.choices:
            found[called] = Plain(place, make([str(choice) for choice in spec.choices]))
    return found
