"""Slips of the finger are mended, other languages are answered in kind, and neither is seen where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded.clauses import split
from agent.embedded.languages import honest, language
from agent.embedded.spelling import mended, slips
from tools.service import common_words


def known(word: str) -> bool:
    return word in common_words()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mkae it brihgter pls", "make it brighter please"),
        ("crpo A3 squre", "crop A3 square"),
        ("teh frist one, but drker", "the first one, but darker"),
        ("gimme a kitten w/o a collar", "give me a kitten without a collar"),
        ("can u sharpne it", "can you sharpen it"),
        ("make itwarmer andblur it", "make it warmer and blur it"),
        ("genrate a kaiju", "generate a kaiju"),
        ("ｂｌｕｒ it", "blur it"),
    ],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert mended(typed, known) == meant


@pytest.mark.parametrize(
    "typed",
    [
        'write "teh ende" on it', "draw a brigther", "add a hta", "a wyvern over Nuremberg", "paint a shrapen figurine",
        "a dude on a bike", "make it scarier", "A12", "#3", "IMG_2041.jpg", "portrait of Crop Coulson",
        "a koi pond", "more film noir",
    ],
)  # fmt: skip
def test_quotes_names_and_what_is_to_be_seen_stay_as_they_are(typed: str) -> None:
    assert mended(typed, known) == typed


@given(st.text(max_size=80))
def test_mending_never_raises_and_is_done_once(typed: str) -> None:
    once = mended(typed, known)
    assert mended(once, known) == once


@pytest.mark.parametrize(
    ("a", "b", "distance"), [("mkae", "make", 1), ("crop", "crop", 0), ("abc", "xyz", 3), ("a", "abcd", 3)]
)
def test_a_slip_is_a_letter_more_less_wrong_or_exchanged(a: str, b: str, distance: int) -> None:
    assert slips(a, b, 2) == distance


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("hazlo más brillante", "es"), ("un gato rojo", "es"), ("hola", "es"), ("más oscuro", "es"),
        ("mach es heller", "de"), ("ein Hund im Schnee", "de"), ("dunkler bitte", "de"),
        ("dessine un renard", "fr"), ("rends-la plus lumineuse", "fr"), ("merci", "fr"),
        ("faça uma cidade à noite", "pt"), ("deixe mais claro", "pt"), ("нарисуй лису", "ru"), ("画一只狐狸",
        "zh"), ("狐を描いて", "ja"),
        ("disegna una volpe", "it"), ("teken een vos", "nl"), ("ارسم ثعلبا", "other"),
    ],
)  # fmt: skip
def test_a_language_is_known_by_a_few_words(text: str, tongue: str) -> None:
    assert language(text) == tongue


@pytest.mark.parametrize(
    "text",
    [
        "paint the café Le Chat Noir", "Bauhaus poster", "a baroque casa in Mexico", "la la land poster",
        "El Gato con Botas", "no", "piñata",
        "male model portrait", "remove the chat window", "write “feliz cumpleaños mi amor” on it",
        "clair de lune", "das Boot film still",
        "make it more plus size", "le mans car race", "a dachshund named Fritz", "",
    ],
)  # fmt: skip
def test_english_with_foreign_names_is_english(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [("mach es heller", "Englisch"), ("hazlo azul", "inglés"), ("画一只狐狸", "英文"), ("ارسم", "English")],
)
def test_what_is_needed_is_said_in_the_same_language(text: str, word: str) -> None:
    assert word in honest(text)
    assert "STATIONTHIS_MODEL" in honest(text)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "I'm so sorry to bother you, but could you crop it, if it isn't too much trouble?",
            ["could you crop it?"],
        ),
        ("draw a mule. no wait, a zebra", ["draw a mule.", "a zebra"]),
        ("1) rotate it 2) blur it", ["rotate it", "blur it"]),
        ("I pondered a while. Long story short, just flip it", ["I pondered a while.", "flip it"]),
        ("sharpen it as soon as it is ready", ["sharpen it"]),
    ],
)
def test_what_asks_for_nothing_is_left_out(said: str, asked: list[str]) -> None:
    assert [clause.text for clause in split(said)] == asked
