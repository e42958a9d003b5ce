"""Curated tools that stand on a template: what they inherit, rename, fix, and refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tools.curated import joined
from tools.errors import BadStanding
from tools.graph import bind
from tools.model import Tool
from tools.service import ToolCatalogue
from tools.templates.standing import complete, templates_of

BELOW = Tool.model_validate(
    {
        "name": "some_template", "title": "Some Template", "description": "d", "family": "edit", "base": "sdxl",
        "generative": True,
        "inputs": {"image": {"kind": "image"}, "image_2": {"kind": "image", "count": [0, 1]}},
        "outputs": {"image": {"kind": "image"}, "mask": {"kind": "mask"}},
        "params": {
            "prompt": {"type": "string", "required": True}, "negative": {"type": "string", "default": ""},
            "cfg": {"type": "number", "default": 7, "minimum": 1, "maximum": 20},
        },
        "source": {"kind": "template", "name": "some-template", "package": "p", "version": "1", "digest": "d"},
        "implementations": [{
            "name": "comfyui-1", "outputs": {"image": "9", "mask": "8"}, "loose_links": [["2", "b"]],
            "models": [{"file": "a.safetensors", "folder": "checkpoints"}],
            "graph": {
                "1": {"class_type": "Load", "inputs": {"image": "$image"}},
                "2": {"class_type": "Work", "inputs": {
                    "a": ["1", 0], "b": "$image_2", "text": "$prompt", "not": "$negative", "cfg": "$cfg", "price": "$$5"}},
            },
        }],
    }
)  # fmt: skip


def below(name: str) -> Tool | None:
    return BELOW if name == "some-template" else None


def curated(**more: Any) -> dict[str, Any]:
    implementation = {"name": "core", "template": "some-template", **more.pop("implementation", {})}
    return {
        "name": "mine", "title": "Mine", "description": "d", "family": "edit", "implementations": [implementation], **more,
    }  # fmt: skip


def made(**more: Any) -> Tool:
    return Tool.model_validate(complete(curated(**more), below))


def test_what_it_leaves_out_is_the_templates() -> None:
    tool = made()

    assert (tool.inputs, tool.outputs, tool.params) == (BELOW.inputs, BELOW.outputs, BELOW.params)
    assert (tool.base, tool.generative) == ("sdxl", True)
    assert tool.implementations[0].models == BELOW.implementations[0].models
    assert tool.implementations[0].loose_links == BELOW.implementations[0].loose_links
    assert (tool.source.kind.value, tool.source.name, tool.source.version) == ("curated", "some-template", "1")


def test_names_are_its_own_and_the_graph_follows() -> None:
    tool = made(implementation={"ports": {"photo": "image"}, "params": {"words": "prompt"}, "outputs": {"cut": "mask"}})
    graph = tool.implementations[0].graph

    assert set(tool.inputs) == {"photo", "image_2"}
    assert set(tool.params) == {"words", "negative", "cfg"}
    assert tool.implementations[0].outputs == {"cut": "8"}
    assert set(tool.outputs) == {"cut"}
    assert graph["1"]["inputs"]["image"] == "$photo"
    assert graph["2"]["inputs"]["text"] == "$words"


def test_what_is_set_is_no_parameter_any_more_and_stays_what_it_says() -> None:
    tool = made(implementation={"set": {"cfg": 3.5, "negative": "$name"}})
    values = {"image": "a.png", "image_2": "b.png", "prompt": "p"}

    inputs = bind(tool.implementations[0], values).graph["2"]["inputs"]

    assert set(tool.params) == {"prompt"}
    assert (inputs["cfg"], inputs["not"], inputs["price"]) == (3.5, "$name", "$5")


def test_what_it_says_of_a_parameter_adds_to_the_templates() -> None:
    spec = made(params={"cfg": {"maximum": 5, "default": 2}}).params["cfg"]

    assert (spec.minimum, spec.maximum, spec.default, spec.type) == (1, 5, 2, "number")


@pytest.mark.parametrize(
    "wrong",
    [{"template": "no-such"}, {"ports": {"a": "nothing"}}, {"params": {"a": "nothing"}}, {"set": {"nothing": 1}},
     {"outputs": {"a": "nothing"}}],
)  # fmt: skip
def test_what_the_template_does_not_have_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadStanding, match=r"nothing|no-such"):
        complete(curated(implementation=wrong), below)


def test_a_template_that_cannot_run_gives_no_implementation() -> None:
    waiting = BELOW.model_copy(update={"implementations": (), "min_comfyui": "9.0"})
    tool = Tool.model_validate(complete(curated(), lambda _name: waiting))

    assert tool.implementations == ()
    assert tool.min_comfyui == "9.0"


def test_a_tool_with_a_graph_of_its_own_stands_on_nothing() -> None:
    data = curated()
    data["implementations"] = [{"name": "core", "graph": {}, "outputs": {}}]

    assert templates_of(data) == []
    assert complete(data, below) == data


def test_the_template_hides_behind_the_tool_and_keeps_its_name() -> None:
    catalogue = ToolCatalogue(joined((made(),), (BELOW,)), None)  # type: ignore[arg-type]

    assert [tool.name for tool in catalogue.all()] == ["mine"]
    assert catalogue.get("some_template").behind == "mine"


async def test_late_tools_come_when_it_prepares() -> None:
    from tools.index import ToolIndex
    from tools.testing import HashEncoder

    catalogue = ToolCatalogue((), ToolIndex(HashEncoder(), None), late=lambda: (BELOW,))
    assert catalogue.all() == ()
    await catalogue.prepare()

    assert catalogue.get("some_template") == BELOW
    assert [found.tool.name for found in await catalogue.search("some template", [], 3)] == ["some_template"]
