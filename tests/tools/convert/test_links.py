"""Where an input's value comes from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.convert.drawing import INFO, Sheet
from tools.convert.conversion import convert
from tools.errors import LinkCycle

BLEND = {"one": "IMAGE", "two": "IMAGE", "mask": "MASK"}


def source(sheet: Sheet, node: int, name: str) -> Any:
    return convert(sheet.workflow(), INFO).graph[str(node)]["inputs"].get(name)


def chained(middle: str, mode: int, sockets: dict[str, str], outputs: tuple[str, ...]) -> Sheet:
    """Load 1 (IMAGE, MASK) -> node 2 -> Save 3."""
    sheet = Sheet()
    sheet.node(1, "Load", outputs=("IMAGE", "MASK"))
    sheet.node(2, middle, mode=mode, sockets=sockets, outputs=outputs)
    sheet.node(3, "Save", sockets={"image": "IMAGE"})
    sheet.link(2, 0, 3, "image")
    return sheet


def test_reroutes_are_followed_and_not_sent() -> None:
    sheet = chained("Reroute", 0, {"": "*"}, ("*",))
    sheet.link(1, 0, 2, "")

    assert source(sheet, 3, "image") == ["1", 0]
    assert set(convert(sheet.workflow(), INFO).graph) == {"1", "3"}


def test_reroutes_in_a_circle_are_refused() -> None:
    sheet = Sheet()
    for number in (1, 2):
        sheet.node(number, "Reroute", sockets={"": "*"}, outputs=("*",))
    sheet.node(3, "Save", sockets={"image": "IMAGE"})
    sheet.link(1, 0, 2, "")
    sheet.link(2, 0, 1, "")
    sheet.link(2, 0, 3, "image")

    with pytest.raises(LinkCycle):
        convert(sheet.workflow(), INFO)


def test_notes_are_dropped_and_a_muted_node_brings_nothing() -> None:
    sheet = chained("Blend", 2, BLEND, ("IMAGE",))
    sheet.link(1, 0, 2, "one")
    sheet.node(9, "MarkdownNote", ["words"])

    assert source(sheet, 3, "image") is None
    assert set(convert(sheet.workflow(), INFO).graph) == {"1", "3"}


@pytest.mark.parametrize(
    ("sockets", "linked", "expected"),
    [
        ({"a": "IMAGE", "b": "IMAGE"}, {"a": 0, "b": 1}, ["1", 0]),
        ({"a": "MASK", "b": "IMAGE"}, {"a": 1, "b": 0}, ["1", 0]),
        ({"a": "MASK", "b": "MASK,IMAGE"}, {"a": 1, "b": 0}, ["1", 0]),
        ({"a": "MASK", "b": "*"}, {"a": 1, "b": 0}, ["1", 0]),
        ({"a": "MASK"}, {"a": 1}, None),
        ({"a": "IMAGE", "b": "IMAGE"}, {"b": 0}, None),
        ({}, {}, None),
    ],
    ids=["beside", "same type", "one of several", "anything", "none fits", "what is beside is not linked", "no inputs"],
)
def test_a_bypassed_node_hands_on_the_input_that_fits(
    sockets: dict[str, str], linked: dict[str, int], expected: list[Any] | None
) -> None:
    sheet = chained("Blend", 4, sockets, ("IMAGE",))
    for name, slot in linked.items():
        sheet.link(1, slot, 2, name)

    assert source(sheet, 3, "image") == expected


def test_a_bypassed_node_may_be_of_a_type_that_the_server_lacks() -> None:
    sheet = chained("NotThere", 4, {"a": "IMAGE"}, ("IMAGE",))
    sheet.link(1, 0, 2, "a")

    assert source(sheet, 3, "image") == ["1", 0]


def test_a_link_that_is_in_no_table_is_no_link() -> None:
    sheet = chained("Blend", 0, BLEND, ("IMAGE",))
    sheet.nodes[1]["inputs"][0]["link"] = 77

    assert source(sheet, 2, "one") is None


def test_unknown_nodes_are_named_and_nothing_is_a_graph() -> None:
    conversion = convert(chained("NotThere", 0, {}, ("IMAGE",)).workflow(), INFO)

    assert (conversion.graph, conversion.unknown) == ({}, {"2": "NotThere"})
    assert conversion.known["3"]["inputs"]["image"] == ["2", 0]
