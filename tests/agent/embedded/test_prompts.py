"""A prompt after a change: what is named is different, the rest is word for word what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.embedded.prompts import edited, style_of, without

OWL = "an owl on a fence, etching, moonlight"


@pytest.mark.parametrize(
    ("prompt", "said", "prompt_then", "negative"),
    [
        ("a goat with a bell on a meadow", "without the bell", "a goat on a meadow", "bell"),
        ("a baker, busy shop", "remove the shop, bare plaster behind her", "a baker, bare plaster behind her", "shop"),
        ("a plaza, tourists, pigeons", "no tourists", "a plaza, pigeons", "tourists"),
        ("a plaza at noon", "get rid of the fountain", "a plaza at noon", "fountain"),
        ("a barn at noon", "same but at dusk", "a barn, at dusk", ""),
        ("a barn, watercolor", "pencil drawing", "a barn, pencil drawing", ""),
        ("a pencil drawing of a barn", "as an oil painting", "an oil painting of a barn", ""),
        ("a knight in the rain", "in the fog", "a knight, in the fog", ""),
        ("a goat on a meadow", "a llama instead", "a llama on a meadow", ""),
        ("portrait of a smith, film photo", "make it a tailor", "portrait of a tailor, film photo", ""),
        ("a goat and a hen in a yard", "swap the hen for a duck", "a goat and a duck in a yard", ""),
        ("a goat in a yard", "a duck instead of the goat", "a duck in a yard", ""),
        ("a red boat on a lake", "make the boat yellow", "a yellow boat on a lake", ""),
        ("a boat on a lake", "the boat should be yellow", "a yellow boat on a lake", ""),
        ("a green enamel jug", "in pink", "a pink enamel jug", ""),
        ("a judge in a wig, looking bored", "make him smile", "a judge in a wig, smile", ""),
        ("a boat on a lake", "add a heron", "a boat on a lake, with a heron", ""),
        ("a boat on a lake", "make the water still", "a boat on a lake, still water", ""),
        ("a cat and a cup", "swap the cat for a crow, keep the cup", "a crow and a cup", ""),
        ("", "as a watercolor, please", "a watercolor, please", ""),
    ],
)
def test_only_what_is_named_changes(prompt: str, said: str, prompt_then: str, negative: str) -> None:
    change = edited(prompt, said)
    assert (change.prompt, change.negative) == (prompt_then, negative)


def test_a_night_in_a_knight_is_no_time_of_day() -> None:
    assert edited("a knight on a hill", "at dawn").prompt == "a knight on a hill, at dawn"


@pytest.mark.parametrize(
    ("prompt", "style"), [(OWL, "etching, moonlight"), ("an owl", ""), ("an ink drawing of an owl", "an ink drawing")]
)
def test_a_style_is_what_does_not_say_what_is_there(prompt: str, style: str) -> None:
    assert style_of(prompt) == style


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_words_leave_a_prompt(prompt: str, said: str) -> None:
    change = edited(prompt, said)
    assert isinstance(change.prompt, str)
    assert len(change.prompt) <= len(prompt) + len(said) + 20


@given(st.sampled_from(["goat", "bell", "meadow", "kite", "goats"]))
def test_taking_out_what_is_not_there_changes_nothing(what: str) -> None:
    assert without("a harbour, ships, gulls", what) == "a harbour, ships, gulls"
