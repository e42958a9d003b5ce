"""What can run where: what is missing in words, GPUs that are too small, instances that could be started."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tools import facts, rules
from tools.index import ToolIndex
from tools.model import NOBODY, Availability, Capabilities, Implementation, KindOfInstance, ModelFile, Tool
from tools.service import ToolCatalogue, load_tools
from tools.testing import HashEncoder

NODES = frozenset(facts.reference()["0.33.0"])
TOOLS = {tool.name: tool for tool in load_tools()}
CARD = KindOfInstance("a 24 GB GPU", disk_bytes=100_000_000_000, credits_per_s=0.02)
FILE = "film.safetensors"
STARTABLE = Capabilities(NODES, vram_gb=24, kind=CARD)


def film(
    *, size: int = 18_000_000_000, vram_gb: float | None = 22.0, url: str | None = "https://example.org/f", **more: Any
) -> Tool:  # fmt: skip
    """A tool that makes a video with one model file."""
    model = ModelFile(file=FILE, folder="diffusion_models", bytes=size, url=url, gated=more.pop("gated", False))
    graph = {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": FILE, "weight_dtype": "default"}},
        "2": {"class_type": more.pop("saver", "SaveVideo"), "inputs": {"filename_prefix": "$filename_prefix"}},
    }
    implementation = Implementation(name="core", graph=graph, outputs={"video": "2"}, models=(model,))
    return Tool.model_validate(
        {
            "name": "film", "title": "Film", "description": "A film.", "family": "text to video", "generative": True,
            "outputs": {"video": {"kind": "video"}}, "implementations": (implementation,), "vram_gb": vram_gb, **more,
        }
    )  # fmt: skip


def has(*files: str, **more: Any) -> Capabilities:
    return Capabilities(NODES, {"diffusion_models": frozenset(files)}, **more)


def newer(**more: Any) -> Tool:
    """One that needs a node of the future."""
    return film(saver="SaveHologram", min_comfyui="0.37.0", **more)


@pytest.mark.parametrize(
    ("tool", "instances", "words"),
    [
        (film(), [], "needs a 24 GB GPU and 18 GB of models, about 6 minutes to prepare (no render server"),
        (film(size=2_400_000_000, vram_gb=None), [], "needs 2.4 GB of models, about 3 minutes"),
        (film(), [has(FILE, vram_gb=11.8)], "needs a 24 GB GPU, about 2 minutes to prepare; the render server has 12 GB"),
        (film(), [has(vram_gb=11.8)], "needs a 24 GB GPU and 18 GB of models"),
        (film(), [has(vram_gb=23.6)], f"18 GB of models, about 6 minutes to prepare; put {FILE} into models/diffusion_models"),
        (newer(), [has(FILE, comfyui="0.33.0")], "needs ComfyUI 0.37.0 or newer"),
        (newer(), [has(FILE, comfyui="0.40.1")], "lacks the nodes SaveHologram"),
        (film(saver="SaveHologram"), [has(FILE)], "lacks the nodes SaveHologram"),
        (newer(implementations=()), [has()], "needs ComfyUI 0.37.0 or newer"),
        (newer(implementations=()), [], "needs ComfyUI 0.37.0 or newer"),
        (film(implementations=()), [has()], "needs a newer ComfyUI"),
    ],
)  # fmt: skip
def test_the_gap_is_named(tool: Tool, instances: list[Capabilities], words: str) -> None:
    found = rules.availability(tool, instances)
    assert not found.available
    assert words in (found.reason or "")


def test_the_gap_is_told_in_figures_too() -> None:
    gap = rules.availability(film(), [has(vram_gb=11.8)]).gap
    assert gap is not None
    assert (gap.vram_gb, gap.bytes, [file.file for file in gap.files]) == (24, 18_000_000_000, [FILE])
    assert gap.prepare_s == (180, 540)


def test_a_gpu_of_the_size_it_is_sold_in_is_large_enough() -> None:
    assert rules.availability(film(vram_gb=23.9), [has(FILE, vram_gb=23.52)]).available
    assert rules.availability(film(vram_gb=24.1), [has(FILE, vram_gb=23.52)]).available is False
    assert rules.availability(film(vram_gb=None), [has(FILE, vram_gb=2)]).available
    assert rules.availability(film(), [has(FILE)]).available, "nothing is known of its GPU"


def test_a_subfolder_is_the_same_with_a_backslash() -> None:
    model = ModelFile(file="wan/film.safetensors", folder="diffusion_models")
    implementation = film().implementations[0].model_copy(update={"models": (model,)})
    tool = film().model_copy(update={"implementations": (implementation,)})
    assert rules.availability(tool, [has("wan\\film.safetensors")]).available
    assert not rules.availability(tool, [has(FILE)]).available


def test_an_instance_that_could_be_started_offers_the_tool_with_what_that_takes() -> None:
    found = rules.availability(film(), [has(vram_gb=11.8), STARTABLE])
    assert (found.available, found.reason) == (True, None)
    assert found.prepares is not None
    assert found.prepares.seconds == (180.0, 540.0)
    assert found.prepares.credits == (3.6, 10.8)


def test_what_is_there_is_used_before_anything_is_started() -> None:
    assert rules.availability(film(), [STARTABLE, has(FILE)]).prepares is None


@pytest.mark.parametrize(
    "tool",
    [film(gated=True), film(url=None), film(vram_gb=40), film(saver="SaveHologram"), film(size=200_000_000_000)],
    ids=["gated", "no source", "GPU too small", "nodes", "disk too small"],
)
def test_what_no_start_would_mend_is_not_offered(tool: Tool) -> None:
    assert not rules.availability(tool, [STARTABLE]).available


def test_an_answer_is_remembered_for_equal_instances_only() -> None:
    catalogue = ToolCatalogue([film()], ToolIndex(HashEncoder(), None))
    without, with_file = catalogue.availability(film(), [has()]), catalogue.availability(film(), [has(FILE)])
    assert (without.available, with_file.available) == (False, True)
    tool = film()
    first = catalogue.availability(tool, [has()])
    assert catalogue.availability(tool, [has()]) is first
    assert catalogue.availability(tool.model_copy(update={"min_comfyui": "1.0"}), [has()]) is not first


def test_of_hundreds_of_tools_nothing_is_worked_out_twice() -> None:
    tools = [tool.model_copy(update={"name": f"{tool.name}-{n}"}) for n in range(20) for tool in TOOLS.values()]
    catalogue = ToolCatalogue(tools, ToolIndex(HashEncoder(), None))
    pool = [has("x"), Capabilities(NODES, sketch=True), replace(STARTABLE)]

    def ask() -> list[Availability]:
        return [catalogue.availability(tool, pool) for tool in tools]

    assert all(again is before for before, again in zip(ask(), ask(), strict=True))


def test_where_no_worker_ever_was_nobody_knows_and_what_was_known_is_still_planned_for() -> None:
    answer = rules.availability(film(), [NOBODY])
    assert not answer.available
    assert answer.reason == "no worker has run yet, so nobody knows what the render servers can do"
    assert not rules.anything_known([NOBODY])
    assert not rules.anything_known([])
    seen = Capabilities(NODES, {"diffusion_models": frozenset({FILE})}, vram_gb=24, unattended=True)
    assert rules.availability(film(), [seen]).available
    assert rules.anything_known([seen])
