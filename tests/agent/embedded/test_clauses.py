"""Where one request ends and the next begins."""

from __future__ import annotations

import pytest

from agent.embedded.clauses import MOST, Clause, split


@pytest.mark.parametrize(
    ("said", "clauses"),
    [
        ("make this black and white and crop it square", ["make this black-and-white", "crop it square"]),
        ("draw a cat and a dog", ["draw a cat and a dog"]),
        ("a castle, a river and a bridge", ["a castle, a river and a bridge"]),
        ("blur it, then sharpen it", ["blur it", "sharpen it"]),
        ("draw a dog next to it", ["draw a dog next to it"]),
        ("more contrast and a bit warmer", ["more contrast", "a bit warmer"]),
        (
            "a dragon on a hill, and what did the last one cost?",
            ["a dragon on a hill", "what did the last one cost?"],
        ),
        ("make it brighter\ncrop it square", ["make it brighter", "crop it square"]),
        ("1. make it brighter\n2. crop it square", ["make it brighter", "crop it square"]),
        ("perfect. upscale it", ["upscale it"]),
        ("draw St. Paul's at night", ["draw St. Paul's at night"]),
        ("actually, stop that", ["stop that"]),
        ("a painting of salt and pepper", ["a painting of salt-and-pepper"]),
        ("blur A1 and A3", ["blur A1 and A3"]),
        (
            "make the first one blue and the third one brighter",
            ["make the first one blue", "the third one brighter"],
        ),
        ("this is my dog, make him wear a hat", ["this is my dog", "make him wear a hat"]),
        ("rotate it, flip it and upscale it 2x", ["rotate it", "flip it", "upscale it 2x"]),
        ("a man who likes to make things and sell them", ["a man who likes to make things and sell them"]),
        ("fog, more fog", ["fog", "more fog"]),
        ("", [""]),
        ("...", ["..."]),
    ],
)
def test_a_message_is_cut_into_its_requests(said: str, clauses: list[str]) -> None:
    assert [clause.text for clause in split(said)] == clauses


def test_what_comes_after_then_says_so() -> None:
    assert split("draw a cat, then make it red and blur it") == [
        Clause("draw a cat"), Clause("make it red", then=True), Clause("blur it"),
    ]  # fmt: skip


def test_a_text_in_very_many_pieces_is_one_description() -> None:
    text = "The hall is dark. " * (MOST + 1)
    assert [clause.text for clause in split(text)] == [text.strip()]
