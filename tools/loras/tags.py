"""Tags in a prompt: `<lora:name>` or `<lora:name:0.8>`. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from tools.loras.errors import BadLoraTag

TAG = re.compile(r"<\s*lora\s*:([^<>]*)>", re.IGNORECASE)
_OPEN = re.compile(r"<\s*lora\s*:", re.IGNORECASE)
_BEFORE_COMMA = re.compile(rf"[ \t]*(?:{TAG.pattern})(?=[ \t]*,)", TAG.flags)


@dataclass(frozen=True)
class Tag:
    """Where it stands and what it says; no weight: the LoRA's own."""

    start: int
    end: int
    name: str
    weight: float | None


def tags(text: str) -> list[Tag]:
    """The tags of a text in order. Raises BadLoraTag for one that cannot be read."""
    found = [_tag(match) for match in TAG.finditer(text)]
    if len(found) != len(_OPEN.findall(text)):
        raise BadLoraTag("A LoRA tag has no end.")
    return found


def written(name: str, weight: float) -> str:
    """The one form of a tag: `<lora:disney-v3:1.0>`."""
    number = f"{weight:.2f}".rstrip("0")
    return f"<lora:{name}:{number}0>" if number.endswith(".") else f"<lora:{name}:{number}>"


def without_tags(text: str) -> str:
    """The text as an encoder shall read it, with the room closed that the tags leave."""
    if not _OPEN.search(text):
        return text
    return re.sub(r"[ \t]{2,}", " ", TAG.sub(" ", _BEFORE_COMMA.sub("", text))).strip(" \t")


def _tag(match: re.Match[str]) -> Tag:
    name, colon, number = (part.strip() for part in match[1].partition(":"))
    if not name:
        raise BadLoraTag("A LoRA tag names none.")
    try:
        weight = float(number) if colon else None
    except ValueError:
        weight = math.nan
    if weight is not None and not math.isfinite(weight):
        raise BadLoraTag("The weight in a LoRA tag is no number.")
    return Tag(match.start(), match.end(), name, weight)
