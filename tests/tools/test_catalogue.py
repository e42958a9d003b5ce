"""The catalogue's data: what every curated tool owes to people, to planners and to ComfyUI."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from executor.renderer.config import Config
from executor.renderer.files import Folders
from executor.renderer.nodes.registry import Registry
from executor.renderer.nodes.table import all_nodes
from tools import facts, graph
from tools.derive import RULES, TOLD, Derived, derive
from tools.errors import BadParameter
from tools.model import Implementation, Size, Tool
from tools.nodes import ObjectInfo
from tools.rules import MODEL_FOLDERS, OWN_NODES, checked_params
from tools.service import load_tools

TOOLS = load_tools()
NAMES = [tool.name for tool in TOOLS]
REFERENCE = facts.reference()
GRAPHS = [
    pytest.param(tool, implementation, id=f"{tool.name}-{implementation.name}")
    for tool in TOOLS
    for implementation in tool.implementations
]
EACH = pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
_STAND_IN = {"string": "words", "model": "file.safetensors"}


def by_name(name: str) -> Tool:
    return next(tool for tool in TOOLS if tool.name == name)


def stands_on_template(tool: Tool) -> bool:
    """Its graph is made for the newest ComfyUI, its sizes and licences are what the template tells."""
    return tool.source.package is not None


def needs_newer(tool: Tool, version: str) -> bool:
    least = tool.min_comfyui or "0"
    newer = [int(part) for part in least.split(".")] > [int(part) for part in version.split(".")]
    return newer or (stands_on_template(tool) and version != max(REFERENCE, key=lambda v: [int(p) for p in v.split(".")]))


def required(tool: Tool) -> dict[str, Any]:
    return {name: _STAND_IN[spec.type] for name, spec in tool.params.items() if spec.required}


@pytest.fixture(scope="module")
def own_facts(tmp_path_factory: pytest.TempPathFactory) -> ObjectInfo:
    """`/object_info` of our own renderer, as its server would say it, with every kind of file."""
    config = Config(
        tmp_path_factory.mktemp("renderer"), upscalers=("sketch.pth",), loras=("sketch.safetensors",)
    )
    folders = Folders(Path(config.data))
    folders.prepare()
    return Registry(all_nodes(config), folders).all_info()


def test_the_tools_of_the_first_issue_are_there() -> None:
    assert {
        "z_image_turbo", "sdxl", "text_to_image", "edit_image", "image_to_image", "upscale_image", "resize_image",
        "crop_image", "rotate_image", "adjust_color", "blur_image", "sharpen_image",
    } <= set(NAMES)  # fmt: skip


def test_names_and_titles_are_unique() -> None:
    assert len(set(NAMES)) == len({tool.title for tool in TOOLS}) == len(TOOLS)


def test_the_list_for_people_has_every_tool_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "tools.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) == set(NAMES)


def test_each_is_a_choice_of_its_own() -> None:
    groups = [tool.group for tool in TOOLS if tool.group is not None]
    assert [group for group in set(groups) if groups.count(group) > 1] == []


@EACH
def test_a_tool_says_what_it_does_and_how_to_ask_for_it(tool: Tool) -> None:
    assert len(tool.description) > 25
    assert tool.family
    assert len(tool.tags) >= 3
    assert len({example.text for example in tool.examples}) >= 2
    for example in tool.examples:
        checked_params(tool, {**required(tool), **example.params})


@EACH
def test_every_parameter_is_explained_bounded_and_used(tool: Tool) -> None:
    used = set().union(*(graph.names(i) for i in tool.implementations))
    for name, spec in tool.params.items():
        assert spec.description, name
        assert spec.type not in ("integer", "number") or None not in (spec.minimum, spec.maximum), name
        assert spec.type != "choice" or len(spec.choices) > 1, name
        assert spec.type != "model" or name in MODEL_FOLDERS, name
        assert name in used or _matters(tool, name), f"{name} changes nothing"


def _matters(tool: Tool, name: str) -> bool:
    """Whether the derive rule gives other values, or refuses, when this parameter changes."""
    sizes = {port: Size(1024, 768) for port in tool.inputs}
    base = {**checked_params(tool, required(tool))}
    usual = derive(tool.derive, base, sizes)
    return any(_derived(tool, base | {name: value}, sizes) != usual for value in _others(tool, name))


def _derived(tool: Tool, params: dict[str, Any], sizes: dict[str, Size]) -> Derived | None:
    try:
        return derive(tool.derive, params, sizes)
    except BadParameter:
        return None


def _others(tool: Tool, name: str) -> list[Any]:
    spec = tool.params[name]
    return [*spec.choices, spec.maximum, spec.minimum] if spec.type != "string" else ["16:9"]


@EACH
def test_ports_are_typed_and_every_output_is_saved(tool: Tool) -> None:
    assert tool.outputs
    for implementation in tool.implementations:
        assert set(implementation.outputs) == set(tool.outputs)
        assert set(implementation.outputs.values()) <= set(implementation.graph)
        assert set(tool.inputs) <= graph.names(implementation)


@EACH
def test_the_last_graph_serves_all_parameters(tool: Tool) -> None:
    assert tool.implementations[-1].only_params is None


@EACH
def test_our_own_nodes_come_after_those_of_the_core(tool: Tool) -> None:
    own = [any(name.startswith(OWN_NODES) for name in graph.node_classes(i)) for i in tool.implementations]
    assert own == sorted(own)


@EACH
def test_a_derive_rule_exists_and_knows_the_size(tool: Tool) -> None:
    rules = re.split("[>+]", tool.derive or "")
    assert not tool.derive or {rule.partition(":")[0] for rule in rules} <= {*RULES, *TOLD}
    params = checked_params(tool, required(tool))
    size = derive(tool.derive, params, {port: Size(640, 480) for port in tool.inputs}).size
    assert stands_on_template(tool) or size is not None


@EACH
def test_a_model_file_has_a_folder_a_licence_and_an_address(tool: Tool) -> None:
    for model in (m for i in tool.implementations for m in i.models):
        assert model.folder
        assert model.licence or stands_on_template(tool)
        assert model.url is not None
        assert model.url.startswith("https://")
        assert (model.bytes or 0) > 1_000_000


@pytest.mark.parametrize("version", sorted(REFERENCE))
@pytest.mark.parametrize(("tool", "implementation"), GRAPHS)
def test_every_graph_is_one_that_comfyui_takes(
    tool: Tool, implementation: Implementation, version: str
) -> None:
    absent = {
        name
        for name in graph.node_classes(implementation) - set(REFERENCE[version])
        if not name.startswith(OWN_NODES)
    }
    known = set().union(*REFERENCE.values())
    assert absent <= known, "a node that no ComfyUI has"
    if graph.node_classes(implementation) - set(REFERENCE[version]) or needs_newer(tool, version):
        return
    assert facts.graph_faults(tool, implementation, REFERENCE[version]) == []


@pytest.mark.parametrize(("tool", "implementation"), GRAPHS)
def test_every_graph_with_our_own_nodes_is_one_that_our_renderer_takes(
    tool: Tool, implementation: Implementation, own_facts: ObjectInfo
) -> None:
    absent = graph.node_classes(implementation) - set(own_facts)
    assert not [name for name in absent if name.startswith(OWN_NODES)]
    if not absent:
        assert facts.graph_faults(tool, implementation, own_facts) == []


@pytest.mark.parametrize("version", sorted(REFERENCE))
@EACH
def test_every_tool_runs_on_every_comfyui_or_on_our_own_renderer(tool: Tool, version: str) -> None:
    if needs_newer(tool, version):
        return
    whole = [graph.node_classes(i) for i in tool.implementations if i.only_params is None]
    assert any(
        nodes <= set(REFERENCE[version]) or any(n.startswith(OWN_NODES) for n in nodes) for nodes in whole
    )


def test_our_renderer_can_do_all_plain_picture_work(own_facts: ObjectInfo) -> None:
    for tool in (t for t in TOOLS if not t.generative and not any(i.models for i in t.implementations)):
        assert any(graph.node_classes(i) <= set(own_facts) for i in tool.implementations), tool.name


def _changed(implementation: Implementation, node: str, **inputs: Any) -> Implementation:
    """The same graph with other inputs of a node; None takes one away."""
    merged = {**implementation.graph[node]["inputs"], **inputs}
    kept = {name: value for name, value in merged.items() if value is not None}
    changed = {**implementation.graph, node: {**implementation.graph[node], "inputs": kept}}
    return implementation.model_copy(update={"graph": changed})


@pytest.mark.parametrize("version", sorted(REFERENCE))
@pytest.mark.parametrize(
    ("node", "inputs", "fault"),
    [
        ("3", {"positive": None}, "3: positive is missing"),
        ("3", {"positive": ["4", 0]}, "3.positive: gets MODEL, wants CONDITIONING"),
        ("3", {"positive": ["77", 0]}, "3.positive: links to 77, which is not there"),
        ("3", {"positive": ["6", 5]}, "3.positive: links to output 5 of 6, which it does not have"),
        ("3", {"sampler_name": "magic"}, "3.sampler_name: 'magic' is no choice"),
        ("3", {"steps": "twenty"}, "3.steps: 'twenty' is no INT"),
        ("3", {"steps": True}, "3.steps: True is no INT"),
        ("3", {"steps": 2.5}, "3.steps: 2.5 is no INT"),
        ("3", {"steps": 0}, "3.steps: 0 is out of 1..10000"),
        ("3", {"denoise": 1.5}, "3.denoise: 1.5 is out of 0.0..1.0"),
        ("3", {"model": "words"}, "3.model: needs a link of type MODEL"),
        ("3", {"steps": "$stepz"}, "3.steps: nothing gives $stepz"),
        ("3", {"strength": 1.0}, "3: KSampler has no input strength"),
    ],
)
def test_the_checker_sees_what_a_server_would_refuse(
    version: str, node: str, inputs: dict[str, Any], fault: str
) -> None:
    tool = by_name("text_to_image")
    broken = _changed(tool.implementations[0], node, **inputs)
    assert facts.graph_faults(tool, broken, REFERENCE[version]) == [fault]


@pytest.mark.parametrize("version", sorted(REFERENCE))
def test_the_checker_sees_a_value_that_a_parameter_may_have_and_a_node_may_not(version: str) -> None:
    tool = by_name("text_to_image")
    wider = tool.params["cfg"].model_copy(update={"maximum": 500.0})
    broken = tool.model_copy(update={"params": {**tool.params, "cfg": wider}})
    assert facts.graph_faults(broken, broken.implementations[0], REFERENCE[version]) == [
        "3.cfg: 500.0 is out of 0.0..100.0"
    ]


def test_the_checker_sees_an_output_that_saves_nothing() -> None:
    tool = by_name("text_to_image")
    broken = tool.implementations[0].model_copy(update={"outputs": {"image": "8"}})
    assert facts.graph_faults(tool, broken, REFERENCE["0.33.0"]) == ["output image: node 8 saves nothing"]


def test_a_class_that_no_server_has_is_reported_as_absent() -> None:
    tool = by_name("sharpen_image")
    wrong = {**tool.implementations[0].graph, "2": {"class_type": "ImageSharpenn", "inputs": {}}}
    broken = tool.model_copy(
        update={"implementations": (tool.implementations[0].model_copy(update={"graph": wrong}),)}
    )
    (row,) = facts.check(broken, REFERENCE["0.33.0"], "0.33.0")
    assert (row["verdict"], row["faults"]) == ("absent: ImageSharpenn", [])


def test_words_of_a_person_never_become_a_template() -> None:
    bound = graph.bind(
        by_name("text_to_image").implementations[0],
        _values(prompt="$negative $checkpoint", negative="$prompt"),
    )
    assert bound.graph["6"]["inputs"]["text"] == "$negative $checkpoint"
    assert bound.graph["7"]["inputs"]["text"] == "$prompt"


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(BadParameter, match="checkpoint"):
        graph.bind(by_name("text_to_image").implementations[0], {"prompt": "x"})


def _values(**more: Any) -> dict[str, Any]:
    tool = by_name("text_to_image")
    names = graph.names(tool.implementations[0])
    return {**dict.fromkeys(names, 1), **more}


def test_filling_leaves_the_rest_of_the_picture_and_loads_nothing_that_only_removes() -> None:
    (way,) = next(tool for tool in TOOLS if tool.name == "inpaint_image").implementations
    saved = way.graph[way.outputs["image"]]["inputs"]["images"][0]

    assert way.graph[saved]["class_type"] == "ImageCompositeMasked"
    assert not [node for node in way.graph.values() if node["class_type"].startswith("LoraLoader")]


@pytest.mark.parametrize("name", ["match_lighting", "qwen_image_edit", "wan_2_2_image_to_video", "wan_2_2_text_to_video"])
def test_what_does_nothing_in_the_quick_branch_is_no_parameter(name: str) -> None:
    assert "negative" not in next(tool for tool in TOOLS if tool.name == name).params
