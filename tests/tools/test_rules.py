"""What fits an instance, which values are allowed, what a step costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tools import facts, rules
from tools.derive import derive
from tools.errors import BadInput, BadParameter, ToolUnavailable
from tools.model import Capabilities, Size, Tool
from tools.service import build_graph, load_tools, output_size

TOOLS = {tool.name: tool for tool in load_tools()}
NODES = frozenset(facts.reference()["0.33.0"])
OLD = frozenset(facts.reference()["0.3.64"])
OWN = frozenset({"LoadImage", "SaveImage", "StationThisColorAdjust", "ImageScale", "ImageCrop"})
FILES = {model.folder: frozenset({model.file}) for model in TOOLS["sdxl"].implementations[0].models}

BARE = Capabilities(NODES)
STOCKED = Capabilities(NODES, {"checkpoints": frozenset({"b.safetensors", "a.safetensors"})})
SKETCH = Capabilities(NODES | OWN, {"checkpoints": frozenset({"sketch.safetensors"})}, sketch=True)
HELPER = Capabilities(OWN, samplers=False)


@pytest.mark.parametrize(
    ("tool", "params", "parameter"),
    [
        ("sdxl", {}, "prompt"), ("sdxl", {"prompt": 3}, "prompt"), ("sdxl", {"prompt": "x", "steps": "20"}, "steps"),
        ("sdxl", {"prompt": "x", "steps": 2.5}, "steps"), ("sdxl", {"prompt": "x", "steps": 0}, "steps"),
        ("sdxl", {"prompt": "x", "steps": 61}, "steps"), ("sdxl", {"prompt": "x", "steps": True}, "steps"),
        ("sdxl", {"prompt": "x", "cfg": float("nan")}, "cfg"), ("sdxl", {"prompt": "x", "cfg": float("inf")}, "cfg"),
        ("sdxl", {"prompt": "x", "steps": float("inf")}, "steps"),
        ("sdxl", {"prompt": "x", "steps": float("nan")}, "steps"), ("sdxl", {"prompt": "x", "magic": 1}, "magic"),
        ("crop_image", {"position": "north"}, "position"), ("crop_image", {"position": ["left"]}, "position"),
        ("adjust_color", {"grayscale": 1}, "grayscale"), ("adjust_color", {"grayscale": "yes"}, "grayscale"),
        ("text_to_image", {"prompt": "x", "checkpoint": 5}, "checkpoint"),
        ("adjust_color", {"vibrance": [1]}, "vibrance"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_named(tool: str, params: dict[str, Any], parameter: str) -> None:
    with pytest.raises(BadParameter) as refusal:
        rules.checked_params(TOOLS[tool], params)
    assert refusal.value.facts["parameter"] == parameter
    assert refusal.value.code == "bad_parameter"


def test_defaults_are_filled_in_and_whole_numbers_stay_whole() -> None:
    params = rules.checked_params(TOOLS["sdxl"], {"prompt": "x", "steps": 20.0, "cfg": 7})
    assert (params["width"], params["negative"], params["steps"], params["cfg"]) == (1024, "", 20, 7.0)
    assert (type(params["steps"]), type(params["cfg"])) == (int, float)


def test_the_range_is_told() -> None:
    with pytest.raises(BadParameter, match="between 1 and 60") as refusal:
        rules.checked_params(TOOLS["sdxl"], {"prompt": "x", "steps": 500})
    assert (refusal.value.facts["minimum"], refusal.value.facts["maximum"]) == (1, 60)


@pytest.mark.parametrize(
    ("name", "said", "deadline_s", "silence_s"),
    [
        ("sdxl", {}, 600, 300),
        ("interpolate_video", {}, 3_600, 900),
        ("sdxl", {"deadline_s": 7_200.0}, 7_200, 300),
        ("sdxl", {"silence_s": 20.0}, 600, 20),
        ("sdxl", {"deadline_s": 60.0}, 60, 60),
    ],
)
def test_how_long_a_job_may_take_is_said_by_the_tool_or_by_what_it_makes(
    name: str, said: dict[str, float], deadline_s: float, silence_s: float
) -> None:
    tool = TOOLS[name].model_copy(update=said)

    assert (rules.deadline_s(tool), rules.silence_s(tool)) == (deadline_s, silence_s)


@pytest.mark.parametrize(
    ("inputs", "port"),
    [
        ({}, "image"),
        ({"image": []}, "image"),
        ({"image": ["image", "image"]}, "image"),
        ({"image": ["video"]}, "image"),
        ({"image": ["image"], "mask": ["mask"]}, "mask"),
    ],
)
def test_an_input_that_does_not_fit_is_named(inputs: dict[str, list[str]], port: str) -> None:
    with pytest.raises(BadInput) as refusal:
        rules.check_inputs(TOOLS["crop_image"], inputs)
    assert refusal.value.facts["port"] == port


def test_inputs_that_fit_pass() -> None:
    rules.check_inputs(TOOLS["crop_image"], {"image": ["image"]})
    rules.check_inputs(TOOLS["sdxl"], {})


@pytest.mark.parametrize(
    ("tool", "instances", "words"),
    [
        ("sdxl", [BARE], "sd_xl_base_1.0.safetensors into models/checkpoints"),
        ("text_to_image", [BARE], "any model file into models/checkpoints"),
        ("upscale_image", [BARE], "any model file into models/upscale_models"),
        ("edit_image", [BARE], "qwen_image_vae.safetensors into models/vae"),
        ("adjust_color", [BARE], "StationThisColorAdjust"),
        ("sdxl", [], "no render server is connected"),
        ("crop_image", [], "no render server is connected"),
        ("sdxl", [HELPER], "no render server is connected that can generate"),
        ("sdxl", [HELPER, BARE], "sd_xl_base_1.0.safetensors"),
        ("sdxl", [Capabilities(frozenset()), BARE], "put sd_xl_base_1.0.safetensors"),
    ],
)
def test_what_is_missing_is_said_with_where_it_goes(
    tool: str, instances: list[Capabilities], words: str
) -> None:
    available = rules.availability(TOOLS[tool], instances)
    assert not available.available
    assert words in (available.reason or "")


def test_any_checkpoint_makes_text_to_image_and_no_other_available() -> None:
    can = {
        name
        for name in ("text_to_image", "image_to_image", "sdxl", "z_image_turbo")
        if rules.availability(TOOLS[name], [STOCKED]).available
    }
    assert can == {"text_to_image", "image_to_image"}


def test_the_named_file_makes_its_tool_available() -> None:
    assert rules.availability(TOOLS["sdxl"], [Capabilities(NODES, FILES)]).available


def test_only_the_embedded_renderer_is_a_sketch() -> None:
    assert rules.availability(TOOLS["text_to_image"], [SKETCH]).sketch
    assert not rules.availability(TOOLS["crop_image"], [SKETCH]).sketch
    assert not rules.availability(TOOLS["text_to_image"], [STOCKED]).sketch


def test_beside_a_real_server_our_renderer_does_plain_work_and_never_samples() -> None:
    assert rules.availability(TOOLS["adjust_color"], [BARE, HELPER]).implementation == "own"
    painter = replace(SKETCH, sketch=False, samplers=False)
    assert rules.choose_implementation(TOOLS["text_to_image"], painter, {"prompt": "x"}) is None


@pytest.mark.parametrize(
    ("nodes", "params", "name"),
    [
        (NODES | OWN, {"brightness": 0.3}, "core-brightness"), (NODES | OWN, {"grayscale": True}, "core-grayscale"),
        (NODES | OWN, {"brightness": 0.3, "contrast": 0.1}, "own"), (NODES | OWN, {"vibrance": 0.3}, "own"),
        (NODES | OWN, {}, "own"), (NODES | OWN, {"brightness": 0.3, "contrast": 0}, "core-brightness"),
        (OLD | OWN, {"brightness": 0.3}, "own"), (OWN, {"brightness": 0.3}, "own"), (NODES, {"vibrance": 0.3}, None),
        (NODES, {"brightness": 0.3}, "core-brightness"),
    ],
)  # fmt: skip
def test_the_core_comes_before_our_own_nodes(
    nodes: frozenset[str], params: dict[str, Any], name: str | None
) -> None:
    chosen = rules.choose_implementation(TOOLS["adjust_color"], Capabilities(nodes), params)
    assert (chosen.name if chosen else None) == name


def test_a_model_that_was_named_must_be_there() -> None:
    tool = TOOLS["text_to_image"]
    assert rules.choose_implementation(tool, STOCKED, {"prompt": "x", "checkpoint": "a.safetensors"})
    assert rules.choose_implementation(tool, STOCKED, {"prompt": "x", "checkpoint": "z.safetensors"}) is None


def test_embedded_work_is_free_and_real_work_has_a_price() -> None:
    size = Size(1024, 1024)
    free = rules.estimate(TOOLS["text_to_image"], {"steps": 20, "count": 1}, size, SKETCH)
    paid = rules.estimate(TOOLS["text_to_image"], {"steps": 20, "count": 1}, size, STOCKED)
    assert free.credits == (0.0, 0.0)
    assert 0 < free.seconds[0] < free.seconds[1]
    assert 0 < paid.credits[0] < paid.credits[1]
    assert rules.estimate(TOOLS["crop_image"], {}, size, HELPER).credits == (0.0, 0.0)


def test_more_pictures_steps_and_pixels_cost_more() -> None:
    def seconds(size: Size | None = None, **params: int) -> float:
        return rules.estimate(TOOLS["sdxl"], {"steps": 20, "count": 1, **params}, size, STOCKED).seconds[1]

    assert seconds() < seconds(count=2)
    assert seconds() < seconds(steps=40)
    assert seconds() < seconds(Size(2048, 2048))


def graph_of(tool: Tool, instance: Capabilities, **params: Any) -> dict[str, dict[str, Any]]:
    chosen = rules.choose_implementation(tool, instance, params)
    assert chosen is not None
    inputs = {port: ["in.png"] for port in tool.inputs}
    return build_graph(
        tool, chosen, params, inputs, dict.fromkeys(inputs, Size(1000, 600)), instance, "job"
    ).graph


def test_an_open_model_is_the_first_by_name_so_that_a_retry_is_the_same() -> None:
    graph = graph_of(TOOLS["text_to_image"], STOCKED, prompt="a fox")
    assert graph["4"]["inputs"] == {"ckpt_name": "a.safetensors"}


def test_a_graph_has_files_sizes_and_the_prefix_in_it() -> None:
    graph = graph_of(TOOLS["crop_image"], BARE, ratio="1:1")
    assert graph["1"]["inputs"] == {"image": "in.png"}
    assert graph["2"]["inputs"] == {"image": ["1", 0], "width": 600, "height": 600, "x": 200, "y": 0}
    assert graph["9"]["inputs"]["filename_prefix"] == "job"


def test_a_model_that_no_file_gives_is_a_typed_refusal() -> None:
    tool = TOOLS["text_to_image"]
    with pytest.raises(ToolUnavailable, match="models/checkpoints"):
        build_graph(tool, tool.implementations[0], {"prompt": "x"}, {}, {}, BARE, "job")


def test_the_size_of_a_result_is_known_before() -> None:
    assert output_size(TOOLS["upscale_image"], {"factor": 2}, {"image": Size(300, 200)}) == Size(600, 400)
    assert output_size(TOOLS["sdxl"], {"prompt": "x"}, {}) == Size(1024, 1024)


def test_a_bound_is_told_as_it_can_be_sent_again() -> None:
    with pytest.raises(BadParameter, match="between 0 and 9007199254740991"):
        rules.checked_params(TOOLS["text_to_image"], {"prompt": "x", "seed": -1})


@pytest.mark.parametrize("prompt", ["", "  \n"])
def test_words_that_a_tool_needs_are_some(prompt: str) -> None:
    with pytest.raises(BadParameter, match="needs prompt"):
        rules.checked_params(TOOLS["text_to_image"], {"prompt": prompt})
    assert rules.checked_params(TOOLS["text_to_image"], {"prompt": "x", "negative": ""})["negative"] == ""


def test_a_misspelt_parameter_hears_which_one_was_meant() -> None:
    with pytest.raises(BadParameter, match=r"has no parameter sed\. Did you mean seed\?"):
        rules.checked_params(TOOLS["text_to_image"], {"prompt": "x", "sed": 1})


@pytest.mark.parametrize(
    ("name", "asked", "made"),
    [
        ("text_to_image", {"width": 300, "height": 257}, {"width": 304, "height": 256}),
        ("text_to_image", {"width": 300}, {"width": 304, "height": 768}),
        ("text_to_image", {"width": 512}, {"width": 512, "height": 768}),
    ],
)
def test_the_sides_that_are_made_are_known_beforehand(name: str, asked: dict[str, int], made: dict[str, int]) -> None:
    tool = TOOLS[name]
    params = rules.checked_params(tool, {"prompt": "x", **asked})
    real, moved = rules.as_made(tool, params, derive(tool.derive, params, {}), {})
    assert {side: real[side] for side in made} == made
    assert moved == [side for side in asked if asked[side] != made[side]]
    assert output_size(tool, real, {}) == output_size(tool, params, {}) == Size(real["width"], real["height"])


def test_a_film_in_the_shape_of_its_picture_keeps_its_open_sides() -> None:
    """Its defaults mean: as the picture is. Written down as sides, they would mean something else for the next picture."""
    tool = next(tool for tool in TOOLS.values() if (tool.derive or "").startswith("fit:"))
    wide = {"image": Size(1600, 900)}
    params = rules.checked_params(tool, {"prompt": "x"})
    assert rules.as_made(tool, params, derive(tool.derive, params, wide), wide) == (params, [])
