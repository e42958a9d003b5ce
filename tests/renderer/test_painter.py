"""Sketches: the same for the same request, different for any other, and led by the words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from executor.renderer.painter.painting import Brief, Painting
from executor.renderer.painter.words import read
from tests.renderer.client import Comfy, node, noise, png, sketch, unique
from tests.renderer.conftest import REAL, Start

pytestmark = pytest.mark.skipif(bool(REAL), reason="is about the embedded painter")


def paint(prompt: str, seed: int = 1, size: tuple[int, int] = (96, 96), **more: Any) -> NDArray[Any]:
    options = {"negative": "", "model": "m", "index": 0, **more}
    return Painting(Brief(prompt=prompt, seed=seed, width=size[0], height=size[1], **options)).result()


def apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.abs(a - b).mean())


def test_the_same_brief_gives_the_same_picture() -> None:
    assert np.array_equal(paint("a red car at night"), paint("a red car at night"))


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"prompt": "an ocean at dawn"}, {"model": "n"}, {"index": 1}],
    ids=lambda other: next(iter(other)),
)
def test_another_brief_gives_another_picture(other: dict[str, Any]) -> None:
    assert apart(paint("an ocean at sunset"), paint(**{"prompt": "an ocean at sunset", **other})) > 0.01


@pytest.mark.parametrize(
    "prompt",
    [
        "cyberpunk cityscape at night", "forest in autumn", "mountain lake at dawn", "ocean sunset", "desert",
        "winter village in the snow", "galaxy and planets", "portrait of a man", "cat", "dog", "flower garden",
        "castle in the fog", "blue car in the rain", "sailing boat", "lighthouse", "northern lights", "red cube",
        "watercolor hills", "oil painting", "anime girl", "pixel art city", "minimal dunes", "pastel meadow",
        "black and white street", "pencil sketch", "vintage photo", "qwertz", "", "🙂 漢字",
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [(96, 64), (16, 16), (24, 200)])
def test_every_prompt_fills_any_size_with_a_picture(prompt: str, size: tuple[int, int]) -> None:
    picture = paint(prompt, size=size)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert 0 <= picture.min() <= picture.max() <= 1
    assert picture.std() > 0.03


def test_words_lead_the_colours() -> None:
    night, day = paint("mountains at night"), paint("mountains at noon")
    assert night.mean() < day.mean() - 0.1
    red, blue = paint("red car"), paint("blue car")
    assert (red - blue)[..., 0].mean() > 0.01 > (red - blue)[..., 2].mean()
    assert np.ptp(paint("black and white city"), axis=-1).max() < 0.02


def test_colours_belong_to_what_they_are_said_of() -> None:
    theme = read("a red car under a blue sky, no people", "night, fog")
    assert theme.colors["car"] == theme.colors[""]
    assert theme.has("car")
    assert not read("a foggy night", "fog, night").tags


def test_a_size_beyond_the_painters_own_is_still_delivered() -> None:
    assert paint("ocean", size=(1800, 16)).shape == (16, 1800, 3)


@pytest.mark.parametrize("denoise", [0.0, 0.4, 0.9])
def test_a_restyled_picture_stays_recognisable(denoise: float) -> None:
    source = paint("castle at dawn", size=(128, 128))
    brief = Brief("oil painting, at night", "", "m", 3, 0, 128, 128)
    done = Painting(brief, source, denoise).result()
    likeness = np.corrcoef(source.mean(axis=-1).ravel(), done.mean(axis=-1).ravel())[0, 1]
    assert likeness > 0.7
    assert (apart(source, done) > 0.02) == (denoise > 0)


def test_more_denoise_changes_more() -> None:
    source = paint("castle at dawn", size=(128, 128))
    brief = Brief("snowy winter", "", "m", 3, 0, 128, 128)
    changes = [apart(source, Painting(brief, source, denoise).result()) for denoise in (0.2, 0.5, 0.9)]
    assert changes == sorted(changes)


async def test_every_picture_of_a_batch_is_its_own(comfy: Comfy) -> None:
    entry = await comfy.run(sketch("sketch.safetensors", "ocean", batch=2))
    first, second = [await comfy.picture(entry, place=place) for place in (0, 1)]
    assert apart(first / 255, second / 255) > 0.01


async def test_a_picture_can_be_restyled_through_the_graph(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise(50, 70)))
    graph = sketch("sketch.safetensors", "watercolor")
    graph["latent"] = node("VAEEncode", pixels=["load", 0], vae=["model", 2])
    graph["load"] = node("LoadImage", image=stored["name"])
    graph["sample"]["inputs"]["denoise"] = 0.5
    assert (await comfy.picture(await comfy.run(graph))).shape == (48, 64, 3)


async def test_latents_can_be_enlarged_and_decoded_unsampled(comfy: Comfy) -> None:
    graph = sketch("sketch.safetensors")
    graph["large"] = node(
        "LatentUpscale", samples=["sample", 0], upscale_method="bicubic", width=128, height=0, crop="disabled"
    )
    graph["decode"]["inputs"]["samples"] = ["large", 0]
    assert (await comfy.picture(await comfy.run(graph))).shape == (128, 128, 3)
    graph["decode"]["inputs"]["samples"] = ["latent", 0]
    graph["out"]["inputs"]["filename_prefix"] = unique()
    assert np.ptp(await comfy.picture(await comfy.run(graph))) == 0


async def test_loras_and_upscalers_stand_in_when_named(start: Start) -> None:
    async with start(loras=("style.safetensors",), upscalers=("tiny_4x.safetensors",)) as comfy:
        graph = sketch("sketch.safetensors")
        plain = await comfy.picture(await comfy.run(graph))
        graph["lora"] = node(
            "LoraLoader",
            model=["model", 0],
            clip=["model", 1],
            lora_name="style.safetensors",
            strength_model=1,
            strength_clip=1,
        )
        graph["sample"]["inputs"]["model"] = ["lora", 0]
        graph["out"]["inputs"]["filename_prefix"] = unique()
        styled = await comfy.picture(await comfy.run(graph))
        graph["up"] = node("UpscaleModelLoader", model_name="tiny_4x.safetensors")
        graph["big"] = node("ImageUpscaleWithModel", upscale_model=["up", 0], image=["decode", 0])
        graph["out"]["inputs"]["images"] = ["big", 0]
        large = await comfy.picture(await comfy.run(graph))
    assert apart(plain / 255, styled / 255) > 0.01
    assert large.shape == (256, 256, 3)
