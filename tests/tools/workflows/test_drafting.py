"""Workflows as tools: the official templates as if people brought them, and what speaks against others."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.tools.convert.comparing import templates
from tests.untraced import EXHAUSTIVE
from tools import recorded
from tools.convert.conversion import convert
from tools.errors import BadWorkflow, NotAWorkflow
from tools.graph import bind
from tools.model import SourceKind
from tools.templates.weights import Sources
from tools.validation.validating import validate
from tools.workflows.drafting import draft
from tools.workflows.facts import gathered
from tools.workflows.model import Changes, Draft, Form
from tools.workflows.safety import REFUSED
from tools.workflows.shaping import shaped

FACTS = gathered(recorded.reference())
NONE = Sources({})
SMALL = ("image_z_image_turbo", "sdxl_simple_example", "video_wan2_2_5B_ti2v", "image_qwen_image_edit")


@cache
def graph_of(name: str) -> dict[str, Any]:
    return convert(templates()[name], FACTS.info).graph


def drafted(document: dict[str, Any]) -> Draft:
    return draft(document, FACTS, NONE)


def codes(found: Draft) -> set[str]:
    return {finding.code for finding in found.errors}


def text_to_image() -> dict[str, Any]:
    return copy.deepcopy(graph_of("image_z_image_turbo"))


def test_nearly_every_official_template_is_a_tool_when_a_person_brings_it() -> None:
    found = {name: drafted(ui) for name, ui in templates().items()}
    without = {name: codes(each) for name, each in found.items() if each.tool is None}

    assert len(found) - len(without) == 225
    assert {name: why for name, why in without.items() if why != {"node_not_allowed"}} == {
        "image_moss_image_t2i": {"value_not_in_list"},
        "image_moss_image_base_t2i": {"value_not_in_list"},
        "image_anima_lllite_image_inpainting": {"path_not_allowed"},  # the mask that its author painted lies in no input
        "video_ltx2_i2v_lora": {"required_input_missing"},
        "3d_pixal3d_trellis2_image_to_model": {"dynamic_key_unknown"},
    }


def test_both_forms_give_the_same_tool() -> None:
    for name in SMALL:
        ui, api = drafted(templates()[name]), drafted(graph_of(name))
        assert (ui.form, api.form) == (Form.UI, Form.API)
        assert ui.tool == api.tool


def test_a_draft_says_what_the_workflow_takes_gives_and_needs() -> None:
    found = drafted(text_to_image())
    assert found.tool is not None
    assert found.tool.source.kind is SourceKind.WORKFLOW
    assert (list(found.tool.inputs), list(found.tool.outputs)) == ([], ["image"])
    assert {"prompt", "width", "height", "seed", "steps"} <= set(found.tool.params)
    assert found.tool.title == "My text to image with z-image"
    assert {model.folder for model in found.tool.implementations[0].models} == {"diffusion_models", "text_encoders", "vae"}
    assert {finding.code for finding in found.findings} >= {"model_source_unknown"}
    assert found.samples["prompt"]
    assert draft(text_to_image(), FACTS, NONE, title=" My   own ").tool.title == "My own"  # type: ignore[union-attr]


def test_a_request_body_and_both_forms_together_are_understood() -> None:
    assert drafted({"prompt": text_to_image(), "client_id": "x"}).form is Form.API
    assert drafted({"prompt": text_to_image(), "workflow": templates()["image_z_image_turbo"]}).form is Form.UI


@pytest.mark.parametrize("document", [{"a": 1}, {"nodes": 3}, {"prompt": {}}, {"1": {"class_type": "A"}}, {"1": []}])
def test_what_is_none_is_said_to_be_none(document: dict[str, Any]) -> None:
    with pytest.raises(NotAWorkflow):
        drafted(document)


def test_unknown_nodes_are_named_and_nothing_is_made_of_the_rest() -> None:
    nodes = text_to_image() | {"x": {"class_type": "SomebodysNode", "inputs": {}}}
    found = drafted(nodes)
    assert found.tool is None
    assert [(e.code, e.node, e.class_type) for e in found.errors] == [("node_not_allowed", "x", "SomebodysNode")]
    allowed = draft(nodes, FACTS, NONE, ("SomebodysNode",))
    assert codes(allowed) == {"node_unknown"}
    own = {"SomebodysNode": {"input": {"required": {}}, "output": [], "output_node": False}}
    assert draft(nodes, FACTS, NONE, ("SomebodysNode",), own_facts=own).tool is not None
    assert draft(nodes, FACTS, NONE, own_facts=own).tool is None


def test_nodes_that_no_server_has_are_a_warning_that_says_who_has_them() -> None:
    live = {name: entry for name, entry in recorded.reference()["0.3.64"].items() if name != "KSampler"}
    found = draft(text_to_image(), gathered(recorded.reference(), live), NONE)
    assert found.tool is not None
    warning = next(f for f in found.findings if f.code == "node_missing")
    assert warning.class_type in found.missing
    assert "ComfyUI 0.3" in warning.message


def test_a_graph_that_a_server_would_refuse_is_refused_with_the_servers_reason() -> None:
    nodes = text_to_image()
    sampler = next(key for key, node in nodes.items() if node["class_type"] == "KSampler")
    nodes[sampler]["inputs"].pop("model")
    found = drafted(nodes)
    assert (codes(found), found.errors[0].node) == ({"required_input_missing"}, sampler)


def test_nothing_saved_is_nothing_to_keep() -> None:
    nodes = {key: node for key, node in text_to_image().items() if not node["class_type"].startswith("Save")}
    assert codes(drafted(nodes)) == {"prompt_no_outputs"}


def test_what_a_persons_server_says_of_core_nodes_opens_no_file() -> None:
    """It decides how values are read, never what is allowed."""
    nodes = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "somebody-elses.png"}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}},
    }
    lie = {"LoadImage": {"input": {"required": {"image": ["STRING", {}]}}, "output": ["IMAGE", "MASK"]}}
    assert "image" in drafted(nodes).tool.inputs  # type: ignore[union-attr]
    found = draft(nodes, FACTS, NONE, own_facts=lie)
    assert found.tool is None or "image" in found.tool.inputs


def test_what_runs_in_a_circle_or_branches_without_end_is_answered_at_once() -> None:
    nodes = text_to_image()
    save = next(key for key, node in nodes.items() if node["class_type"] == "SaveImage")
    latent = next(key for key, node in nodes.items() if node["class_type"].startswith("Empty"))
    circle = copy.deepcopy(nodes)
    circle["b"] = {"class_type": "PrimitiveBoolean", "inputs": {"value": ["b", 0]}}
    circle["s"] = {"class_type": "ComfySwitchNode", "inputs": {"switch": ["b", 0], "on_true": ["s", 0], "on_false": ["s", 0]}}
    circle[save]["inputs"]["images"] = ["s", 0]
    assert codes(drafted(circle)) == {"link_cycle"}

    number: list[Any] = ["m", 0]
    nodes["m"] = {"class_type": "PrimitiveInt", "inputs": {"value": 64}}
    for step in range(40):
        given = {"expression": "a+b", "values.a": number, "values.b": number}
        nodes[f"m{step}"] = {"class_type": "ComfyMathExpression", "inputs": given}
        number = [f"m{step}", 1]
    nodes[latent]["inputs"]["width"] = number
    assert codes(drafted(nodes)) == {"workflow_too_large"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "../x", "/etc/passwd", "$prompt", "$$", "1", "SaveLoRA", "LoadImage", "euler", "a\0b"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["inputs", "class_type", "a", "1"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_BAD = [*sorted(REFUSED), "ExecPython", "OpenAIImage"]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A template's API graph with some of it replaced, removed, rewired or given another class."""
    nodes = copy.deepcopy(graph_of(draw(st.sampled_from(SMALL))))
    for _ in range(draw(st.integers(1, 4))):
        key = draw(st.sampled_from(sorted(nodes)))
        what = draw(st.sampled_from(["value", "link", "class", "bad", "drop", "node"]))
        inputs = nodes[key].get("inputs") if isinstance(nodes[key], dict) else None
        if what == "node":
            nodes[key] = draw(_JSON)
        elif what in ("class", "bad") and isinstance(nodes[key], dict):
            nodes[key]["class_type"] = draw(st.sampled_from(_BAD if what == "bad" else sorted(FACTS.core)))
        elif isinstance(inputs, dict) and inputs:
            name = draw(st.sampled_from(sorted(inputs)))
            if what == "drop":
                inputs.pop(name)
            elif what == "link":
                inputs[name] = [draw(st.sampled_from(sorted(nodes))), draw(st.integers(-1, 4))]
            else:
                inputs[name] = draw(_JSON)
    return nodes


