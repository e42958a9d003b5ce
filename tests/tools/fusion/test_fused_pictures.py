"""Plans of the catalogue's tools, run by the embedded renderer: one graph gives what one graph after the other gives."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.tools.fusion.rendering import Kiln, Pixels
from tools.fusion.joining import Joining
from tools.fusion.model import NotFusable, Part, Taken
from tools.model import Size
from tools.service import build_graph, choose_implementation, load_tools

TOOLS = {tool.name: tool for tool in load_tools()}
PLAIN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "crop_image": st.fixed_dictionaries({"ratio": st.sampled_from(["1:1", "16:9", "2:3"])}),
    "flip_image": st.just({}),
    "rotate_image": st.just({}),
    "invert_image": st.just({}),
}
"""They move pixels, and nothing else."""
CHANGING = PLAIN | {
    "resize_image": st.fixed_dictionaries({"factor": st.sampled_from([0.5, 1.5])}),
    "sharpen_image": st.fixed_dictionaries({"amount": st.sampled_from([0.5, 2.0])}),
    "adjust_color": st.fixed_dictionaries({"saturation": st.sampled_from([-0.5, 0.5]), "contrast": st.just(0.3)}),
    "vignette_image": st.just({}),
    "film_grain": st.just({"seed": 3}),
    "auto_levels": st.just({}),
    "posterize_image": st.just({}),
    "add_border": st.just({}),
    "pad_image": st.just({"ratio": "3:2"}),
    "text_on_image": st.just({"text": "Hello", "position": "top"}),
}
DRAWN = st.fixed_dictionaries({
    "prompt": st.sampled_from(["a red fox", "the sea"]), "width": st.just(256), "height": st.just(256),
    "steps": st.just(1), "seed": st.integers(0, 1), "count": st.integers(1, 2),
})  # fmt: skip
WHOLE = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Made:
    """A step: its tool, and for each port the step that it comes from (with which picture), None for the upload."""

    tool: str
    params: dict[str, Any]
    sources: dict[str, tuple[int, int | None] | None] = field(default_factory=dict)


@st.composite
def plans(draw: st.DrawFn, tools: dict[str, st.SearchStrategy[dict[str, Any]]], most: int = 5) -> list[Made]:
    steps: list[Made] = []
    for number in range(draw(st.integers(2, most))):
        earlier = st.tuples(st.integers(0, number - 1), st.sampled_from([None, 0])) if number else st.nothing()
        source = st.none() | earlier
        kind = draw(st.sampled_from(["change", "change", "change", "draw", "blend"]))
        if kind == "draw":
            steps.append(Made("text_to_image", draw(DRAWN)))
        elif kind == "blend" and tools is not PLAIN:
            steps.append(Made("blend_images", {}, {"image": draw(source), "image2": draw(source)}))
        else:
            tool = draw(st.sampled_from(sorted(tools)))
            steps.append(Made(tool, draw(tools[tool]), {"image": draw(source)}))
    return steps


def bound(kiln: Kiln, step: Made, number: int, names: dict[str, list[str]], sizes: dict[str, Size]) -> Part:
    tool = TOOLS[step.tool]
    implementation = choose_implementation(tool, kiln.capabilities, step.params)
    assert implementation is not None
    made = build_graph(tool, implementation, step.params, names, sizes, kiln.capabilities, f"step{number}")
    return Part(made.graph, made.outputs)


def one_after_the_other(kiln: Kiln, steps: Sequence[Made], upload: Pixels) -> list[list[Pixels]]:
    """What each step gives, each fed with the files of those before."""
    files: list[list[str]] = []
    made: list[list[Pixels]] = []
    kiln.put("upload.png", upload)
    shapes = {"upload.png": upload.shape}
    for number, step in enumerate(steps):
        names = {p: [files[s[0]][s[1] or 0] if s else "upload.png"] for p, s in step.sources.items()}
        sizes = {port: Size(shapes[name[0]][1], shapes[name[0]][0]) for port, name in names.items()}
        part = bound(kiln, step, number, names, sizes)
        pictures = kiln.run({key: dict(node) for key, node in part.graph.items()})[part.outputs["image"]]
        files.append([kiln.put(f"{number}-{index}.png", pixels) for index, pixels in enumerate(pictures)])
        shapes |= {name: pixels.shape for name, pixels in zip(files[-1], pictures, strict=True)}
        made.append(pictures)
    return made


def together(kiln: Kiln, steps: Sequence[Made], upload: Pixels) -> Joining:
    """The same steps joined. Raises NotFusable."""
    size = Size(upload.shape[1], upload.shape[0])
    joining = Joining(kiln.capabilities.nodes, {"upload.png": size})
    for number, step in enumerate(steps):
        taken = {p: Taken(s[0], "image", s[1]) if s else "upload.png" for p, s in step.sources.items()}
        sizes = {p: found for p, t in taken.items() if (found := joining.picture(t).size if isinstance(t, Taken) else size)}
        joining.add(number, bound(kiln, step, number, {p: [t] for p, t in taken.items()}, sizes))
    return joining


def whole(kiln: Kiln, steps: Sequence[Made], upload: Pixels) -> Joining:
    """Of plans that can be one graph."""
    try:
        return together(kiln, steps, upload)
    except NotFusable:
        reject()


def with_files_between(graph: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The joined graph with a rounding to 8 bits wherever one part takes from another."""
    made = {key: {**node, "inputs": dict(node["inputs"])} for key, node in graph.items()}
    for key, node in graph.items():
        for name, value in node["inputs"].items():
            if isinstance(value, list) and value[0].partition(":")[0] != key.partition(":")[0]:
                made[f"{key}.{name}"] = {"class_type": "ThroughAFile", "inputs": {"image": value}}
                made[key]["inputs"][name] = [f"{key}.{name}", 0]
    return made


