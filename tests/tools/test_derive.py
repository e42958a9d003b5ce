"""Exact pixels, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.derive import MAX_SIDE, derive, parse_ratio
from tools.errors import BadInput, BadParameter, LettersMissing
from tools.model import Size

SIDES = st.integers(16, 8192)
SIZES = st.builds(Size, SIDES, SIDES)
RATIOS = st.tuples(st.integers(1, 32), st.integers(1, 32)).filter(lambda r: 0.05 <= r[0] / r[1] <= 20)


def size_of(rule: str, params: Mapping[str, Any], source: Size) -> Size:
    size = derive(rule, params, {"image": source}).size
    assert size is not None
    return size


@given(source=SIZES, ratio=RATIOS, position=st.sampled_from(["center", "left", "right", "top", "bottom"]))
def test_a_crop_lies_inside_the_picture_and_has_the_ratio(
    source: Size, ratio: tuple[int, int], position: str
) -> None:
    derived = derive("crop", {"ratio": f"{ratio[0]}:{ratio[1]}", "position": position}, {"image": source})
    frame = derived.values
    assert derived.size == Size(frame["crop_width"], frame["crop_height"])
    assert 0 <= frame["crop_x"] <= source.width - frame["crop_width"]
    assert 0 <= frame["crop_y"] <= source.height - frame["crop_height"]
    assert frame["crop_width"] == source.width or frame["crop_height"] == source.height
    exact = ratio[0] / ratio[1]
    assert abs(frame["crop_width"] - frame["crop_height"] * exact) <= max(1.0, exact)


@pytest.mark.parametrize(
    ("position", "corner"), [("left", (0, 0)), ("right", (400, 0)), ("center", (200, 0)), ("top", (200, 0))]
)
def test_a_crop_is_placed_where_it_was_said(position: str, corner: tuple[int, int]) -> None:
    values = derive("crop", {"ratio": "1:1", "position": position}, {"image": Size(1000, 600)}).values
    assert (values["crop_x"], values["crop_y"]) == corner


@given(source=st.builds(Size, st.integers(16, 1000), st.integers(16, 1000)), factor=st.integers(1, 8))
def test_an_enlargement_has_exactly_so_many_times_the_sides(source: Size, factor: int) -> None:
    assert size_of("enlarge", {"factor": float(factor)}, source) == Size(
        source.width * factor, source.height * factor
    )


@given(
    source=st.builds(Size, st.integers(300, 2000), st.integers(200, 2000)),
    position=st.sampled_from(["center", "left", "bottom"]),
)
def test_a_frame_of_so_many_pixels_lies_inside(source: Size, position: str) -> None:
    cut = derive("crop", {"ratio": "1:1", "width": 300, "height": 200, "position": position}, {"image": source})
    assert cut.size == Size(300, 200)
    assert 0 <= cut.values["crop_x"] <= source.width - 300
    assert 0 <= cut.values["crop_y"] <= source.height - 200


def test_a_frame_larger_than_the_picture_is_refused_with_the_picture_s_size() -> None:
    with pytest.raises(BadParameter) as refusal:
        derive("crop", {"ratio": "1:1", "width": 5000, "height": 10, "position": "center"}, {"image": Size(640, 480)})
    assert "640 x 480" in refusal.value.next_step


def test_what_is_larger_than_anything_made_here_is_refused_with_the_bound() -> None:
    with pytest.raises(BadParameter) as refusal:
        derive("enlarge", {"factor": 8.0}, {"image": Size(4096, 100)})
    assert refusal.value.facts["maximum"] == MAX_SIDE
    assert str(MAX_SIDE) in refusal.value.next_step


@given(source=SIZES)
def test_a_repaint_is_about_a_megapixel_in_multiples_of_sixteen(source: Size) -> None:
    size = size_of("repaint", {}, source)
    assert size.width % 16 == size.height % 16 == 0
    assert size.width * size.height <= 1_048_576 + 8 * (size.width + size.height) + 64
    assert size.width <= source.width + 8
    assert size.height <= source.height + 8


@given(width=SIDES, height=SIDES)
def test_a_canvas_is_the_nearest_multiple_of_sixteen(width: int, height: int) -> None:
    size = derive("canvas", {"width": width, "height": height}, {}).size
    assert size is not None
    assert size.width % 16 == size.height % 16 == 0
    assert max(abs(size.width - width), abs(size.height - height)) <= 8


@given(source=SIZES, angle=st.sampled_from(["90", "180", "270"]))
def test_a_quarter_turn_swaps_the_sides_and_a_half_does_not(source: Size, angle: str) -> None:
    swapped = Size(source.height, source.width)
    assert size_of("rotate", {"angle": angle}, source) == (source if angle == "180" else swapped)


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"width": 500}, Size(500, 250)), ({"height": 500}, Size(1000, 500)),
        ({"width": 10, "height": 20}, Size(10, 20)), ({"factor": 0.5}, Size(400, 200)), ({}, Size(800, 400)),
        ({"factor": 0.001}, Size(1, 1)),
    ],
)  # fmt: skip
def test_a_resize_keeps_the_shape_unless_both_sides_are_said(params: dict[str, Any], size: Size) -> None:
    assert size_of("resize", params, Size(800, 400)) == size


@given(source=SIZES)
def test_a_mirror_a_colour_and_a_blur_keep_the_size(source: Size) -> None:
    assert size_of("flip", {"direction": "vertical"}, source) == source
    assert size_of("color", {"brightness": 0.2}, source) == source
    assert size_of("blur", {"radius": 4}, source) == source


def test_no_rule_means_that_the_size_stays() -> None:
    assert derive(None, {}, {"image": Size(3, 4)}).size == Size(3, 4)
    assert derive(None, {}, {}).size is None


def test_comfyui_is_told_in_its_own_words() -> None:
    assert derive("rotate", {"angle": "270"}, {"image": Size(1, 1)}).values == {"rotation": "270 degrees"}
    assert derive("flip", {"direction": "horizontal"}, {"image": Size(1, 1)}).values == {
        "flip_method": "y-axis: horizontally"
    }


@pytest.mark.parametrize(
    "text", ["", "square", "1", "1:0", "0:1", "1:99", "a:b", "-1:1", "nan:1", "inf:1", "1:2:3"]
)
def test_what_is_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        parse_ratio(text)


@pytest.mark.parametrize("rule", ["repaint", "enlarge", "resize", "crop", "rotate"])
def test_a_picture_of_unknown_size_is_refused(rule: str) -> None:
    with pytest.raises(BadInput):
        derive(rule, {"factor": 2.0, "ratio": "1:1", "position": "center", "angle": "90"}, {})


@pytest.mark.parametrize(
    ("direction", "gap", "size"),
    [("right", 0, Size(700, 200)), ("left", 5, Size(706, 200)), ("down", 8, Size(300, 358)), ("up", 0, Size(300, 350))],
)
def test_a_join_is_as_large_as_both_with_their_gap(direction: str, gap: int, size: Size) -> None:
    sizes = {"image": Size(300, 200), "image2": Size(800, 400)}
    assert derive("stitch", {"direction": direction, "gap": gap}, sizes).size == size


def test_a_join_with_one_picture_alone_is_refused() -> None:
    with pytest.raises(BadInput):
        derive("stitch", {"direction": "right", "gap": 0}, {"image": Size(300, 200)})


@given(source=SIZES)
def test_a_film_in_the_shape_of_its_picture_has_the_pixels_of_its_template(source: Size) -> None:
    size = size_of("fit:16:832:480", {"width": 832, "height": 480}, source)

    assert size.width % 16 == size.height % 16 == 0
    if 0.25 <= source.width / source.height <= 4:
        assert size.width * size.height == pytest.approx(832 * 480, rel=0.1)
        assert size.width / size.height == pytest.approx(source.width / source.height, rel=0.1)


def test_a_side_that_is_set_draws_the_other_after_it() -> None:
    wide = Size(1000, 500)

    assert size_of("fit:16:832:480", {"width": 640, "height": 480}, wide) == Size(640, 320)
    assert size_of("fit:16:832:480", {"width": 832, "height": 640}, wide) == Size(1280, 640)
    assert size_of("fit:16:832:480", {"width": 640, "height": 640}, wide) == Size(640, 640)
    assert size_of("fit:16:832:480", {}, wide) == size_of("fit:16:832:480", {"width": 832, "height": 480}, wide)
    assert derive("fit:16:832:480", {"width": 832, "height": 480}, {}).size == Size(832, 480)


@pytest.mark.parametrize(
    ("rule", "params", "count"),
    [
        ("frames:4:16", {"duration": 5.0}, 81),
        ("frames:4:16", {"duration": 5.0, "fps": 24}, 121),
        ("frames:8:24", {"duration": 4.0}, 97),
        ("frames:4:16", {"duration": 0.01}, 5),
    ],
)
def test_frames_are_whole_steps_and_the_first(rule: str, params: Mapping[str, Any], count: int) -> None:
    assert derive(rule, params, {}).values["frames"] == count


def test_the_second_model_takes_over_at_the_same_share_of_any_schedule() -> None:
    taken = [derive("split:0.8", {"steps": steps}, {}).values["split_step"] for steps in (25, 10, 2, 1)]

    assert taken == [20, 8, 1, 1]


def test_rules_are_joined_and_the_first_knows_the_size() -> None:
    joined = derive("sides:32+frames:8:24", {"width": 700, "height": 500, "duration": 4}, {})

    assert joined.size == Size(704, 512)
    assert joined.values == {"canvas_width": 704, "canvas_height": 512, "frames": 97}


def test_sizes_that_only_the_picture_decides() -> None:
    source = Size(2000, 1001)

    assert size_of("kept:8", {}, source) == Size(2000, 1000)
    assert size_of("megapixels:1:1>kept:16", {}, source) == Size(1440, 720)
    assert size_of("longest:1024>kept:8", {}, source) == Size(1024, 512)
    assert size_of("padded", {"left": 400, "right": 0, "top": 8, "bottom": 1}, source) == Size(2400, 1010)
    assert size_of("kontext>kept:8", {}, source) == Size(1456, 720)
    assert size_of("kontext", {}, Size(900, 1000)) == Size(944, 1104)
    assert size_of("scaled", {"scale": 2}, source) == Size(4000, 2002)
    assert derive("unsized", {}, {"image": source}).size is None
    unknown = ("kept:8", "megapixels:1:1>kept:8", "longest:9", "kontext", "scaled")
    assert [derive(rule, {"scale": 2}, {}).size for rule in unknown] == [None] * 5


def test_letters_that_cannot_be_drawn_are_named_once_each() -> None:
    with pytest.raises(LettersMissing) as refusal:
        derive("lettering", {"text": "日本 and 日 🎉, Grüße", "color": "white"}, {"image": Size(8, 8)})
    assert refusal.value.detail == "This font has no letters for 日, 本, 🎉."
    assert refusal.value.code == "letters_missing"
    assert refusal.value.facts == {"parameter": "text"}


def test_many_letters_that_cannot_be_drawn_make_one_short_sentence() -> None:
    with pytest.raises(LettersMissing, match=r"九, 十 and more\.$"):
        derive("lettering", {"text": "一二三四五六七八九十百千", "color": "white"}, {"image": Size(8, 8)})


def test_accents_greek_and_cyrillic_are_letters_like_others() -> None:
    derived = derive("lettering", {"text": "Süße Grüße, Γειά, Привет", "color": "gold"}, {"image": Size(8, 8)})
    assert derived.values == {"ink": "#d4a017"}
