"""Which words load which LoRA, and which do not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.loras.shelf_of_loras import (
    ART,
    DISNEY,
    EVERYDAY,
    INK,
    LORAS,
    NEON,
    SDXL,
    codes,
    lora,
    names,
    say,
)
from tools.loras.errors import BadLoraTag, UnknownLora
from tools.loras.model import HEAVIEST, LIGHTEST, MOST, Lora, slug
from tools.loras.resolving import Loras, Step
from tools.loras.tags import tags, without_tags, written

SAID = ["a", "portrait", "disney", "style", "in", "dream", "no", "ink", "art", "cartoon", "neon", "glow", "the", "of", ",", '"']
WORDS = st.lists(st.sampled_from(SAID), max_size=12).map(" ".join)


def test_a_trigger_becomes_a_tag_before_its_lead_in() -> None:
    found = say("portrait in disney style")
    assert found.text == "portrait <lora:disney-v3:1.0> in disney style"
    assert [(use.name, use.file, use.weight) for use in found.loras] == [("disney-v3", "disney_v3.safetensors", 1.0)]
    assert found.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "portrait in Disney Style", "portrait, DISNEY STYLE!", "portrait (disney style)", "a disney-style portrait",
        "portrait in the disney style", "disney  style portrait", "disney_style", "no text, in disney style",
        "a street with no cars in disney style", "it's a don in disney style", "rock 'n' roll in disney style",
    ],
)  # fmt: skip
def test_case_hyphens_and_punctuation_around_do_not_matter(text: str) -> None:
    assert names(say(text)) == ["disney-v3"]


@pytest.mark.parametrize(
    "text",
    [
        "portrait", "disneystyle", "predisney style", "disney styles2", "disney, style", "disney. Style matters",
        'the words "disney style" on a wall', "the words “disney style”", "the words 'in disney style'", "`disney style`",
        "no disney style", "not in disney style", "without any disney style", "never use the disney style",
        "don't make it in disney style", "instead of disney style", "anything except disney style",
    ],
)  # fmt: skip
def test_parts_of_words_quotes_and_negations_call_nothing(text: str) -> None:
    found = say(text)
    assert (names(found), found.text) == ([], text)


def test_the_longest_trigger_wins() -> None:
    assert say("portrait in dream disney style").text == "portrait <lora:dream-disney:0.7> in dream disney style"


def test_art_is_not_in_cartoon_and_several_triggers_work() -> None:
    assert names(say("cartoon of a partly heart")) == []
    assert names(say("in the style of art, in disney style")) == ["art-deco", "disney-v3"]


@pytest.mark.parametrize(
    "text", ["a fox in ink style", "ink style fox", "a fox in the style of ink", "fox, ink aesthetic", "fox with lora ink"]
)
def test_an_everyday_word_calls_as_a_style(text: str) -> None:
    assert names(say(text)) == ["ink"]


@pytest.mark.parametrize("text", ["a bottle of ink", "ink on paper", "ink, style", "an octopus makes ink in style"])
def test_an_everyday_word_calls_nothing_otherwise(text: str) -> None:
    assert names(say(text)) == []


def test_how_to_mean_it_is_said_once_in_a_while() -> None:
    said = say("a bottle of ink")
    assert [w.message for w in said.warnings] == ['Say "in ink style" to use your LoRA ink.']
    assert codes(say("a bottle of ink", recent=["an ink well", "more"])) == []
    assert codes(say("a bottle of ink", recent=["an ink well", *["more"] * 6])) == ["lora_hint"]
    assert codes(say("modern art")) == []  # nobody's own: no advertising


def test_a_rare_word_alone_calls() -> None:
    assert names(say("a zrkl vase", Loras((lora("z", "zrkl"),), EVERYDAY))) == ["z"]


@pytest.mark.parametrize(
    ("text", "weight", "kept"),
    [
        ("<lora:disney-v3>", 1.0, "<lora:disney-v3:1.0>"),
        ("<lora:disney-v3:0.8>", 0.8, "<lora:disney-v3:0.8>"),
        ("<LoRA: Disney_V3 : .85 >", 0.85, "<lora:disney-v3:0.85>"),
        ("<lora:disney-v3:-1>", -1.0, "<lora:disney-v3:-1.0>"),
        ("<lora:dream-disney>", 0.7, "<lora:dream-disney:0.7>"),
    ],
)
def test_a_person_may_write_the_tag(text: str, weight: float, kept: str) -> None:
    found = say(f"fox {text}")
    assert (found.text, found.loras[0].weight) == (f"fox {kept}", weight)


def test_a_weight_beyond_reason_is_held_with_a_word() -> None:
    found = say("fox <lora:disney-v3:9>")
    assert found.loras[0].weight == HEAVIEST
    assert "held at 2" in found.warnings[0].message


def test_a_tag_and_its_trigger_load_once_and_a_second_tag_goes() -> None:
    found = say("<lora:disney-v3:0.5> fox in disney style <lora:disney-v3:1>")
    assert (found.text, len(found.loras), found.loras[0].weight) == ("<lora:disney-v3:0.5> fox in disney style", 1, 0.5)


def test_an_unknown_tag_names_the_nearest() -> None:
    with pytest.raises(UnknownLora) as caught:
        say("<lora:disny-v3:1>")
    assert caught.value.facts["nearest"][0] == "disney-v3"
    assert "disney-v3" in caught.value.next_step
    with pytest.raises(UnknownLora):
        say("<lora:qqqq>")


@pytest.mark.parametrize(
    "text", ["<lora:>", "<lora::1>", "<lora:disney-v3:heavy>", "<lora:disney-v3:nan>", "<lora:disney-v3:inf>", "<lora:disney-v3"]
)
def test_a_tag_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadLoraTag):
        say(text)


def test_only_so_many_at_once() -> None:
    many = Loras(tuple(lora(f"l{n}") for n in range(MOST + 1)))
    with pytest.raises(BadLoraTag):
        say(" ".join(f"<lora:l{n}>" for n in range(MOST + 1)), many)


@pytest.mark.parametrize("text", ["a street with neon glow", "a street <lora:neon>"])
def test_one_of_another_family_is_explained_with_what_would_take_it(text: str) -> None:
    found = say(text)
    assert (names(found), codes(found)) == ([], ["lora_unfit"])
    assert "made for flux1" in found.warnings[0].message
    assert "FLUX.1 dev would take it" in found.warnings[0].message
    assert "<lora" not in found.text


def test_a_sketch_has_no_model_to_load_it_into() -> None:
    sketch = Step("Text to image", None)
    assert say("portrait in disney style", step=sketch).warnings == ()
    assert codes(say("portrait <lora:disney-v3>", step=sketch)) == ["lora_unfit"]


def test_of_several_with_one_trigger_the_own_and_the_fitting_come_first() -> None:
    mine, theirs = lora("mine", "glass look", owner="me"), lora("theirs", "glass look")
    other = lora("other", "glass look", base="flux1", owner="me")
    assert names(say("a glass look", Loras((mine, theirs)))) == ["mine"]
    assert names(say("a glass look", Loras((other, theirs)))) == ["theirs"]


def test_what_no_server_has_is_left_out_when_only_words_called_it() -> None:
    found = say("portrait in disney style", has=lambda _file: False)
    assert (names(found), codes(found), found.text) == ([], ["lora_missing"], "portrait in disney style")
    assert names(say("<lora:disney-v3>", has=lambda _file: False)) == ["disney-v3"]  # asked for: its absence is told as a gap
    two = Loras((lora("here", "glass look"), lora("away", "glass look")))
    assert names(say("a glass look", two, has=lambda file: file == "here.safetensors")) == ["here"]


def test_a_file_is_a_name_too_and_the_own_stands_above() -> None:
    assert LORAS.named("disney_v3") == DISNEY
    mine = lora("disney-v3", "x", owner="me")
    assert Loras((mine, DISNEY)).named("disney-v3") == mine


def test_an_encoder_reads_no_tag() -> None:
    assert without_tags("portrait <lora:disney-v3:1.0> in disney style") == "portrait in disney style"
    assert without_tags("<lora:a:1> fox, <lora:b:1>") == "fox,"
    assert without_tags("a  plain   text") == "a  plain   text"


@given(WORDS)
def test_applying_twice_is_applying_once(text: str) -> None:
    once = say(text)
    twice = say(once.text)
    assert (twice.text, twice.loras) == (once.text, once.loras)


@given(WORDS)
def test_every_word_of_the_person_stays(text: str) -> None:
    assert without_tags(say(text).text).split() == text.split()


@given(WORDS)
def test_what_is_loaded_is_what_the_tags_say(text: str) -> None:
    found = say(text)
    assert [(tag.name, tag.weight) for tag in tags(found.text)] == sorted(
        ((use.name, use.weight) for use in found.loras), key=lambda pair: found.text.index(f"<lora:{pair[0]}:")
    )


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused_typed(text: str) -> None:
    try:
        found = say(text)
    except (BadLoraTag, UnknownLora):
        return
    assert all(LIGHTEST <= use.weight <= HEAVIEST for use in found.loras)


@given(st.text(alphabet="abcdefgh ink", max_size=40))
def test_a_trigger_within_a_longer_word_never_calls(text: str) -> None:
    whole = re.search(r"(?<!\w)ink(?!\w)", text)
    assert whole is not None or names(say(text, Loras((INK,)))) == []


@given(st.floats(LIGHTEST, HEAVIEST), st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,20}\Z"))
def test_a_written_tag_is_read_again(weight: float, name: str) -> None:
    (tag,) = tags(written(name, weight))
    assert tag.name == name
    assert tag.weight == pytest.approx(weight, abs=0.006)


@given(st.lists(st.sampled_from([INK, DISNEY, ART, NEON]), unique_by=lambda found: found.name), WORDS)
def test_what_is_not_on_the_shelf_never_fires(shelf: list[Lora], text: str) -> None:
    assert set(names(say(text, Loras(tuple(shelf), EVERYDAY), SDXL))) <= {found.name for found in shelf}


def test_a_title_becomes_a_name() -> None:
    assert slug("My Style (v2.1)!") == "my-style-v2.1"
    assert slug("   ") == ""