def some_upload() -> Pixels:
    return np.random.default_rng(5).integers(0, 256, (48, 64, 3), np.uint8)


def savers(kiln: Kiln, graph: dict[str, dict[str, Any]], joining: Joining) -> list[list[Pixels]]:
    found = kiln.run(graph)
    return [found[outputs["image"]] for outputs in joining.fused().outputs.values()]


def same(one: list[list[Pixels]], other: list[list[Pixels]]) -> bool:
    return all(
        len(a) == len(b) and all(x.shape == y.shape and np.array_equal(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


@WHOLE
@given(plans(CHANGING))
def test_one_graph_gives_what_many_give_but_for_the_rounding_between(steps: list[Made]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kiln, upload = Kiln(Path(folder)), some_upload()
        joining = whole(kiln, steps, upload)
        apart = one_after_the_other(kiln, steps, upload)
        assert same(apart, savers(kiln, with_files_between(joining.joined().graph), joining))


@WHOLE
@given(plans(CHANGING))
def test_doing_nothing_twice_changes_no_byte(steps: list[Made]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kiln, upload = Kiln(Path(folder)), some_upload()
        kiln.put("upload.png", upload)
        joining = whole(kiln, steps, upload)
        once, all_of_it = joining.fused().graph, joining.joined().graph
        assert len(once) <= len(all_of_it)
        assert same(savers(kiln, once, joining), savers(kiln, all_of_it, joining))


@WHOLE
@given(plans(PLAIN, most=4))
def test_where_pixels_are_only_moved_a_file_between_costs_at_most_one_level_each_time(steps: list[Made]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kiln, upload = Kiln(Path(folder)), some_upload()
        joining = together(kiln, steps, upload)
        apart = one_after_the_other(kiln, steps, upload)
        for one, other in zip(apart, savers(kiln, joining.fused().graph, joining), strict=True):
            for x, y in zip(one, other, strict=True):
                assert np.abs(x.astype(int) - y.astype(int)).max() <= len(steps)


def test_four_variations_load_and_read_once(tmp_path: Path) -> None:
    kiln = Kiln(tmp_path)
    params = {"prompt": "a red fox", "steps": 1, "width": 256, "height": 256}
    steps = [Made("text_to_image", {**params, "seed": seed}) for seed in range(4)]
    graph = together(kiln, steps, some_upload()).fused().graph
    kinds = [node["class_type"] for node in graph.values()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "CheckpointLoaderSimple": 1, "EmptyLatentImage": 1, "CLIPTextEncode": 2, "KSampler": 4, "VAEDecode": 4, "SaveImage": 4,
    }  # fmt: skip


@pytest.mark.parametrize("tool", ["round_corners"])
def test_what_is_transparent_goes_on_through_its_file(tmp_path: Path, tool: str) -> None:
    with pytest.raises(NotFusable):
        together(Kiln(tmp_path), [Made(tool, {}, {"image": None}), Made("flip_image", {}, {"image": (0, None)})], some_upload())
