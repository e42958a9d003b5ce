"""Reading an answer while it comes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.parse import Reading, Unusable
from tests.agent.llm.builders import creation


def reading(text: str) -> Reading:
    made = Reading()
    made.add(text)
    return made


def test_the_parts_are_there_with_the_first_letter_of_the_reply_and_not_before() -> None:
    text = json.dumps(creation())
    begun = text.index('"reply": "') + len('"reply": "')
    assert reading(text[:begun]).head() is None
    head = reading(text[: begun + 1]).head()
    assert head is not None
    assert head.steps[0].params == {"prompt": "a walrus"}


@given(reply=st.text(min_size=1), ascii_only=st.booleans())
def test_a_reply_only_ever_grows(reply: str, ascii_only: bool) -> None:
    text = json.dumps(creation(reply=reply), ensure_ascii=ascii_only)
    made, spoken = Reading(), ""
    for letter in text:
        made.add(letter)
        assert made.reply().startswith(spoken)
        spoken = made.reply()
    assert spoken == reply


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a JSON object"), ("sorry", "not a JSON object"), ("[1]", "not a JSON object"), ('{"a": ]}', "not valid JSON"),
        ("{}", "intents: Field required"),
        (json.dumps(creation(intents=[{"kind": "create", "confidence": "high"}])), "confidence"),
        (json.dumps(creation(steps=[{"id": "s1", "tool": "x", "params": [1]}])), "each entry is a text name=value"),
        (json.dumps(creation(steps=[{"id": "s1", "tool": "x", "params": [{"name": "a", "value": [1]}]}])), "params"),
        (json.dumps(creation(steps=[{"id": "s1", "tool": "x", "inputs": [{"from": "A1", "to": "x"}]}])), "each entry is a text"),
    ],
)  # fmt: skip
def test_what_has_not_the_form_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Unusable) as raised:
        reading(text).whole()
    assert any(reason in said for said in raised.value.reasons), raised.value.reasons


def test_a_refusal_is_known_before_the_reply_has_ended() -> None:
    text = json.dumps(creation(intents=[{"kind": "dance"}]))
    with pytest.raises(Unusable):
        reading(text[:-5]).head()


def test_nothing_is_quoted_in_the_error_itself() -> None:
    with pytest.raises(Unusable) as raised:
        reading("private words").whole()
    assert "private" not in str(raised.value)
    assert raised.value.__cause__ is None
