"""The types along links, with those inputs and outputs that take the type of whatever is linked to them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.nodes import CHOICE, MATCH, Input, outputs_of
from tools.validation.links import Wiring, link_of
from tools.validation.model import Fault, Graph

ANYTHING = "*"
_Types = dict[tuple[str, int], str]


def mismatches(graph: Graph, wires: Wiring) -> Iterator[Fault]:
    """Links whose two ends are of different types."""
    types: _Types = {}
    for key in wires.order:  # sources first, so that what an output takes on is known before it is used
        given = graph[key]["inputs"]
        taken: dict[str, str] = {}
        for one in wires.inputs[key]:
            received = types.get(link_of(given.get(one.name)) or ("", 0))
            if received is None:
                continue
            wanted = _wanted(one, taken)
            if not fits(received, wanted):
                yield Fault("return_type_mismatch", f"gets {received}, wants {wanted}", key, one.name)
            elif one.type == MATCH and received != ANYTHING:
                taken.setdefault(_template(one), received)
        types.update(_given(key, wires.entries[key], taken))


def fits(received: str, wanted: str) -> bool:
    """Whether a link may join these types; each may name several, separated by commas."""
    one, other = _members(received), _members(wanted)
    return ANYTHING in one or ANYTHING in other or bool(one & other)


def _wanted(one: Input, taken: Mapping[str, str]) -> str:
    """Of inputs that must be of one type the first that is linked decides, within what the class allows."""
    if one.type != MATCH:
        return one.type
    return taken.get(_template(one)) or str(_of(one).get("allowed_types", ANYTHING))


def _given(key: str, entry: Mapping[str, Any], taken: Mapping[str, str]) -> _Types:
    matched = entry.get("output_matchtypes")
    names = matched if isinstance(matched, list) else []
    return {
        (key, slot): taken.get(str(names[slot]), ANYTHING) if kind == MATCH and slot < len(names) else kind
        for slot, kind in enumerate(outputs_of(entry))
    }


def _template(one: Input) -> str:
    return str(_of(one).get("template_id"))


def _of(one: Input) -> Mapping[str, Any]:
    template = one.options.get("template")
    return template if isinstance(template, dict) else {}


def _members(kind: str) -> frozenset[str]:
    return frozenset(ANYTHING if part.strip() == MATCH else part.strip() or CHOICE for part in kind.split(","))
