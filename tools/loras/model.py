"""The types of LoRAs. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools.registry.checking import is_plain_path
from tools.registry.families import FAMILIES
from tools.registry.model import Commercial

LIGHTEST, HEAVIEST = -2.0, 2.0
"""Beyond these a picture falls apart."""
MOST = 6
"""As many LoRAs one step may load."""
PARAM = "loras"
"""The parameter of a step that lists what its prompt's tags load. Composing fills it in; nobody else sets it."""

Words = Annotated[str, Field(min_length=1, max_length=80)]


class Visibility(StrEnum):
    """Who may use it."""

    PUBLIC = "public"
    PROPOSED = "proposed"
    """Private still; its owner asked that everybody may."""
    PRIVATE = "private"


class Lora(BaseModel):
    """A LoRA that somebody may use. `name` is what stands in a tag."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    title: Words
    file: str = Field(max_length=255)
    """As ComfyUI names it beneath `models/loras`."""
    base: str
    """Family of the models that it fits."""
    triggers: tuple[Words, ...] = Field((), max_length=12)
    """Words that call it when they stand in a prompt; none: it is called by its tag alone."""
    weight: float = Field(1.0, ge=LIGHTEST, le=HEAVIEST)
    cover: str | None = Field(None, max_length=300)
    """A picture that shows what it does: the id of an asset, or an address."""
    visibility: Visibility = Visibility.PUBLIC
    owner: str | None = None
    licence: str | None = None
    commercial: Commercial = Commercial.UNKNOWN
    source: str | None = None
    """Its address."""

    @field_validator("file")
    @classmethod
    def _is_plain(cls, file: str) -> str:
        if not is_plain_path(file):
            raise ValueError("a file beneath models/loras")
        return file

    @field_validator("base")
    @classmethod
    def _is_known(cls, base: str) -> str:
        if base not in FAMILIES:
            raise ValueError("a base family")
        return base

    @field_validator("triggers")
    @classmethod
    def _have_words(cls, triggers: tuple[str, ...]) -> tuple[str, ...]:
        if any(not re.search(r"\w", trigger) or re.search(r"[<>\n]", trigger) for trigger in triggers):
            raise ValueError("triggers are words")
        return triggers


    def holds(self, words: str) -> bool:
        """Whether it is told by all these words."""
        text = " ".join((self.name, self.title, self.base, *self.triggers)).lower()
        return all(word in text for word in words.lower().split())


class LoraUse(BaseModel):
    """A LoRA within a step: everything that loading it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    weight: float = Field(ge=LIGHTEST, le=HEAVIEST, allow_inf_nan=False)


def uses(params: Any) -> tuple[LoraUse, ...]:
    """What a step's parameters say of LoRAs. Raises ValueError for anything that is no such list."""
    listed = params.get(PARAM) or ()
    if not isinstance(listed, list | tuple) or len(listed) > MOST:
        raise ValueError("a list of LoRAs")
    return tuple(LoraUse.model_validate(entry) for entry in listed)


def slug(title: str) -> str:
    """`My Style (v2)` -> `my-style-v2`; empty where nothing of it can stand in a tag."""
    return re.sub(r"[^a-z0-9.]+", "-", title.lower()).strip("-.")[:64].strip("-.")
