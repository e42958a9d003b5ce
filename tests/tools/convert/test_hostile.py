"""Files from anybody: a typed refusal or a graph that JSON can write, never anything else."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.tools.convert.comparing import templates
from tests.tools.convert.drawing import INFO, Sheet
from tests.untraced import EXHAUSTIVE
from tools import facts
from tools.convert.conversion import convert
from tools.convert.files import read_facts, read_json
from tools.errors import ApiFormatGiven, BadFacts, BadWorkflow, NotAWorkflow, WorkflowTooLarge
from tools.validation.validating import validate

pytestmark = EXHAUSTIVE

REAL = facts.reference()["0.33.0"]
NAMES = ("image_flux2_text_to_image", "basic_image_color_adjustment", "flux_depth_lora_example", "text_to_video_wan")
TEMPLATES = [ui for name, ui in templates().items() if name in NAMES]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3))
keys = st.sampled_from(
    ["id", "type", "mode", "inputs", "outputs", "widgets_values", "name", "link", "nodes", "links", "class_type", "definitions"]
)
likely = st.recursive(scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(keys, v, max_size=5), max_leaves=30)


def tried(ui: Any, info: Any) -> None:
    try:
        conversion = convert(ui, info)
    except (BadWorkflow, BadFacts):
        return
    json.dumps(conversion.known, allow_nan=False)
    validate(conversion.graph, info)


@examples(300)
@given(ui=values | likely)
def test_anything_is_refused_or_converted(ui: Any) -> None:
    tried(ui, INFO)


@examples(150)
@given(place=st.integers(0, len(TEMPLATES) - 1), seed=st.integers(0, 2**32), bad=st.lists(values, min_size=1, max_size=6))
def test_a_template_with_something_else_in_a_few_places_is_refused_or_converted(place: int, seed: int, bad: list[Any]) -> None:
    ui = copy.deepcopy(TEMPLATES[place])
    choose = random.Random(seed)
    for value in bad:
        _spoil(ui, value, choose)
    tried(ui, REAL)


@examples(150)
@given(seed=st.integers(0, 2**32), bad=st.lists(values, min_size=1, max_size=4))
def test_an_object_info_with_something_else_in_it_raises_nothing_of_its_own(seed: int, bad: list[Any]) -> None:
    info: Any = copy.deepcopy(INFO)
    choose = random.Random(seed)
    for value in bad:
        _spoil(info, value, choose)
    sheet = Sheet()
    for number, kind in enumerate(INFO):
        sheet.node(number, kind, [1, "size", 2, 3], sockets={"image": "IMAGE"})
    tried(sheet.workflow(), info)


def _spoil(value: Any, bad: Any, choose: random.Random) -> None:
    """Walk down at random and put something else there."""
    while True:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key = choose.choice(list(keys))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or choose.random() < 0.15:
            value[key] = bad
            return
        value = inner


@pytest.mark.parametrize(
    ("ui", "kind"),
    [
        ([], NotAWorkflow),
        ({}, NotAWorkflow),
        ({"nodes": {}}, NotAWorkflow),
        ({"nodes": [{"id": 1}], "links": []}, NotAWorkflow),
        ({"nodes": [{"id": 1, "type": "A" * 201}], "links": []}, NotAWorkflow),
        ({"nodes": [{"id": 1, "type": "A"}, {"id": "1", "type": "B"}], "links": []}, NotAWorkflow),
        ({"nodes": [{"id": 1, "type": "Save", "widgets_values": [float("nan")]}], "links": []}, NotAWorkflow),
        ({"3": {"class_type": "Save", "inputs": {}}}, ApiFormatGiven),
        ({"nodes": [{"id": n, "type": "Save"} for n in range(5001)], "links": []}, WorkflowTooLarge),
    ],
)
def test_each_refusal_says_which_it_is(ui: Any, kind: type[BadWorkflow]) -> None:
    with pytest.raises(kind) as raised:
        convert(ui, INFO)
    assert raised.value.code == kind.code


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    sheet = Sheet()
    sheet.node(1, "Palette", [deep])

    with pytest.raises(WorkflowTooLarge):
        convert(sheet.workflow(), INFO)


def test_subgraphs_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    definitions = []
    for level in range(12):
        sheet = Sheet(inner=True)
        for number in range(10):
            sheet.node(number, f"s{level + 1}")
        definitions.append(sheet.definition(f"s{level}", {}))
    top = Sheet()
    top.node(1, "s0")

    with pytest.raises(WorkflowTooLarge):
        convert(top.workflow(*definitions), INFO)


def test_long_chains_of_reroutes_are_refused_before_they_take_long() -> None:
    sheet = Sheet()
    for number in range(2000):
        sheet.node(number, "Reroute", sockets={"": "*"}, outputs=("*",))
        if number:
            sheet.link(number - 1, 0, number, "")
    sheet.node(9000, "Batch", sockets={f"images.image{n}": "IMAGE" for n in range(300)})
    for number in range(300):
        sheet.link(1999, 0, 9000, f"images.image{number}")

    with pytest.raises(WorkflowTooLarge):
        convert(sheet.workflow(), INFO)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"nodes": ' + b"9" * 5000 + b"}"])
def test_bytes_that_are_no_json_are_refused(data: bytes) -> None:
    with pytest.raises(NotAWorkflow):
        read_json(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"nodes": []}', b'{"A": {"output": []}}', b'{"A": {"input": ' + b"[" * 150 + b"]" * 150 + b"}}"],
)
def test_what_is_no_object_info_is_refused(data: bytes) -> None:
    with pytest.raises(BadFacts):
        read_facts(data)
