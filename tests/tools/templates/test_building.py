"""The whole package as tools: built, kept, merged, compared, pinned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builds import built
from tools import recorded
from tools.model import MediaKind, Parameter, SourceKind, Tool
from tools.templates import cache, loading, package, pins
from tools.templates.building import Build, build, key_of, merged
from tools.templates.differences import differences
from tools.templates.families import families
from tools.templates.making import popularity

WITHOUT_A_GRAPH = 32  # 29 lack nodes, 3 hold values that 0.33.0 refuses; one more is broken in itself and is no tool


@pytest.fixture(scope="module")
def whole() -> Build:
    found = cache.read(built())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def tools(whole: Build) -> dict[str, Tool]:
    return {tool.name: tool for tool in whole.tools}


def test_every_open_template_is_a_tool_and_those_that_cannot_run_say_why(whole: Build) -> None:
    without = {tool.name for tool in whole.tools if not tool.implementations}

    assert len(whole.tools) == 258
    assert len(without) == WITHOUT_A_GRAPH
    assert without | {"video_ltx2_i2v_lora"} == set(whole.faults)


def test_titles_and_names_are_unique_and_families_known(whole: Build) -> None:
    assert len({tool.name for tool in whole.tools}) == len({tool.title for tool in whole.tools}) == len(whole.tools)
    assert {tool.family for tool in whole.tools} <= families().keys()
    assert {tool.source.kind for tool in whole.tools} == {SourceKind.TEMPLATE}


@pytest.mark.parametrize(
    ("name", "family", "base", "takes", "makes"),
    [
        ("image_z_image_turbo", "text to image", "z-image", [], "image"),
        ("flux_kontext_dev_basic", "edit", "flux1", ["image"], "image"),
        ("flux_fill_inpaint_example", "inpaint", "flux1", ["image", "mask"], "image"),
        ("flux_fill_outpaint_example", "outpaint", "flux1", ["image"], "image"),
        ("utility_birefnet_remove_background", "background", None, ["image"], "image"),
        ("image_qwen_image_edit_2509_relight", "relight", "qwen-image-edit", ["image"], "image"),
        ("flux_canny_model_example", "control", "flux1", ["image"], "image"),
        ("utility_seedvr2_3b_int8_upscale_image", "upscale", "seedvr2", ["image"], "image"),
        ("image_lotus_depth_v1_1", "depth map", "sd15", ["image"], "image"),
        ("utility_sdpose_ood_image_to_pose", "pose map", None, ["image"], "image"),
        ("utility_image_segment_sam3", "segment", None, ["image"], "image"),
        ("image_qwen_image_layered", "layers", "qwen-image-layered", ["image"], "image"),
        ("video_wan2_2_14b_i2v", "image to video", "wan2.2-14b", ["image"], "video"),
        ("video_wan2_2_14b_t2v", "text to video", "wan2.2-14b", [], "video"),
        ("video_wan2_2_14b_flf2v", "first and last frame", "wan2.2-14b", ["image"], "video"),
        ("video_wan2_2_14b_s2v", "talking video", "wan2.2-14b", ["image", "audio"], "video"),
        ("utility_video_frame_interpolation", "frame interpolation", None, ["video"], "video"),
        ("utility_seedvr2_3b_int8_upscale_video", "video upscale", "seedvr2", ["video"], "video"),
        ("audio_ace_step_1_5_checkpoint", "music", "ace-step-1.5", [], "audio"),
        ("audio_stable_audio_example", "sound effects", "stable-audio-1", [], "audio"),
        ("audio_ace_step_1_m2m_editing", "audio edit", "ace-step-1", ["audio"], "audio"),
        ("3d_hunyuan3d_v2_1", "image to 3d", "hunyuan3d", ["image"], "model3d"),
        ("llm_qwen3_text_gen", "describe", None, [], "text"),
    ],
)  # fmt: skip
def test_families(tools: dict[str, Tool], name: str, family: str, base: str | None, takes: list[str], makes: str) -> None:
    tool = tools[name]

    assert (tool.family, tool.base) == (family, base)
    assert {port.kind for port in tool.inputs.values()} == {MediaKind(kind) for kind in takes}
    assert MediaKind(makes) in {port.kind for port in tool.outputs.values()}


def test_variants_of_one_choice_share_a_group(tools: dict[str, Tool]) -> None:
    assert tools["image_z_image_turbo"].group == tools["image_z_image_turbo_int8"].group
    assert tools["utility_seedvr2_7b_int8_upscale_image"].group == tools["utility_interpolation_image_upscale"].group
    assert tools["image_z_image_turbo"].group != tools["image_qwen_image"].group
    assert tools["template_qwen_image_2512_360_lora"].group != tools["image_qwen_image_2512"].group


def test_a_template_that_waits_says_for_which_comfyui_and_needs_its_files(whole: Build, tools: dict[str, Tool]) -> None:
    waiting = tools["image_qwen_image_2_1_t2i"]

    assert waiting.implementations == ()
    assert waiting.min_comfyui == "0.37.2"
    assert "prompt" in waiting.params
    assert tools["video_ltx2_3_t2v"].implementations  # a word of a later version stands only where it may be left out
    assert whole.faults["image_qwen_image_2_1_t2i"].startswith("lacks ")


def test_what_runs_knows_its_files_memory_and_time(whole: Build) -> None:
    runs = [tool for tool in whole.tools if tool.implementations]
    files = [model for tool in runs for model in tool.implementations[0].models]

    assert [f"{m.folder}/{m.file}" for m in files if m.url is None or m.bytes is None] == []
    assert [tool.name for tool in runs if tool.implementations[0].models and tool.vram_gb is None] == []
    made = [tool for tool in runs if tool.generative]
    assert [tool.name for tool in made if tool.cost.per_megapixel_step_s + tool.cost.per_length_step_s <= 0] == []


def test_descriptions_say_what_goes_in_and_comes_out(tools: dict[str, Tool]) -> None:
    said = tools["video_wan2_2_14b_s2v"].description

    assert said.startswith("Makes a picture speak or move to a sound with ")
    assert "Takes a picture, a piece of audio and words, gives a video." in said


def test_use_is_a_prior_between_nothing_and_one() -> None:
    assert popularity(0) == 0.0
    assert 0.4 < popularity(150) < 0.6 < popularity(5_000) < 1.0 == popularity(10**6)


def test_a_build_is_kept_until_its_ground_changes(tmp_path: Path, whole: Build) -> None:
    assert loading.fresh(tmp_path) is None
    cache.write(tmp_path, whole)

    assert loading.fresh(tmp_path) == whole.tools
    assert key_of(b"{}") != whole.key == key_of(recorded.newest_bytes()[1])
    cache.write(tmp_path, whole.model_copy(update={"key": "of another package"}))
    assert loading.fresh(tmp_path) is None


@pytest.mark.parametrize("damage", [b"", b"{}\n{}", b"not json", b'{"key": "k", "digest": "wrong"}\n{}'])
def test_a_damaged_file_is_no_build(tmp_path: Path, whole: Build, damage: bytes) -> None:
    cache.write(tmp_path, whole)
    next(tmp_path.iterdir()).write_bytes(damage)

    assert cache.read(tmp_path) is None
    assert loading.fresh(tmp_path) is None


def test_a_newer_server_gives_graphs_to_what_waited_and_changes_nothing_else(tmp_path: Path, whole: Build) -> None:
    info = json.loads(recorded.newest_bytes()[1])
    node = {"input": {"required": {"latent": ["LATENT", {}]}}, "output": ["LATENT"], "output_node": False}
    info["BlockSparseAttention"] = {
        **node, "input": {"required": {"model": ["MODEL", {}]}}, "output": ["MODEL"], "input_order": {"required": ["model"]},
    }  # fmt: skip
    raw = json.dumps(info).encode()
    newer = build("newer", raw)
    cache.write(tmp_path, whole)
    cache.write_info(tmp_path, "newer", raw)
    cache.write(tmp_path, newer, "newer")

    joined = {tool.name: tool for tool in loading.load(tmp_path)}

    assert not any(fault.startswith("lacks BlockSparse") for fault in newer.faults.values())
    assert joined["image_z_image_turbo"].implementations[0].name == "comfyui-0.33.0"
    assert set(joined) == {tool.name for tool in whole.tools}


def test_merging_takes_the_first_graph_there_is() -> None:
    waits = tool("a")
    runs = waits.model_copy(update={"implementations": ({"name": "n", "graph": {}, "outputs": {}},), "title": "runs"})
    first, second = Build(key="", package="", server="", tools=(waits,)), Build(key="", package="", server="", tools=(runs,))

    assert merged([first, second])[0].title == "runs"
    assert merged([second, first])[0].title == "runs"


def test_differences_are_named_one_by_one() -> None:
    steps = Parameter(type="integer", default=20)
    old = Build(key="", package="1", server="s", tools=(tool("kept", params={"steps": steps}), tool("gone")))
    new = Build(
        key="", package="2", server="s",
        tools=(tool("kept", title="Other", params={"steps": Parameter(type="integer", default=8)}), tool("new")),
    )  # fmt: skip

    found = differences(old, new)

    assert (found.added, found.removed) == (("new",), ("gone",))
    assert found.changed == {"kept": ("title: T kept -> Other", "parameter steps: default 20 -> 8")}
    assert not differences(new, new)
    assert differences(None, new).added == ("kept", "new")


def test_the_installed_package_is_the_one_that_was_looked_at() -> None:
    """When this fails, look at `stationthis tools import`, then `stationthis tools pin --set`."""
    assert pins.apart(pins.pinned(), pins.installed(package.open_templates())) == []


def test_a_pin_that_differs_says_where() -> None:
    one, other = pins.Pin("1", {"a": "x", "b": "y"}), pins.Pin("2", {"a": "z", "c": "w"})

    assert pins.apart(one, other) == ["version 1 -> 2", "c new", "b gone", "a changed"]


def tool(name: str, **more: object) -> Tool:
    ports = {"outputs": {"image": {"kind": "image"}}, "implementations": ()}
    return Tool.model_validate({"name": name, "title": f"T {name}", "description": "", "family": "edit", **ports, **more})
