"""Values are bound by name, and nothing else in a template is syntax."""

from __future__ import annotations

from tools.graph import bind, names
from tools.model import Implementation


def test_a_text_that_begins_with_a_dollar_sign_is_written_with_two() -> None:
    inputs = {"text": "$prompt", "price": "$$5 each", "link": ["2", 0]}
    template = Implementation(name="core", graph={"1": {"class_type": "Any", "inputs": inputs}}, outputs={})
    assert names(template) == {"prompt"}
    bound = bind(template, {"prompt": "$$ and $negative"}).graph["1"]["inputs"]
    assert bound == {"text": "$$ and $negative", "price": "$5 each", "link": ["2", 0]}
