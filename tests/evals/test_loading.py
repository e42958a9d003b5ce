"""A suite is read as a person means it, and what is wrong in it is named by file and case."""

from __future__ import annotations

import pytest

from evals import cases, yamls
from evals.errors import SuiteBroken
from evals.model import Case

SCENES = cases.parse_scenes("fox:\n  shown: [{handle: A1, tool: text_to_image, params: {seed: 11}}]\n")


def parsed(text: str) -> tuple[Case, ...]:
    return cases.parse("made-up", text, SCENES)


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    assert yamls.load("{on: [A1], ratio: 16:9, day: 2026-01-01, no: yes, x: 0x10, y: true, z: null, f: 1.5, n: 1_000}") == {
        "on": ["A1"], "ratio": "16:9", "day": "2026-01-01", "no": "yes", "x": "0x10", "y": True, "z": None, "f": 1.5,
        "n": "1_000",
    }  # fmt: skip


def test_a_scene_gives_what_the_case_does_not_say() -> None:
    (case,) = parsed("- {name: n, scene: fox, text: hi, expect: {on: [A1]}}")

    assert case.shown[0].params == {"seed": 11}
    assert case.dialogue()[0].expect.on == ("A1",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {name: odd, text: hi, expect: {kinds: [make]}}", r"made-up\.yaml, case odd: expect\.kinds\.0"),
        ("- {name: odd, text: hi, expect: {}, extra: 1}", "case odd: extra"),
        ("- {name: odd, text: hi}", "either text and expect, or turns"),
        ("- {name: odd, text: hi, expect: {}, turns: [{text: a, expect: {}}]}", "either text and expect, or turns"),
        ("- {name: odd, text: hi, attached: [A7], expect: {}}", "A7 is not shown"),
        ("- {name: odd, text: hi, shown: [{tool: a}], expect: {}}", "names of its own"),
        ("- {name: odd, text: hi, scene: moon, expect: {}}", "no scene called moon"),
        ("- {name: odd, text: hi, expect: {}, alt: [{kind: [chat]}]}", "kind"),
        ("- {text: hi, expect: {}}", "case number 1: name"),
        ("- {name: odd, text: a, expect: {}}\n- {name: odd, text: b, expect: {}}", "another case has this name"),
        ("- {name: odd, name: even, text: a, expect: {}}", "line 1: the key name stands twice"),
        ("- [odd", "line"),
        ("name: odd", "not a list"),
        ("- odd", "entry 1 is not a case"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(SuiteBroken, match=message):
        parsed(text)


def test_a_broken_scene_is_named() -> None:
    with pytest.raises(SuiteBroken, match=r"scenes\.yaml, moon: shown\.0\.handle"):
        cases.parse_scenes("moon: {shown: [{handle: B1}]}")


def test_the_hash_is_of_what_is_asked_and_expected() -> None:
    texts = ("{name: a, text: hi, expect: {}}", "{name: b, tags: [t], note: why, text: hi, expect: {}}")
    one, other = (parsed(f"- {text}")[0] for text in texts)
    (changed,) = parsed("- {name: a, text: hi, expect: {asks: true}}")

    assert one.hash() == other.hash() != changed.hash()


def test_a_question_in_place_of_a_plan_needs_no_plan() -> None:
    (case,) = parsed(
        "- {name: n, text: hi, expect: {kinds: [chat], steps: [{tool: blur}], kept: [seed]}, alt: [{asks: true}]}"
    )
    other = case.dialogue()[0].right_answers()[1]

    assert (other.asks, other.steps, other.kept, other.kinds) == (True, None, None, ("chat",))


def test_a_case_survives_the_journal() -> None:
    (case,) = parsed("- {name: n, scene: fox, text: hi, expect: {on: [[A1], []], reply: [free, [a, b]]}, alt: [{on: []}]}")

    assert Case.model_validate(case.model_dump(mode="json", exclude_defaults=True)) == case
