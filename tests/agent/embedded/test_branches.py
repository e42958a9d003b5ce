"""One request that is several: on the same picture, each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded.branches import MOST, unrolled
from agent.embedded.clauses import split


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("one blurred and one in sepia", ["make it blurred", "in sepia"]),
        ("give me a lighter one, a darker one and one without colour", ["make it lighter", "make it darker", "without colour"]),
        ("a cool version and a warm version", ["make it cool", "make it warm"]),
        ("resize it to 90, 60 and 30 pixels", ["resize it to 90 pixels", "resize it to 60 pixels", "resize it to 30 pixels"]),
        ("two sizes: 640 and 320 wide", ["resize it to 640 wide", "resize it to 320 wide"]),
        ("blurred and mirrored, separately", ["blurred", "mirrored"]),
        ("flip it vertically and horizontally, as separate files", ["flip it vertically", "flip it horizontally"]),
        ("a stork, once in ink, once in pastel", ["a stork in ink", "a stork in pastel"]),
        ("the same jug in pink, in grey and in white", ["the same jug in pink", "the same jug in grey", "the same jug in white"]),
        ("the pond in winter and summer", ["the pond in winter", "the pond in summer"]),
        ("one per season", [f"the same but in {name}" for name in ("spring", "summer", "autumn", "winter")]),
        ("a version in each: gold, silver", ["the same but in gold", "the same but in silver"]),
        ("two badges: one that says IN and one that says OUT", ["draw a badge that says IN", "draw a badge that says OUT"]),
        ("in two sizes", ["resize it to 50 %", "resize it to 25 %"]),
    ],
)  # fmt: skip
def test_each_piece_is_a_request_of_its_own(said: str, pieces: list[str]) -> None:
    assert unrolled(said) == pieces


@pytest.mark.parametrize(
    "said",
    [
        "draw a hen and a goat", "a red and a blue kite", "make it brighter and warmer", "a clock between 10 and 12",
        "one of the two",
        "a castle in green and gold light", "two boats at dusk", "four pictures of a mill", "crop A1 and A2", "1024x768",
    ],
)  # fmt: skip
def test_one_picture_with_several_things_is_one_request(said: str) -> None:
    assert unrolled(said) is None


def test_branches_start_where_the_first_one_started() -> None:
    assert [(c.text, c.then, c.apart) for c in split("draw a mill, then one in sepia and one in blue")] == [
        ("draw a mill", False, False), ("in sepia", True, False), ("in blue", False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("before you crop it square, blur it", ["blur it", "crop it square"]),
        ("a hut -> sepia -> crop it square", ["a hut", "sepia", "crop it square"]),
        ("too much, a bit less", ["a bit less"]),
    ],
)
def test_requests_come_in_the_order_in_which_they_are_to_be_done(said: str, pieces: list[str]) -> None:
    assert [clause.text for clause in split(said)] == pieces


@given(st.text(max_size=120))
def test_any_words_are_few_pieces_with_words_in_them(said: str) -> None:
    pieces = unrolled(said)
    assert pieces is None or (1 < len(pieces) <= MOST and all(pieces))
