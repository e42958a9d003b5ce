"""LoRAs loaded into graphs: after the right loaders, with the right nodes, accepted by a real server's facts."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tools import facts
from tools.convert.conversion import convert
from tools.errors import BadParameter
from tools.loras.errors import BadLora
from tools.loras.insertion import inserted, places, takes
from tools.loras.model import LoraUse
from tools.model import Capabilities, Size, Tool
from tools.rules import checked_params, choose_implementation
from tools.service import build_graph, load_tools
from tools.templates.package import open_templates
from tools.validation.validating import validate

TOOLS = {tool.name: tool for tool in load_tools()}
ONE = LoraUse(name="one", file="one.safetensors", weight=0.8)
TWO = LoraUse(name="two", file="two.safetensors", weight=-0.5)
SAMPLED = ("sdxl", "flux_dev", "flux_schnell", "z_image_turbo", "edit_image", "text_to_image", "image_to_image")
TEMPLATES = {
    "video_wan2_2_14B_t2v": "wan2.2-14b",
    "video_wan2_2_14B_i2v": "wan2.2-14b",
    "text_to_video_wan": "wan2.1-1.3b",
    "image_qwen_Image_2512": "qwen-image",
    "image_chroma_text_to_image": "chroma",
    "image_flux2_klein_text_to_image": "flux2-klein-4b",
    "video_ltx2_t2v": "ltx2",
    "sdxl_simple_example": "sdxl",
    "hidream_e1_1": "hidream",
}


@cache
def info() -> Any:
    return facts.reference()["0.33.0"]


@cache
def template(name: str) -> dict[str, dict[str, Any]]:
    (found,) = [template for template in open_templates() if template.name == name]
    graph = convert(found.ui, info()).graph
    assert graph is not None
    return graph


def graph_of(name: str, **params: Any) -> dict[str, dict[str, Any]]:
    tool, server = TOOLS[name], server_with("one.safetensors", "two.safetensors")
    return build_graph(
        tool, tool.implementations[0], {"prompt": "a fox", **params}, {port: ["a.png"] for port in tool.inputs},
        dict.fromkeys(tool.inputs, Size(1024, 768)), server, "prefix",
    ).graph  # fmt: skip


def server_with(*loras: str) -> Capabilities:
    models: dict[str, frozenset[str]] = {"checkpoints": frozenset({"sd_xl_base_1.0.safetensors"}), "loras": frozenset(loras)}
    for file in (f for tool in TOOLS.values() for way in tool.implementations for f in way.models):
        models[file.folder] = models.get(file.folder, frozenset()) | {file.file}
    return Capabilities(frozenset(info()), models)


def loaded(graph: dict[str, dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [
        (key, node["inputs"]["lora_name"], node["inputs"]["strength_model"])
        for key, node in graph.items()
        if node["class_type"] in ("LoraLoader", "LoraLoaderModelOnly") and "_lora" in key
    ]


@pytest.mark.parametrize("name", SAMPLED)
def test_every_curated_tool_with_a_sampler_takes_them_and_the_server_accepts_it(name: str) -> None:
    plain = graph_of(name)
    graph = graph_of(name, loras=[ONE.model_dump(), TWO.model_dump()])
    assert [file for _, file, _ in loaded(graph)] == ["one.safetensors", "two.safetensors"]
    assert set(plain) < set(graph)
    assert validate(graph, info()) == ()


def test_a_checkpoint_gives_the_encoder_too() -> None:
    graph = graph_of("sdxl", loras=[ONE.model_dump(), TWO.model_dump()])
    strengths = {"strength_model": 0.8, "strength_clip": 0.8}
    assert graph["4_lora1"] == {
        "class_type": "LoraLoader",
        "inputs": {"model": ["4", 0], "clip": ["4", 1], "lora_name": "one.safetensors", **strengths},
    }
    assert graph["4_lora2"]["inputs"]["model"] == ["4_lora1", 0]
    assert graph["3"]["inputs"]["model"] == ["4_lora2", 0]
    assert (graph["6"]["inputs"]["clip"], graph["7"]["inputs"]["clip"]) == (["4_lora2", 1], ["4_lora2", 1])
    assert graph["8"]["inputs"]["vae"] == ["4", 2]


def test_a_model_with_encoders_of_its_own_gets_the_loader_for_the_model() -> None:
    graph = graph_of("flux_dev", loras=[ONE.model_dump()])
    assert graph["1_lora1"] == {
        "class_type": "LoraLoaderModelOnly",
        "inputs": {"model": ["1", 0], "lora_name": "one.safetensors", "strength_model": 0.8},
    }
    assert graph["8"]["inputs"]["model"] == ["1_lora1", 0]
    assert graph["5"]["inputs"]["clip"] == ["2", 0]


def test_what_stands_between_loader_and_sampler_stays_there() -> None:
    graph = graph_of("z_image_turbo", loras=[ONE.model_dump()])
    assert graph["4"]["inputs"]["model"] == ["1_lora1", 0]
    assert graph["8"]["inputs"]["model"] == ["4", 0]


@pytest.mark.parametrize(("name", "base"), TEMPLATES.items())
def test_templates_take_them_and_are_no_worse_for_it(name: str, base: str) -> None:
    graph = template(name)
    changed = inserted(graph, [ONE], base)
    assert len(loaded(changed)) == len(places(graph, base)) >= 1
    assert validate(changed, info()) == validate(graph, info())
    assert {key: node["class_type"] for key, node in changed.items() if key in graph} == {
        key: node["class_type"] for key, node in graph.items()
    }


def test_both_experts_get_it_and_one_that_names_its_expert_goes_there_alone() -> None:
    graph = template("video_wan2_2_14B_t2v")
    high = LoraUse(name="h", file="style_high_noise.safetensors", weight=1)
    changed = inserted(graph, [ONE, high], "wan2.2-14b")
    experts = {key: graph[key]["inputs"]["unet_name"] for key in places(graph, "wan2.2-14b")}
    assert len(experts) == 2
    files = sorted(file for _, file, _ in loaded(changed))
    assert files == ["one.safetensors", "one.safetensors", "style_high_noise.safetensors"]
    (where,) = [key for key, file, _ in loaded(changed) if "high" in file]
    assert "high_noise" in next(file for key, file in experts.items() if where.startswith(f"{key}_"))


def test_the_refiner_and_models_of_another_family_are_left_alone() -> None:
    graph = template("sdxl_simple_example")
    files = [graph[key]["inputs"]["ckpt_name"] for key in places(graph, "sdxl")]
    assert files == ["sd_xl_base_1.0.safetensors"]
    assert places(graph_of("flux_dev"), "sdxl") == ()


def test_a_key_that_is_taken_is_not_taken_again() -> None:
    graph = graph_of("flux_dev")
    changed = inserted({**graph, "1_lora1": graph["3"]}, [ONE], "flux1")
    assert changed["1_lora1"] == graph["3"]
    assert changed["8"]["inputs"]["model"] == ["1_lora1_", 0]


def test_nothing_to_load_changes_nothing_and_no_graph_is_changed_in_place() -> None:
    graph = graph_of("flux_dev")
    assert inserted(graph, [], "flux1") == graph
    inserted(graph, [ONE], "flux1")
    assert graph["8"]["inputs"]["model"] == ["1", 0]


def test_a_graph_without_a_sampler_has_no_place() -> None:
    assert not takes(TOOLS["crop_image"])
    with pytest.raises(BadLora):
        inserted(TOOLS["crop_image"].implementations[0].graph, [ONE], None)


def test_the_tag_never_reaches_the_encoder() -> None:
    said = {"prompt": "a fox <lora:one:0.8> in disney style", "negative": "<lora:two:1.0> blur"}
    graph = graph_of("sdxl", **said, loras=[ONE.model_dump()])
    assert graph["6"]["inputs"]["text"] == "a fox in disney style"
    assert graph["7"]["inputs"]["text"] == "blur"


def test_a_server_without_the_file_or_the_nodes_does_not_do_it() -> None:
    params = {"prompt": "a fox", "loras": [ONE.model_dump()]}
    tool = TOOLS["sdxl"]
    assert choose_implementation(tool, server_with("one.safetensors"), params) is not None
    assert choose_implementation(tool, server_with("other.safetensors"), params) is None
    bare = server_with("one.safetensors")
    assert choose_implementation(tool, Capabilities(bare.nodes - {"LoraLoader"}, bare.models), params) is None
    assert choose_implementation(TOOLS["text_to_image"], Capabilities(frozenset(), unknown=True), params) is None


@pytest.mark.parametrize(
    "value", ["one", [1], [{"name": "x"}], [{"name": "x", "file": "y", "weight": 9}], [ONE.model_dump()] * 7]
)
def test_a_list_of_another_form_is_a_typed_error(value: Any) -> None:
    with pytest.raises(BadParameter):
        checked_params(TOOLS["sdxl"], {"prompt": "a fox", "loras": value})


def test_a_tool_without_a_model_takes_none() -> None:
    tool: Tool = TOOLS["crop_image"]
    with pytest.raises(BadParameter):
        checked_params(tool, {"loras": [ONE.model_dump()]})
    assert "loras" not in checked_params(tool, {"loras": []})
