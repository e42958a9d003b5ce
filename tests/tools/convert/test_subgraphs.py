"""Subgraphs unfolded, and the values that their instances show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.convert.drawing import INFO, Sheet
from tools.convert.conversion import convert
from tools.errors import LayoutUnknown, SubgraphCycle

OLD = {"proxyWidgets": [["5", "steps"]]}
STORED = [7, "fixed", 30, "heun", "words"]


def inner(name: str = "sub") -> dict[str, Any]:
    """Inputs picture, steps (feeds two nodes), text; one output."""
    sheet = Sheet(inner=True)
    sheet.node(5, "Sample", STORED, sockets={"image": "IMAGE"}, widgets=("steps", "text"), outputs=("IMAGE",))
    sheet.node(6, "Sample", [8, "fixed", 40], sockets={"image": "IMAGE"}, widgets=("steps",), outputs=("IMAGE",))
    links = {
        "picture": [sheet.link(-10, 0, 5, "image")],
        "steps": [sheet.link(-10, 1, 5, "steps"), sheet.link(-10, 1, 6, "steps")],
        "text": [sheet.link(-10, 2, 5, "text")],
    }
    sheet.link(5, 0, 6, "image")
    sheet.link(6, 0, -20, 0)
    return sheet.definition(name, links)


def outer(values: Any = None, kind: str = "sub", **more: Any) -> Sheet:
    sheet = Sheet()
    sheet.node(1, "Load", outputs=("IMAGE", "MASK"))
    sheet.node(57, kind, values, outputs=("IMAGE",), **{"sockets": {"text": "STRING", "picture": "IMAGE"}, **more})
    sheet.node(3, "Save", sockets={"image": "IMAGE"})
    sheet.link(1, 0, 57, "picture")
    sheet.link(57, 0, 3, "image")
    return sheet


def graph(sheet: Sheet, *definitions: dict[str, Any]) -> dict[str, Any]:
    return {key: node["inputs"] for key, node in convert(sheet.workflow(*definitions), INFO).graph.items()}


def test_inner_nodes_are_named_by_their_path_and_joined_by_the_name_of_the_input_not_its_place() -> None:
    found = graph(outer([], properties=OLD), inner())

    assert set(found) == {"1", "57:5", "57:6", "3"}
    assert found["57:5"]["image"] == ["1", 0]
    assert found["57:6"]["image"] == ["57:5", 0]
    assert found["3"]["image"] == ["57:6", 0]


def test_an_older_instance_only_shows_values_and_the_first_inner_one_speaks_for_all() -> None:
    found = graph(outer([], properties=OLD), inner())

    assert (found["57:5"]["steps"], found["57:6"]["steps"]) == (30, 30)
    assert found["57:5"]["text"] == "words"


def test_a_newer_instance_keeps_the_values_itself_and_plain_inputs_have_no_place_there() -> None:
    found = graph(outer([12, "mine"]), inner())

    assert (found["57:5"]["steps"], found["57:6"]["steps"], found["57:5"]["text"]) == (12, 12, "mine")


def test_what_is_linked_to_an_instance_counts_more_than_what_it_keeps() -> None:
    sheet = outer([12, "mine"])
    sheet.node(4, "PrimitiveNode", ["linked"])
    sheet.link(4, 0, 57, "text")

    assert graph(sheet, inner())["57:5"]["text"] == "linked"


def test_a_linked_source_that_brings_nothing_leaves_what_is_kept() -> None:
    sheet = outer([12, "mine"])
    sheet.node(4, "Palette", mode=2, outputs=("STRING",))
    sheet.link(4, 0, 57, "text")

    assert graph(sheet, inner())["57:5"]["text"] == "mine"


def test_more_values_than_the_instance_can_keep_are_read_by_names_or_refused() -> None:
    names = {"steps": 12, "text": "mine", "gone": 1}

    assert graph(outer([12, 13, "mine"], widgets_values_named=names), inner())["57:5"]["text"] == "mine"
    with pytest.raises(LayoutUnknown):
        graph(outer([12, 13, "mine"]), inner())


def nested(values: Any = None, **more: Any) -> dict[str, Any]:
    """A subgraph around the other one, with its `text` handed in from outside."""
    sheet = Sheet(inner=True)
    sheet.node(8, "sub", values, sockets={"picture": "IMAGE"}, widgets=("text",), outputs=("IMAGE",), **more)
    links = {"picture": [sheet.link(-10, 0, 8, "picture")], "text": [sheet.link(-10, 1, 8, "text")]}
    sheet.link(8, 0, -20, 0)
    return sheet.definition("around", links)


def test_values_climb_from_the_outermost_instance_that_keeps_one() -> None:
    kept_outside = graph(outer(["outermost"], kind="around"), nested([9, "between"]), inner())
    kept_between = graph(outer([], kind="around", properties=OLD), nested([9, "between"]), inner())
    kept_inside = graph(outer([], kind="around", properties=OLD), nested([], properties=OLD), inner())

    assert [found["57:8:5"]["text"] for found in (kept_outside, kept_between, kept_inside)] == ["outermost", "between", "words"]
    assert kept_outside["57:8:5"]["image"] == ["1", 0]
    assert kept_outside["3"]["image"] == ["57:8:6", 0]
    assert kept_outside["57:8:5"]["steps"] == 9


def test_an_output_may_come_straight_from_an_input() -> None:
    sheet = Sheet(inner=True)
    number = sheet.link(-10, 0, -20, 0)

    assert graph(outer(kind="through"), sheet.definition("through", {"picture": [number]}))["3"]["image"] == ["1", 0]


@pytest.mark.parametrize(("mode", "expected"), [(2, None), (4, ["1", 0])])
def test_a_muted_or_bypassed_instance_takes_its_inner_nodes_along(mode: int, expected: Any) -> None:
    found = graph(outer([], mode=mode), inner())

    assert set(found) == {"1", "3"}
    assert found["3"].get("image") == expected


def test_a_promoted_choice_brings_what_the_new_choice_brings() -> None:
    sheet = Sheet(inner=True)
    sheet.node(5, "Resize", ["size", 10, 20, "lanczos"], sockets={"image": "IMAGE"}, widgets=("mode",), outputs=("IMAGE",))
    links = {"picture": [sheet.link(-10, 0, 5, "image")], "mode": [sheet.link(-10, 1, 5, "mode")]}
    sheet.link(5, 0, -20, 0)
    found = graph(outer(["noisy"], kind="resizing"), sheet.definition("resizing", links))

    assert found["57:5"] == {
        "image": ["1", 0], "mode": "noisy", "mode.seed": 0, "mode.deep": "no", "method": "lanczos",
    }  # fmt: skip


def test_a_subgraph_in_itself_is_refused() -> None:
    sheet = Sheet(inner=True)
    sheet.node(8, "sub")

    with pytest.raises(SubgraphCycle):
        convert(outer([]).workflow(sheet.definition("sub", {})), INFO)
