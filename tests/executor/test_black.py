"""Black pictures: told from all others without decoding them whole, and a fault only where nobody can have wanted them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from executor.blackness import is_black, shall_show
from executor.model import JobEnding, JobStatus
from executor.testing import FaultyComfy, picture
from tests.executor.conftest import Floor, create, resize
from tools.model import StepRef


def png(size: tuple[int, int] = (300, 200), mode: str = "RGB", spot: tuple[int, int] | None = None) -> bytes:
    image, out = Image.new(mode, size), io.BytesIO()
    if spot is not None:
        image.putpixel(spot, tuple(1 for _ in mode) if len(mode) > 1 else 1)
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(1, 1), (300, 200), (1024, 1024)])
def test_nothing_but_zeros_is_black(size: tuple[int, int], mode: str) -> None:
    assert is_black(io.BytesIO(png(size, mode)))
    last = size[0] - 1, size[1] - 1
    for spot in {(0, 0), last, (0, last[1]), (last[0], 0)}:
        assert not is_black(io.BytesIO(png(size, mode, spot)))


@pytest.mark.parametrize("content", [b"", b"GIF89a", png()[:40], png()[:-30], png(mode="RGBA"), png(mode="P"), picture()])
def test_what_is_not_understood_or_shows_something_is_not(content: bytes) -> None:
    assert not is_black(io.BytesIO(content))


def painted(prompt: str = "a fox", **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A graph as text_to_image has it; `more` changes nodes."""
    nodes: dict[str, dict[str, Any]] = {
        "model": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dark_dreams.safetensors"}},
        "text": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt, "clip": ["model", 1]}},
        "not": {"class_type": "CLIPTextEncode", "inputs": {"text": "dark, blurry", "clip": ["model", 1]}},
        "paint": {"class_type": "KSampler", "inputs": {"model": ["model", 0], "positive": ["text", 0], "negative": ["not", 0]}},
        "see": {"class_type": "VAEDecode", "inputs": {"samples": ["paint", 0], "vae": ["model", 2]}},
        "save": {"class_type": "SaveImage", "inputs": {"images": ["see", 0], "filename_prefix": "x"}},
    }
    return {**nodes, **more}


def test_what_is_painted_from_noise_shall_show_something() -> None:
    assert shall_show(painted(), "save", {"prompt": "a fox", "negative_prompt": "dark"}, entered=False)
    assert shall_show(painted("a knight under a blanket"), "save", {}, entered=False)


DARKNESS = ("a BLACK square", "the street at night", "dans la nuit", "eine dunkle Gasse", "夜の街", "ночной лес")


@pytest.mark.parametrize("prompt", DARKNESS)
def test_who_asks_for_darkness_may_get_it(prompt: str) -> None:
    assert not shall_show(painted(prompt), "save", {}, entered=False)
    assert not shall_show(painted(), "save", {"scenes": [{"text": prompt}]}, entered=False)


def test_in_doubt_it_is_kept() -> None:
    between = {"class_type": "ImageScale", "inputs": {"image": ["see", 0]}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["between", 0]}}
    loaded = {"class_type": "VAEDecode", "inputs": {"samples": ["model", 0]}}
    assert not shall_show(painted(), "save", {}, entered=True)
    assert not shall_show(painted(between=between, save=save), "save", {}, entered=False)
    assert not shall_show(painted(see=loaded), "save", {}, entered=False)
    assert not shall_show(painted(), "gone", {}, entered=False)


async def test_a_model_that_paints_black_is_a_fault_with_a_name(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.file = png(), "image/png"
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        end = (await floor.until(run_id))[-1]
        [job] = await executor.runs.jobs(run_id)
        assert await executor.runs.assets(run_id) == []
    assert (end.type, end.data["code"], len(comfy.prompts)) == ("run.failed", "not_a_number", 1)
    assert (job.status, job.ending) == (JobStatus.FAILED, JobEnding.MODEL_FAULT)


async def test_black_on_purpose_and_what_is_made_of_it_are_kept(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.file = png(), "image/png"
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create("s1", prompt="a black square"), resize("s2", StepRef(step_id="s1")))
        assert (await floor.until(run_id))[-1].type == "run.completed"
        assert [asset.step_id for asset in await executor.runs.assets(run_id)] == ["s1", "s2"]
