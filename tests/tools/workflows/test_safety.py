"""What a person's workflow may do on somebody's GPU, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from tools import recorded
from tools.workflows.facts import gathered
from tools.workflows.safety import REFUSED, left_open, refusals

FACTS = gathered(recorded.reference())


def graph(**changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A picture is loaded, scaled and saved; `changes` replace inputs of nodes."""
    nodes: dict[str, dict[str, Any]] = {
        "load": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
        "scale": {"class_type": "ImageScale", "inputs": {"image": ["load", 0], "width": 512, "height": 512}},
        "save": {"class_type": "SaveImage", "inputs": {"images": ["scale", 0], "filename_prefix": "me/out"}},
    }
    for key, inputs in changes.items():
        nodes[key] = {**nodes[key], "inputs": {**nodes[key]["inputs"], **inputs}}
    return nodes


def codes(nodes: dict[str, dict[str, Any]], allowed: tuple[str, ...] = ()) -> list[str]:
    return [refusal.code for refusal in refusals(nodes, FACTS.info, FACTS.core, allowed)]


def test_ordinary_work_is_let_through() -> None:
    assert codes(graph()) == []


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_writes_models_reads_folders_or_trains_is_refused_with_its_reason(name: str) -> None:
    found = refusals({"1": {"class_type": name, "inputs": {}}}, FACTS.info, FACTS.core)

    assert [(one.code, one.class_type) for one in found] == [("node_not_allowed", name)]
    assert REFUSED[name] in found[0].message


def test_every_core_node_that_writes_is_either_a_preview_a_save_of_media_or_refused() -> None:
    media = ("SaveImage", "SaveVideo", "SaveWEBM", "SaveAudio", "SaveAnimated", "SaveGLB", "Save3D", "SaveSVG", "SaveText",
             "SavePointCloud", "SaveGaussianSplat")  # fmt: skip
    shown = ("Preview", "MaskPreview", "SAM3_TrackPreview", "ImageCompare", "ImageCompositor", "CreateBoundingBoxes")
    writers = {name for name in FACTS.core if FACTS.info[name].get("output_node")}

    assert {name for name in writers if not name.startswith(media + shown)} <= set(REFUSED)


def test_nodes_of_others_are_refused_until_the_operator_names_them() -> None:
    nodes = {"1": {"class_type": "RunPythonScript", "inputs": {"code": "x"}}}
    assert codes(nodes) == ["node_not_allowed"]
    assert codes(nodes, ("RunPythonScript",)) == []


def test_a_paid_service_is_refused_even_where_the_operator_allows_its_node() -> None:
    info = {**FACTS.info, "CloudPainter": {"input": {}, "api_node": True}}
    found = refusals({"1": {"class_type": "CloudPainter", "inputs": {}}}, info, {"CloudPainter"}, ("CloudPainter",))
    assert [one.code for one in found] == ["node_not_allowed"]


def test_what_a_live_server_says_of_a_node_decides_whether_it_is_comfyuis_own() -> None:
    live = {
        "NewCoreNode": {"input": {}, "python_module": "comfy_extras.nodes_new"},
        "Sneaky": {"input": {}, "python_module": "custom_nodes.sneaky"},
        "Nameless": {"input": {}},
        "LoadImage": {"input": {}, "python_module": "custom_nodes.other_load"},
    }
    facts = gathered(recorded.reference(), live)

    assert "NewCoreNode" in facts.core
    assert facts.core.isdisjoint({"Sneaky", "Nameless", "LoadImage"})
    assert facts.absent(["LoadImage", "SaveImage"]) == ("SaveImage",)


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "a/../../b.png", "/etc/passwd", "~/x.png", "C:\\x.png", "\\\\host\\x", " /etc/passwd", "x.png [output]",
     "x.png [temp]", "http://host/x.png", "file:///etc/passwd", "a\0b"],
)  # fmt: skip
def test_a_file_outside_its_folder_is_refused(name: str) -> None:
    assert codes(graph(load={"image": name})) == ["path_not_allowed"]
    assert codes(graph(save={"filename_prefix": name})) == ["path_not_allowed"]


@pytest.mark.parametrize("name", ["photo.png", "me/photo.png", "photo.png [input]", "a..b.png", "%date:yyyy%/x"])
def test_a_file_within_it_is_not(name: str) -> None:
    assert codes(graph(load={"image": name}, save={"filename_prefix": name})) == []


def test_the_name_of_a_file_is_never_worked_out() -> None:
    nodes = graph(load={"image": ["words", 0]}, save={"filename_prefix": ["words", 0]})
    nodes["words"] = {"class_type": "PrimitiveString", "inputs": {"value": "../x"}}
    assert codes(nodes) == ["path_not_allowed", "path_not_allowed"]


def test_words_may_say_anything() -> None:
    nodes = {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "../../etc/passwd http://x", "clip": ["2", 0]}}}
    assert codes(nodes) == []


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("EmptyLatentImage", {"width": 20_000}), ("EmptyLatentImage", {"batch_size": 65}),
        ("EmptyLatentImage", {"width": 16_384, "height": 16_384, "batch_size": 5}),
        ("WanImageToVideo", {"width": 4096, "height": 4096, "length": 129}), ("KSampler", {"steps": 1_001}),
        ("RepeatLatentBatch", {"amount": 513}),
    ],
)  # fmt: skip
def test_what_no_gpu_should_be_asked_for_is_refused(name: str, inputs: dict[str, Any]) -> None:
    assert codes({"1": {"class_type": name, "inputs": inputs}}) == ["value_too_large"]


def test_a_loader_whose_file_is_no_input_would_read_what_others_brought() -> None:
    assert [one.node for one in left_open(graph(), FACTS.info)] == ["load"]
    assert left_open(graph(load={"image": "$image"}), FACTS.info) == ()


def test_too_many_nodes_are_refused_before_anything_else() -> None:
    nodes = {str(number): {"class_type": "Anything", "inputs": {}} for number in range(501)}
    assert codes(nodes) == ["workflow_too_large"]
