"""Which stored value goes to which input."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.convert.drawing import INFO, Sheet
from tools.convert.conversion import convert
from tools.errors import LayoutUnknown


def inputs(kind: str, values: Any, **more: Any) -> dict[str, Any]:
    sheet = Sheet()
    sheet.node(1, kind, values, **more)
    return dict(convert(sheet.workflow(), INFO).graph["1"]["inputs"])


def test_a_seed_is_followed_by_what_happens_to_it_later_which_is_not_sent() -> None:
    assert inputs("Sample", [7, "randomize", 30, "heun", "words", 0.5]) == {
        "seed": 7, "steps": 30, "sampler": "heun", "text": "words", "extra": 0.5,
    }  # fmt: skip


def test_what_the_list_lacks_is_the_default_or_the_first_choice_and_what_it_has_too_much_is_nothing() -> None:
    assert inputs("Sample", [7, "fixed"]) == {"seed": 7, "steps": 20, "sampler": "euler", "text": "", "extra": 1.0}
    assert inputs("Load", ["b.png", "image"]) == {"file": "b.png"}
    assert inputs("Load", None) == {"file": "a.png"}


def test_a_widget_that_is_linked_keeps_its_place_in_the_list() -> None:
    sheet = Sheet()
    sheet.node(1, "PrimitiveNode", [12, "fixed"])
    sheet.node(2, "Sample", [7, "fixed", 30, "heun", "words"], widgets=("steps",))
    sheet.link(1, 0, 2, "steps")

    assert convert(sheet.workflow(), INFO).graph["2"]["inputs"] == {
        "seed": 7, "steps": 12, "sampler": "heun", "text": "words", "extra": 1.0,
    }  # fmt: skip


def test_a_choice_brings_its_own_values_at_once_and_only_a_full_name_makes_a_seed() -> None:
    assert inputs("Resize", ["size", 10, 20, "lanczos"]) == {
        "mode": "size", "mode.width": 10, "mode.height": 20, "method": "lanczos",
    }  # fmt: skip
    assert inputs("Resize", ["noisy", 5, "yes", 0.25, "lanczos"]) == {
        "mode": "noisy", "mode.seed": 5, "mode.deep": "yes", "mode.deep.x": 0.25, "method": "lanczos",
    }  # fmt: skip


def test_an_unknown_choice_is_read_by_names_or_not_at_all() -> None:
    names = {"mode": "newer", "mode.angle": 3, "method": "lanczos"}

    assert inputs("Resize", ["newer", 3, "lanczos"], widgets_values_named=names) == names
    with pytest.raises(LayoutUnknown):
        inputs("Resize", ["newer", 3, "lanczos"])


def test_names_are_read_when_the_list_holds_another_kind_of_value() -> None:
    names = {"seed": 7, "steps": 30, "sampler": "heun", "text": "words"}

    assert inputs("Sample", [7, 30, "heun", "words"], widgets_values_named=names)["sampler"] == "heun"
    assert inputs("Sample", [7, "fixed", 9, "heun", "new"], widgets_values_named=names)["text"] == "new"


def test_an_object_in_place_of_the_list_is_read_by_names() -> None:
    assert inputs("Sample", {"steps": 3, "text": "words", "videopreview": {}})["steps"] == 3


def test_a_list_is_wrapped_so_that_nobody_takes_it_for_a_link() -> None:
    assert inputs("Palette", [["#fff", "#000"]]) == {"colors": {"__value__": ["#fff", "#000"]}}


def test_a_comparison_stores_nothing_and_is_sent_all_the_same() -> None:
    assert inputs("ImageCompare", []) == {"view": {"__value__": ["", ""]}}


def test_choices_that_a_person_typed_in_are_sent_with_the_place_of_the_chosen_one() -> None:
    assert inputs("CustomCombo", ["b", 1, "a", "b", ""]) == {
        "choice": "b", "index": 1, "option1": "a", "option2": "b", "option3": "",
    }  # fmt: skip


def test_sockets_that_grow_are_sent_when_something_is_linked_there() -> None:
    sheet = Sheet()
    sheet.node(1, "Load")
    sheet.node(2, "Batch", sockets={"images.image0": "IMAGE", "images.image1": "IMAGE", "images.image2": "IMAGE"})
    sheet.link(1, 0, 2, "images.image0")
    sheet.link(1, 0, 2, "images.image2")

    assert convert(sheet.workflow(), INFO).graph["2"]["inputs"] == {"images.image0": ["1", 0], "images.image2": ["1", 0]}


def test_a_title_is_the_persons_the_classes_or_the_type() -> None:
    sheet = Sheet()
    sheet.node(1, "Save", title="Keep")
    sheet.node(2, "Save")
    sheet.node(3, "Load")
    graph = convert(sheet.workflow(), INFO).graph

    assert [graph[key]["_meta"]["title"] for key in ("1", "2", "3")] == ["Keep", "Save Image", "Load"]
