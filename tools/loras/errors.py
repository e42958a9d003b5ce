"""The errors of LoRAs.

Problem
├── UnknownLora     a tag names none that the person can use
├── BadLoraTag      a tag that cannot be read
└── BadLora         the description of a LoRA makes no sense
"""

from __future__ import annotations

from base.errors import InvalidInput


class UnknownLora(InvalidInput):
    """There is no LoRA of that name."""

    code = "unknown_lora"
    title = "Unknown LoRA"
    action = "Look at the list of LoRAs, or leave the tag out."


class BadLoraTag(InvalidInput):
    """A LoRA tag cannot be read."""

    code = "bad_lora_tag"
    title = "Tag not understood"
    action = "Write it as <lora:name> or <lora:name:0.8>."


class BadLora(InvalidInput):
    """This description of a LoRA makes no sense."""

    code = "bad_lora"
    title = "LoRA refused"
    action = "Correct the named field and send it again."
