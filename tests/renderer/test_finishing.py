"""Borders, corners, grain, words and collages change exactly what they say."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from executor.renderer import finishing, lettering
from executor.renderer.grading import luma
from executor.renderer.lettering import POSITIONS, Lettering, write
from tests.renderer.client import Comfy, node, noise, png, through, unique
from tests.renderer.conftest import REAL
from tools.letters import missing

own = pytest.mark.skipif(bool(REAL), reason="a node of our own")
GREY = np.full((1, 60, 90, 3), 0.5, np.float32)
PHOTO = (noise(40, 56).astype(np.float32) / np.float32(255))[None]


def test_a_border_surrounds_the_picture_and_leaves_it_alone() -> None:
    framed = finishing.pad(PHOTO, 3, 1, 5, 9, finishing.parse_color("#ff0000"))
    assert framed.shape == (1, 50, 64, 3)
    assert np.array_equal(framed[:, 1:41, 3:59], PHOTO)
    assert (framed[0, 0] == [1, 0, 0]).all()
    assert (framed[0, :, -5:] == [1, 0, 0]).all()


@pytest.mark.parametrize("text", ["red", "#12345", "#12345g", "", "#1234567"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        finishing.parse_color(text)


def test_a_vignette_spares_the_middle_and_darkens_the_corners() -> None:
    done = finishing.vignette(GREY, 1.0)
    assert abs(done[0, 30, 45, 0] - 0.5) < 0.001
    assert done[0, 0, 0, 0] < 0.05
    assert finishing.vignette(GREY, 0.2)[0, 0, 0, 0] > done[0, 0, 0, 0]


def test_grain_is_without_colour_repeatable_and_keeps_the_light() -> None:
    done = finishing.grain(GREY, 1.0, 5)
    assert np.ptp(done, axis=-1).max() < 1e-6
    assert done.std() > 0.05
    assert abs(done.mean() - 0.5) < 0.01
    assert np.array_equal(done, finishing.grain(GREY, 1.0, 5))
    assert not np.array_equal(done, finishing.grain(GREY, 1.0, 6))
    assert finishing.grain(GREY, 0.2, 5).std() < done.std() / 3


def test_even_tones_use_the_whole_range_and_weaken_a_cast() -> None:
    hazy = 0.4 + 0.2 * PHOTO * np.array([1.0, 0.9, 0.7], np.float32)
    done = finishing.even(hazy, 1.0)
    assert done.max() - done.min() > 0.95
    gain = np.ptp(luma(done)) / np.ptp(luma(hazy))
    assert _cast(done) < 0.8 * gain * _cast(hazy)
    assert np.allclose(finishing.even(hazy, 0.0), hazy, atol=1e-6)


def test_even_tones_of_one_plain_colour_stay_finite() -> None:
    assert np.isfinite(finishing.even(GREY, 1.0)).all()


@pytest.mark.parametrize("dither", [False, True])
def test_no_more_colours_are_left_than_wanted(dither: bool) -> None:
    done = (finishing.reduced(PHOTO, 5, dither)[0] * 255).round().astype(int)
    assert 2 <= len(np.unique(done.reshape(-1, 3), axis=0)) <= 5


def test_round_corners_are_transparent_and_the_rest_is_not() -> None:
    done = finishing.rounded(GREY, 20)
    assert done.shape == (1, 60, 90, 4)
    assert done[0, 0, 0, 3] == done[0, -1, -1, 3] == 0
    assert done[0, 30, 45, 3] == done[0, 0, 45, 3] == 1
    assert np.array_equal(done[..., :3], GREY)


def test_a_circle_is_the_middle_square() -> None:
    done = finishing.circle(GREY)
    assert done.shape == (1, 60, 60, 4)
    assert done[0, 2, 2, 3] == 0
    assert abs(done[..., 3].mean() - np.pi / 4) < 0.01


def test_a_collage_goes_row_by_row() -> None:
    plain = [np.full((1, 20, 30, 3), value, np.float32) for value in (0.1, 0.5, 0.9)]
    done = finishing.grid(plain, 2, 16, 8, 4, finishing.parse_color("#000000"))
    assert done.shape == (1, 2 * 12 + 4, 2 * 20 + 4, 3)
    cells = [done[0, 8, 8, 0], done[0, 8, 30, 0], done[0, 20, 8, 0], done[0, 20, 30, 0]]
    assert np.allclose(cells, [0.1, 0.5, 0.9, 0.0], atol=0.01)
    assert done[0, :, 2].max() == 0


@pytest.mark.parametrize("position", POSITIONS)
def test_words_stand_where_they_are_wanted(position: str) -> None:
    picture = np.full((1, 200, 300, 3), 0.5, np.float32)
    rows, columns = _changed(picture, write(picture, Lettering("Hi", position, 10)))
    middle = (rows.mean() / 200, columns.mean() / 300)
    down = {"top": 0.12, "bottom": 0.88}.get(position.split()[0], 0.5)
    wanted = (down, {"left": 0.08, "right": 0.92}.get(position.split()[-1], 0.5))
    assert np.allclose(middle, wanted, atol=0.07)


@pytest.mark.parametrize("text", ["word " * 60, "Donaudampfschifffahrtsgesellschaft" * 3, "one\ntwo\nthree\n" * 8])
def test_words_never_leave_the_picture(text: str) -> None:
    picture = np.full((1, 240, 240, 3), 0.5, np.float32)
    rows, columns = _changed(picture, write(picture, Lettering(text, "center", 20)))
    assert rows.size > 100
    assert 2 <= rows.min() <= rows.max() <= 237
    assert text.startswith("Donau") or 2 <= columns.min() <= columns.max() <= 237


def test_letters_have_their_colour_and_an_edge_against_it() -> None:
    picture = np.full((1, 100, 100, 3), 0.5, np.float32)
    done = write(picture, Lettering("M", "center", 40, (1.0, 0.0, 0.0)))
    assert (np.abs(done[0] - [1, 0, 0]).sum(-1) < 0.01).sum() > 50
    assert (done[0].min(-1) > 0.95).sum() > 50
    bare = write(picture, Lettering("M", "center", 40, (1.0, 0.0, 0.0), outline=False))
    assert (bare[0].min(-1) > 0.95).sum() == 0


def test_a_watermark_lets_the_picture_through() -> None:
    picture = np.zeros((1, 100, 100, 3), np.float32)
    assert 0.35 < write(picture, Lettering("M", "center", 40, opacity=0.4)).max() <= 0.41


def test_letters_that_the_font_lacks_are_named_and_not_drawn_as_boxes() -> None:
    with pytest.raises(ValueError, match="日"):
        write(GREY, Lettering("日"))


@pytest.mark.parametrize("words", ["Süße Grüße", "Żółć, čaj és ő", "Ελληνικά ώρα", "Съешь ёщё їжак", "€ “…”"])
def test_the_letters_of_europe_are_drawn_each_as_itself(words: str) -> None:
    assert missing(words) == []
    drawn = {bytes(lettering.font(32).getmask(letter)) for letter in set(words) - {" "}}
    assert len(drawn) == len(set(words) - {" "})
    assert _changed(GREY, write(GREY, Lettering(words)))[0].size > 50


@pytest.mark.parametrize("letter", ["日", "🎉", "→", "ש", "ß", "Ж"])
def test_plan_and_renderer_agree_on_what_can_be_written(letter: str) -> None:
    refused = False
    try:
        write(GREY, Lettering(letter))
    except ValueError:
        refused = True
    assert refused is bool(missing(letter))


def test_lines_are_broken_between_words() -> None:
    broken = lettering.lines("one two three four", 20, 90)
    assert len(broken) > 1
    assert " ".join(broken) == "one two three four"


async def test_fitting_in_keeps_the_whole_picture_in_the_middle(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise(40, 56)))
    wanted = {"target_width": 28, "target_height": 40, "padding_color": "white", "interpolation": "area"}
    done = await comfy.picture(await comfy.run(through(stored["name"], "ResizeAndPadImage", **wanted)))
    assert done.shape == (40, 28, 3)
    assert (done[:10] == 255).all()
    assert (done[30:] == 255).all()
    assert (done[10:30] < 255).any(-1).mean() > 0.9


async def test_fewer_colours_as_a_node(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise(40, 56)))
    done = await comfy.picture(await comfy.run(through(stored["name"], "ImageQuantize", colors=3, dither="none")))
    assert len(np.unique(done.reshape(-1, 3), axis=0)) <= 3


LETTER = {"text": "a", "position": "top", "size": 8.0, "color": "#ffffff", "outline": True, "opacity": 1.0}


@own
@pytest.mark.parametrize(
    ("kind", "inputs", "size"),
    [
        ("StationThisPad", {"left": 1, "top": 2, "right": 3, "bottom": 4, "color": "#000000"}, (60, 46)),
        ("StationThisVignette", {"strength": 0.5}, (56, 40)),
        ("StationThisGrain", {"strength": 0.5, "seed": 1}, (56, 40)),
        ("StationThisLevels", {"strength": 1.0}, (56, 40)),
        ("StationThisCorners", {"shape": "circle", "radius": 5}, (40, 40)),
        ("StationThisText", LETTER, (56, 40)),
    ],
)  # fmt: skip
async def test_each_runs_as_a_node(comfy: Comfy, kind: str, inputs: dict[str, Any], size: tuple[int, int]) -> None:
    _, stored = await comfy.upload(png(noise()))
    picture = await comfy.picture(await comfy.run(through(stored["name"], kind, **inputs)))
    assert picture.shape[1::-1] == size


@own
async def test_transparency_is_saved(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise()))
    entry = await comfy.run(through(stored["name"], "StationThisCorners", shape="rounded", radius=12))
    saved = PIL.Image.open(io.BytesIO(await comfy.file(entry["outputs"]["out"]["images"][0])))
    assert saved.mode == "RGBA"
    assert saved.getpixel((0, 0))[3] == 0  # type: ignore[index]


@own
async def test_a_collage_of_three_as_a_node(comfy: Comfy) -> None:
    names = [(await comfy.upload(png(noise(seed=seed))))[1]["name"] for seed in (1, 2, 3)]
    graph = {f"in{n}": node("LoadImage", image=name) for n, name in enumerate(names, 1)}
    pictures = {f"image{n}": [f"in{n}", 0] for n in (1, 2, 3)}
    graph["grid"] = node("StationThisGrid", **pictures, columns=3, cell_width=56, cell_height=40, gap=2, color="#ffffff")
    graph["out"] = node("SaveImage", images=["grid", 0], filename_prefix=unique())
    done = await comfy.picture(await comfy.run(graph))
    assert done.shape == (44, 176, 3)
    assert np.abs(done[2:42, 60:116].astype(int) - noise(seed=2)).max() <= 1


@own
async def test_a_colour_that_is_none_fails_the_job_with_a_reason(comfy: Comfy) -> None:
    _, stored = await comfy.upload(png(noise()))
    inputs = {"left": 1, "top": 1, "right": 1, "bottom": 1, "color": "red"}
    entry = await comfy.run(through(stored["name"], "StationThisPad", **inputs))
    assert entry["status"]["status_str"] == "error"


def _cast(picture: NDArray[np.float32]) -> float:
    """How much more red than blue."""
    return float(picture[..., 0].mean() - picture[..., 2].mean())


def _changed(before: NDArray[np.float32], after: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows and columns of the pixels that are no longer as they were."""
    rows, columns = np.nonzero(np.abs(after - before)[0].sum(-1) > 0.01)
    return rows, columns