@EXHAUSTIVE
@examples(150)
@given(mutated())
def test_no_workflow_breaks_the_draft_and_no_unsafe_one_comes_through(nodes: dict[str, Any]) -> None:
    try:
        found = drafted(nodes)
    except BadWorkflow:
        return
    if found.tool is None:
        assert found.errors
        return
    implementation = found.tool.implementations[0]
    classes = {node["class_type"] for node in nodes.values()}
    assert classes.isdisjoint(_BAD)
    texts = [v for node in implementation.graph.values() for k, v in node["inputs"].items() if k in ("image", "filename_prefix")]
    assert all(not isinstance(text, str) or text.startswith("$") or ".." not in text for text in texts)
    _runs(found)


def _runs(found: Draft) -> None:
    """With its defaults and something in every port a server would take it."""
    assert found.tool is not None
    tool = found.tool
    values: dict[str, Any] = {name: spec.default if spec.default is not None else "words" for name, spec in tool.params.items()}
    values |= {"canvas_width": 512, "canvas_height": 512, "frames": 9, "split_step": 2, "filename_prefix": "x"}
    bound = bind(tool.implementations[0], values | dict.fromkeys(tool.inputs, "x.png"))
    assert [fault.code for fault in validate(bound.graph, FACTS.info)] == []


@EXHAUSTIVE
@examples(15)
@given(st.data())
def test_no_page_file_breaks_the_draft(data: st.DataObject) -> None:
    ui = json.loads(json.dumps(templates()[data.draw(st.sampled_from(SMALL))]))
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(ui["nodes"]))
        node[data.draw(st.sampled_from([*sorted(node), "mode", "type"]))] = data.draw(_JSON)
    try:
        found = drafted(ui)
    except BadWorkflow:
        return
    assert found.tool is not None or found.errors


def test_shaping_nothing_changes_nothing() -> None:
    found = drafted(text_to_image())
    assert found.tool is not None
    assert shaped(found.tool, Changes()) == found.tool
