"""Picture nodes give ComfyUI's sizes and ComfyUI's pixels."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from executor.renderer import filters, resize
from executor.renderer.grading import Adjustment, adjust, luma
from tests.renderer.client import Comfy, empty, node, noise, png, through, unique
from tests.renderer.conftest import REAL

REFERENCE: list[dict[str, Any]] = json.loads(Path(__file__).with_name("reference.json").read_text())
FIRST, SECOND = (noise(9, 11, seed=seed).astype(np.float32)[None] / np.float32(255) for seed in (1, 2))


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: f"{case['do']}-{case['with']}")
def test_pixels_are_those_that_torch_computes(case: dict[str, Any]) -> None:
    ours = (np.clip(_do(case["do"], case["with"]), 0, 1) * 255)[0]
    assert np.abs(np.floor(ours + 1e-3) - np.array(case["gives"], np.float64)).mean() < 0.35


def _do(what: str, args: list[Any]) -> NDArray[Any]:
    if what == "resize":
        return resize.resize(FIRST, *args)
    if what == "blend":
        return filters.blend(FIRST, SECOND, *args)
    return filters.blur(FIRST, *args) if what == "blur" else filters.sharpen(FIRST, *args)


def test_a_blur_wider_than_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="Padding"):
        filters.blur(FIRST, 9, 1.0)


@pytest.mark.parametrize(
    ("kind", "inputs", "size"),
    [
        ("ImageScale", {"upscale_method": "area", "width": 28, "height": 0, "crop": "disabled"}, (28, 20)),
        ("ImageScale", {"upscale_method": "area", "width": 0, "height": 0, "crop": "disabled"}, (56, 40)),
        ("ImageScale", {"upscale_method": "bicubic", "width": 30, "height": 30, "crop": "center"}, (30, 30)),
        ("ImageScaleBy", {"upscale_method": "lanczos", "scale_by": 1.27}, (71, 51)),
        ("ImageScaleToTotalPixels", {"upscale_method": "bilinear", "megapixels": 0.01}, (121, 87)),
        ("ImageScaleToMaxDimension", {"upscale_method": "area", "largest_size": 100}, (100, 71)),
        ("ImageCrop", {"width": 30, "height": 30, "x": 40, "y": 5}, (16, 30)),
        ("ImageCrop", {"width": 3, "height": 3, "x": 400, "y": 500}, (1, 1)),
        ("ImageRotate", {"rotation": "90 degrees"}, (40, 56)),
        ("ImageFlip", {"flip_method": "x-axis: vertically"}, (56, 40)),
    ],
)
async def test_sizes_are_those_of_comfyui(comfy: Comfy, kind: str, inputs: dict[str, Any], size: Any) -> None:
    _, stored = await comfy.upload(png(noise()))
    picture = await comfy.picture(await comfy.run(through(stored["name"], kind, **inputs)))
    assert picture.shape[1::-1] == size


async def test_turning_flipping_and_inverting_move_exact_pixels(comfy: Comfy) -> None:
    source = noise()
    _, stored = await comfy.upload(png(source))
    turned = await comfy.picture(
        await comfy.run(through(stored["name"], "ImageRotate", rotation="90 degrees"))
    )
    flipped = await comfy.picture(
        await comfy.run(through(stored["name"], "ImageFlip", flip_method="y-axis: horizontally"))
    )
    inverted = await comfy.picture(await comfy.run(through(stored["name"], "ImageInvert")))
    assert np.array_equal(turned, np.rot90(source, -1))
    assert np.array_equal(flipped, source[:, ::-1])
    assert np.abs(inverted.astype(int) - (255 - source.astype(int))).max() <= 1


async def test_empty_repeat_and_batch(comfy: Comfy) -> None:
    graph = {
        "a": node("EmptyImage", width=8, height=6, batch_size=2, color=0xFF8000),
        "b": node("EmptyImage", width=20, height=20, batch_size=1, color=0x0000FF),
        "r": node("RepeatImageBatch", image=["a", 0], amount=2),
        "m": node("ImageBatch", image1=["r", 0], image2=["b", 0]),
        "out": node("SaveImage", images=["m", 0], filename_prefix=unique()),
    }
    entry = await comfy.run(graph)
    names = [item["filename"] for item in entry["outputs"]["out"]["images"]]
    assert len(names) == 5
    assert [name.split("_")[-2] for name in names] == ["00001", "00002", "00003", "00004", "00005"]
    assert (await comfy.picture(entry, place=0))[0, 0].tolist() == [255, 128, 0]
    last = await comfy.picture(entry, place=4)
    assert last.shape == (6, 8, 3)
    assert last[0, 0].tolist() == [0, 0, 255]


async def test_blending_pictures_of_two_sizes_keeps_the_first_size(comfy: Comfy) -> None:
    graph = {
        "a": node("EmptyImage", width=8, height=6, batch_size=1, color=0xFFFFFF),
        "b": node("EmptyImage", width=20, height=20, batch_size=1, color=0),
        "m": node("ImageBlend", image1=["a", 0], image2=["b", 0], blend_factor=0.5, blend_mode="normal"),
        "out": node("SaveImage", images=["m", 0], filename_prefix=unique()),
    }
    picture = await comfy.picture(await comfy.run(graph))
    assert picture.shape == (6, 8, 3)
    assert set(picture.ravel().tolist()) == {127}


@pytest.mark.parametrize(
    ("direction", "matched", "gap", "shape", "corners"),
    [
        ("right", True, 0, (6, 14), ("white", "black")),
        ("left", True, 3, (6, 18), ("black", "white")),
        ("down", True, 2, (16, 8), ("white", "black")),
        ("up", True, 0, (14, 8), ("black", "white")),
        ("right", False, 0, (20, 28), ("black", "black")),
    ],
)
async def test_two_pictures_become_one(
    comfy: Comfy, direction: str, matched: bool, gap: int, shape: tuple[int, int], corners: tuple[str, str]
) -> None:
    join = {"direction": direction, "match_image_size": matched, "spacing_width": gap, "spacing_color": "red"}
    graph = {
        "a": node("EmptyImage", width=8, height=6, batch_size=1, color=0xFFFFFF),
        "b": node("EmptyImage", width=20, height=20, batch_size=1, color=0),
        "m": node("ImageStitch", image1=["a", 0], image2=["b", 0], **join),
        "out": node("SaveImage", images=["m", 0], filename_prefix=unique()),
    }
    picture = await comfy.picture(await comfy.run(graph))
    assert picture.shape[:2] == shape
    tones = {"white": [255, 255, 255], "black": [0, 0, 0]}
    assert (picture[0, 0].tolist(), picture[-1, -1].tolist()) == (tones[corners[0]], tones[corners[1]])
    red = (picture == [255, 0, 0]).all(-1).sum()
    assert red == (gap + gap % 2) * (shape[0] if direction in ("left", "right") else shape[1])


async def test_a_picture_joined_to_nothing_stays_as_it_is(comfy: Comfy) -> None:
    join = {"direction": "up", "match_image_size": True, "spacing_width": 9, "spacing_color": "blue"}
    graph = {
        "a": node("EmptyImage", width=8, height=6, batch_size=1, color=0xFFFFFF),
        "m": node("ImageStitch", image1=["a", 0], **join),
        "out": node("SaveImage", images=["m", 0], filename_prefix=unique()),
    }
    assert (await comfy.picture(await comfy.run(graph))).shape == (6, 8, 3)


async def test_a_saved_picture_carries_its_graph_and_the_clients_own_texts(comfy: Comfy) -> None:
    graph = empty()
    entry = await comfy.run(graph, extra_data={"extra_pnginfo": {"workflow": {"nodes": []}}})
    image = PIL.Image.open(io.BytesIO(await comfy.file(entry["outputs"]["out"]["images"][0])))
    assert json.loads(image.info["prompt"])["in"]["class_type"] == "EmptyImage"
    assert json.loads(image.info["workflow"]) == {"nodes": []}


async def test_transparency_is_left_to_the_mask(comfy: Comfy) -> None:
    source = noise(channels=4)
    _, stored = await comfy.upload(png(source))
    graph = {
        "in": node("LoadImage", image=stored["name"]),
        "out": node("SaveImage", images=["in", 0], filename_prefix=unique()),
    }
    assert np.array_equal(await comfy.picture(await comfy.run(graph)), source[..., :3])


async def test_the_prefix_places_files_and_fills_in_the_size(comfy: Comfy) -> None:
    graph = empty(width=24)
    prefix = unique()
    graph["out"]["inputs"]["filename_prefix"] = f"{prefix}/of-%width%x%height%"
    item = (await comfy.run(graph))["outputs"]["out"]["images"][0]
    assert item == {"filename": "of-24x16_00001_.png", "subfolder": prefix, "type": "output"}


class TestColourAdjust:
    """Our own node; a real ComfyUI has none."""

    photo = np.clip(noise(24, 24, seed=5).astype(np.float32)[None] / 255 * 0.5 + 0.2, 0, 1).astype(np.float32)

    def test_nothing_asked_nothing_changed(self) -> None:
        assert np.array_equal(adjust(self.photo, Adjustment()), self.photo)

    def test_vibrance_lifts_dull_colours_more_than_strong_ones_and_spares_skin(self) -> None:
        dull, strong = np.array([0.45, 0.5, 0.55]), np.array([0.1, 0.5, 0.9])
        skin, leaf = np.array([0.80, 0.60, 0.48]), np.array([0.60, 0.80, 0.48])
        done = adjust(np.stack([dull, strong, skin, leaf])[None, None], Adjustment(vibrance=0.8))[0, 0]
        spread = [
            np.ptp(after) / np.ptp(before)
            for after, before in zip(done, (dull, strong, skin, leaf), strict=True)
        ]
        assert spread[0] > spread[1] > 1
        assert spread[3] > spread[2] > 1

    @pytest.mark.parametrize("amount", [-0.6, 0.6])
    def test_brightness_and_warmth_go_the_way_their_sign_says(self, amount: float) -> None:
        brighter = adjust(self.photo, Adjustment(brightness=amount)).mean() - self.photo.mean()
        warmer = adjust(self.photo, Adjustment(temperature=amount)) - self.photo
        assert brighter * amount > 0
        assert (warmer[..., 0].mean() - warmer[..., 2].mean()) * amount > 0

    def test_contrast_widens_and_narrows(self) -> None:
        assert adjust(self.photo, Adjustment(contrast=0.5)).std() > self.photo.std()
        assert adjust(self.photo, Adjustment(contrast=-0.5)).std() < self.photo.std()

    def test_black_and_white_has_no_colour_and_sepia_is_brown(self) -> None:
        grey = adjust(self.photo, Adjustment(grayscale=True))
        assert np.ptp(grey, axis=-1).max() == 0
        brown = adjust(self.photo, Adjustment(sepia=1.0))
        assert (brown[..., 0] > brown[..., 1]).all()
        assert (brown[..., 1] > brown[..., 2]).all()

    def test_a_turned_hue_keeps_lightness(self) -> None:
        turned = adjust(self.photo, Adjustment(hue=90))
        assert np.abs(turned - self.photo).mean() > 0.02
        assert np.abs(luma(turned) - luma(self.photo)).mean() < 0.08

    @pytest.mark.skipif(bool(REAL), reason="a node of our own")
    async def test_it_runs_as_a_node(self, comfy: Comfy) -> None:
        _, stored = await comfy.upload(png(noise()))
        amounts = {
            name: 0.0 for name in ("vibrance", "saturation", "brightness", "contrast", "temperature", "hue")
        }
        graph = through(stored["name"], "StationThisColorAdjust", **amounts, grayscale=True, sepia=0.0)
        picture = await comfy.picture(await comfy.run(graph))
        assert np.ptp(picture.astype(int), axis=-1).max() == 0
