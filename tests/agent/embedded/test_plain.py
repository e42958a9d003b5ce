"""What people say of a picture, in the plain words that the tables know."""

from __future__ import annotations

import pytest

from agent.embedded.plain import said

PLAIN = (
    ("skip the snow", "remove the snow"),
    ("nobody needs that fence", "remove that fence"),
    ("honestly the fence can go", "remove the fence"),
    ("let the otter be a beaver", "replace the otter with a beaver"),
    ("a frozen river would be nice", "add a frozen river"),
    ("ease off on the brightness a tad", "less brightness a tad"),
    ("bump up the clarity", "more sharp"),
    ("it came out a bit dark", "it is a bit too dark"),
    ("give it another spin", "try again"),
    ("do that three more times", "three variations of it"),
    ("follow my description more closely", "higher guidance"),
)
KEPT = (
    "kill the render",
    "scrap that",
    "lose the last change",
    "why is it so dark?",
    "i could use a drawing of a tram",
    "there is absolutely no",
    "draw a fox in the snow",
)


@pytest.mark.parametrize(("sentence", "plain"), PLAIN)
def test_one_verb_stands_for_its_class(sentence: str, plain: str) -> None:
    assert said(sentence) == plain


@pytest.mark.parametrize("sentence", KEPT)
def test_what_is_no_change_of_a_picture_stays_as_it_was(sentence: str) -> None:
    assert said(sentence) == sentence
