"""What a server would refuse, on made-up classes with every form of input."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.tools.convert.drawing import INFO
from tools.validation.model import Fault
from tools.validation.strictness import careless
from tools.validation.validating import validate

RANGES: dict[str, Any] = {
    **INFO,
    "Ranged": {
        "input": {"required": {"n": ["INT", {"min": 1, "max": 5}], "f": ["FLOAT", {"min": 0.0}], "ok": ["BOOLEAN", {}]},
                  "optional": {"model": [["a.safetensors"]], "way": [["fast", "slow"]], "any": ["*"], "open": ["COMBO", {}]}},
        "output": ["INT", "IMAGE", ["fast", "slow"]], "output_node": True,
    },
}  # fmt: skip


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": {name.replace("__", "."): value for name, value in inputs.items()}}


def graph(*, save: Any = ("2", 0), **middle: Any) -> dict[str, Any]:
    """Load 1, the node 2 to look at, Save 3."""
    return {"1": node("Load", file="mine.png"), "2": middle["two"], "3": node("Save", image=list(save), prefix="out")}


def codes(graph: Any) -> list[tuple[str, str | None, str | None]]:
    return [(fault.code, fault.node, fault.input) for fault in validate(graph, RANGES)]


def test_a_right_graph_has_no_faults() -> None:
    right = graph(two=node("Resize", image=["1", 0], mode="size", mode__width=5, mode__height=6, method="area"))

    assert validate(right, RANGES) == ()


@pytest.mark.parametrize("given", [None, [], {}, "graph", 3])
def test_what_holds_no_node_has_no_outputs(given: Any) -> None:
    assert codes(given) == [("prompt_no_outputs", None, None)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"1": []}, "graph_malformed"),
        ({"1": {"class_type": "Load"}}, "graph_malformed"),
        ({"1": {"inputs": {}}}, "missing_node_type"),
        ({"1": {"class_type": "Nothing", "inputs": {}}}, "missing_node_type"),
    ],
)
def test_nodes_that_are_none_are_named(given: Any, code: str) -> None:
    assert codes(given) == [(code, "1", None)]


def test_a_graph_must_save_something_and_what_no_output_needs_is_not_looked_at() -> None:
    assert codes({"1": node("Load", file="mine.png")}) == [("prompt_no_outputs", None, None)]
    assert codes({**graph(two=node("Load", file="b.png")), "9": node("Blend")}) == []


@pytest.mark.parametrize(
    ("two", "expected"),
    [
        (node("Blend", one=["1", 0], factor=1), [("required_input_missing", "2", None)]),
        (node("Resize", image=["1", 0], method="area"), [("dynamic_key_missing", "2", None)]),
        (node("Resize", image=["1", 0], method="area", mode="wide"), [("dynamic_key_unknown", "2", "mode")]),
        (
            node("Resize", image=["1", 0], method="area", mode="size", mode__width=3),
            [("required_input_missing", "2", None)],
        ),
        (
            node("Resize", image=["1", 0], method="area", mode="noisy", mode__seed=3, mode__deep="yes"),
            [("required_input_missing", "2", None)],
        ),
        (
            node("Resize", image=["1", 0], method="area", mode={"mode": "size", "width": 3}),
            [("dynamic_key_unknown", "2", "mode")],
        ),
        (
            node("Resize", image=["1", 0], method="area", mode="match", mode__other=["1", 1]),
            [("return_type_mismatch", "2", "mode.other")],
        ),
        (node("Batch", images__image1=["1", 0]), [("required_input_missing", "2", None)]),
        (node("Batch", image0=["1", 0]), [("required_input_missing", "2", None)]),
        (node("Batch", images__image0=["1", 0], images__image3=["1", 0]), []),
        (node("Batch", images__image0=["1", 1]), [("return_type_mismatch", "2", "images.image0")]),
    ],
)
def test_inputs_that_other_inputs_bring(two: dict[str, Any], expected: list[Any]) -> None:
    assert codes(graph(two=two)) == expected


def test_a_missing_inner_input_is_told_by_its_full_name() -> None:
    (fault,) = validate(
        graph(two=node("Resize", image=["1", 0], method="area", mode="noisy", mode__seed=3, mode__deep="yes")), RANGES
    )

    assert str(fault) == "2: mode.deep.x is missing"


@pytest.mark.parametrize(
    ("link", "code"),
    [
        (["1"], "bad_linked_input"),
        ([1, 0], "bad_linked_input"),
        (["1", True], "bad_linked_input"),
        (["9", 0], "bad_linked_input"),
        (["1", 7], "bad_linked_input"),
        (["1", -1], "bad_linked_input"),
        (["", ""], "bad_linked_input"),
        (["1", 1], "return_type_mismatch"),
        ("words", "link_expected"),
    ],
)
def test_links_that_lead_nowhere_or_to_another_type(link: Any, code: str) -> None:
    assert codes(graph(two=node("Batch", images__image0=link))) == [(code, "2", "images.image0")]


def test_nodes_in_a_circle_are_named() -> None:
    circle = {**graph(two=node("Batch", images__image0=["4", 0])), "4": node("Batch", images__image0=["2", 0])}
    (fault,) = validate(circle, RANGES)

    assert fault == Fault("dependency_cycle", "runs in a circle through 2, 4", "2")


def test_a_long_chain_is_no_circle_and_no_trouble() -> None:
    chain = {str(n): node("Batch", images__image0=[str(n - 1), 0]) for n in range(1, 5000)}
    whole = {"0": node("Load", file="a.png"), **chain, "save": node("Save", image=["4999", 0], prefix="")}

    assert validate(whole, RANGES) == ()


@pytest.mark.parametrize(
    ("off", "on", "then", "expected"),
    [
        (["1", 0], ["1", 0], "Batch", []),
        (["1", 0], ["1", 1], "Batch", [("return_type_mismatch", "2", "on")]),
        (["1", 1], ["1", 1], "Batch", [("return_type_mismatch", "4", "images.image0")]),
        (["5", 0], ["1", 0], "Batch", [("return_type_mismatch", "2", "off")]),
    ],
)
def test_what_takes_any_type_takes_one_and_gives_that(off: Any, on: Any, then: str, expected: list[Any]) -> None:
    switched = {
        "1": node("Load", file="a.png"),
        "2": node("Switch", switch=True, off=off, on=on),
        "4": node(then, images__image0=["2", 0]),
        "5": node("Palette", colors={"__value__": []}),
        "3": node("Save", image=["4", 0], prefix=""),
    }

    assert codes(switched) == expected


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"n": 6}, [("value_bigger_than_max", "2", "n")]),
        ({"n": 0}, [("value_smaller_than_min", "2", "n")]),
        ({"n": "4"}, []),
        ({"n": "four"}, [("invalid_input_type", "2", "n")]),
        ({"n": None}, [("invalid_input_type", "2", "n")]),
        ({"f": "1e999"}, [("invalid_input_type", "2", "f")]),
        ({"n": {"a": 1}}, [("invalid_input_type", "2", "n")]),
        ({"f": -0.5}, [("value_smaller_than_min", "2", "f")]),
        ({"model": "other.safetensors"}, []),
        ({"model": "Other.SAFETENSORS"}, []),
        ({"model": "none"}, [("value_not_in_list", "2", "model")]),
        ({"way": "sideways"}, [("value_not_in_list", "2", "way")]),
        ({"way": ["2x", 2]}, []),
        ({"open": "whatever"}, []),
        ({"any": {"__value__": [1, 2]}}, []),
        ({"unheard": 3}, []),
    ],
)
def test_values_that_do_not_fit(inputs: dict[str, Any], expected: list[Any]) -> None:
    two = node("Ranged", **{"n": 3, "f": 0.5, "ok": True, **inputs})
    other = node("Ranged", n=1, f=1, ok=True)

    assert codes({**graph(two=two, save=("2", 1)), "2x": other}) == expected


def test_what_json_cannot_write_or_nobody_can_read_is_no_graph() -> None:
    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]

    for value in (float("nan"), {"__value__": deep}):
        assert codes({"1": node("Ranged", n=1, f=value, ok=True)}) == [("graph_malformed", None, None)]


def test_a_picture_in_another_folder_is_a_file_too() -> None:
    assert codes(graph(two=node("Load", file="painter/one.png [temp]"))) == []


def test_a_careless_author_is_told_what_the_server_would_swallow() -> None:
    two = node("Ranged", n=True, f="1", ok=1, unheard=3)
    found = [str(fault) for fault in careless({"2": two}, RANGES)]

    assert found == ["2.n: True is no INT", "2.f: '1' is no FLOAT", "2.ok: 1 is no BOOLEAN", "2: Ranged has no input unheard"]


scalars = st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["1", "2", "3", "size", "x.png", ""])
values = st.recursive(scalars, lambda v: st.lists(v, max_size=2) | st.dictionaries(st.text(max_size=3), v, max_size=2))
names = st.sampled_from(["image", "images.image0", "mode", "mode.width", "switch", "off", "on", "one", "n", "values.a", "choice"])
nodes = st.fixed_dictionaries({"class_type": st.sampled_from([*RANGES]), "inputs": st.dictionaries(names, values, max_size=4)})


@examples(300)
@given(drawn=st.dictionaries(st.sampled_from(["1", "2", "3", "4"]), nodes | values, max_size=4))
def test_any_graph_gets_faults_that_name_its_nodes(drawn: dict[str, Any]) -> None:
    for fault in validate(drawn, RANGES):
        assert fault.node is None or fault.node in drawn
        assert fault.message
