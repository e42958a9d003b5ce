"""Numbers, sizes, amounts and politeness, word by word."""

from __future__ import annotations

import pytest

from agent.embedded import words


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("please, can you now blur it, thanks", "blur it"),
        ("Could you make it darker?", "make it darker"),
        ("ok now crop it square please", "crop it square"),
        ("great, then upscale it", "upscale it"),
        ("blur it", "blur it"),
        ("actually, hmm, make it warmer if possible", "make it warmer"),
        ("yes, make it darker", "make it darker"),
        ("I love it, but make it darker", "make it darker"),
        ("next to the house", "next to the house"),
        ("please", "please"),
        ("", ""),
        ("“add a moon” ", '"add a moon"'),
    ],
)
def test_politeness_is_taken_off_and_the_wish_stays(said: str, left: str) -> None:
    assert words.bare(said) == left


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("upscale it 2x", 2), ("x4", 4), ("three times bigger", 3), ("twice the size", 2), ("double it", 2),
        ("half the size", 0.5), ("scale to 50%", 0.5), ("by 150 percent", 1.5), ("1.5x", 1.5),
        ("four times the size", 4), ("bigger", None), ("2-fold", 2), ("1024x768", None),
    ],
)  # fmt: skip
def test_a_factor_is_times_the_sides(said: str, times: float | None) -> None:
    assert words.factor(said) == times


@pytest.mark.parametrize(
    ("said", "ratio"),
    [
        ("crop to 16:9", "16:9"), ("4 by 3", "4:3"), ("square", "1:1"), ("widescreen", "16:9"), ("3/2", "3:2"),
        ("2.39:1", "2.39:1"), ("at 0:00", None), ("1:99", None), ("crop it", None), ("portrait", "2:3"),
    ],
)  # fmt: skip
def test_a_ratio_is_a_shape_that_a_picture_can_have(said: str, ratio: str | None) -> None:
    assert words.ratio(said) == ratio


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("1024x768", (1024, 768)), ("1920 by 1080", (1920, 1080)), ("512 px wide", (512, None)),
        ("800 pixels high", (None, 800)), ("width of 640", (640, None)), ("300 px", (300, None)),
        ("big", (None, None)), ("640 × 480".replace("×", "x"), (640, 480)),
    ],
)  # fmt: skip
def test_pixels_are_read_in_every_order(said: str, size: tuple[int | None, int | None]) -> None:
    assert words.pixels(said) == size


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ("more contrast", 0.35), ("slightly less contrast", -0.18), ("a lot more", 0.65), ("by 20 %", 0.2),
        ("reduce it by 20%", -0.2), ("too bright", -0.35), ("not bright enough", 0.35),
        ("turn the brightness down", -0.35), ("turn down the contrast", -0.35), ("contrast -10", -0.1),
        ("brightness +20%", 0.2), ("a touch", 0.18), ("not so bright", -0.35), ("it isn't very bright", 0.65),
        ("250%", 1.0),
    ],
)  # fmt: skip
def test_an_amount_has_a_direction_and_a_strength(said: str, signed: float) -> None:
    assert words.amount(said).signed == signed


@pytest.mark.parametrize(
    ("said", "many"),
    [
        ("four variations", 4),
        ("3 pictures", 3),
        ("three different pictures of a castle", 3),
        ("two sailboats", None),
        ("a few versions", 3),
        ("cat", None),
    ],
)
def test_a_count_counts_pictures_and_not_what_they_show(said: str, many: int | None) -> None:
    assert words.count(said) == many


@pytest.mark.parametrize(
    ("said", "seed"), [("seed 42", 42), ("with seed=7", 7), ("a seed of 12", 12), ("seeds", None)]
)
def test_a_seed_is_a_number_after_its_name(said: str, seed: int | None) -> None:
    assert words.seed(said) == seed


@pytest.mark.parametrize(
    ("said", "prompt"),
    [
        ("the sea, in 16:9, seed 4", "the sea"), ("a fox, 1024x768", "a fox"), ("a hut, widescreen", "a hut"),
        ("a square table", "a square table"), ("a portrait of a king", "a portrait of a king"),
        ("a lake in portrait format", "a lake"),
    ],
)  # fmt: skip
def test_a_prompt_loses_its_format_and_nothing_else(said: str, prompt: str) -> None:
    assert words.without_format(said) == prompt
